# SPDX-License-Identifier: Apache-2.0
# Types the engine's module; `wpclone.rewrite.native` is the only one who imports it.

from typing import Protocol, TypeAlias

Atom: TypeAlias = bytes | tuple[list[bytes], list[tuple[int, bytes]], int | None] | None
Sought: TypeAlias = tuple[list[list[Atom]], bytes | None, list[list[Atom]]]
Written: TypeAlias = tuple[bytes, bytes, bytes | None, bytes]
Counted: TypeAlias = tuple[list[int], list[tuple[str, int]]]
Keyed: TypeAlias = tuple[int, int, list[bytes]]
Table: TypeAlias = tuple[int, str, list[str], list[int], Keyed | None, bool, list[bytes] | None]

class Host(Protocol):
    def table(self, quoted: bytes, columns: bytes | None) -> Table: ...
    def learn(self, statement: bytes, whole: bytes) -> bool: ...
    def row(
        self,
        number: int,
        raw: bytes,
        fields: list[tuple[int, int, int, int]],
        changes: list[tuple[int, bytes]],
        backslashes: bool,
    ) -> list[tuple[int, bytes]] | None: ...

class Mapping:
    def __init__(
        self,
        sources: list[Sought],
        wanted: list[Sought],
        targets: list[tuple[Written, Written, Written]],
        plain: list[bytes],
        coded: list[bytes],
        base64: bool,
    ) -> None: ...
    def value(self, data: bytes, place: str) -> tuple[bytes | None, Counted]: ...
    def text(self, data: bytes, place: str) -> tuple[bytes | None, Counted]: ...
    def residuals(self, data: bytes) -> int: ...
    def concerns(self, data: bytes) -> bool: ...

class Stream:
    counts: Counted
    rows: dict[str, int]
    def __init__(self, mapping: Mapping, host: Host) -> None: ...
    def feed(self, chunk: bytes) -> bytes: ...
    def statements(self, chunk: bytes) -> list[bytes]: ...
    def close(self, whole: bool) -> tuple[list[bytes], str | None]: ...
    def filter(self, source: int, sink: int, spool: str, most: int = ...) -> str | None: ...
