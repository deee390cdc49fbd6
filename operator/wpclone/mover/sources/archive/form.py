# SPDX-License-Identifier: Apache-2.0
"""Defines the export format, as docs/export-format.md describes it: names and texts, no IO."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from wpclone.api.model import Lenient
from wpclone.api.mover import Inspection
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.base import Skipped

FORMAT: Final = "wpclone-export"
VERSION: Final = 1
MANIFEST: Final = b"manifest.json"
DEFINITION: Final = b"definition.sql"
FILES: Final = b"files/"
DATABASE: Final = b"database/"
INDEX: Final = b"index.jsonl.gz"
END: Final = b"end.json"
BLOCK: Final = 512
# The head of the last member, its text, and the two empty blocks of every tar archive.
TAIL_BYTES: Final = 4 * BLOCK
MOST_MANIFEST: Final = 4 * 1024 * 1024
MOST_LINE: Final = 64 * 1024
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_$-]")


class TableLine(Lenient):
    """What the manifest says of one table."""

    name: str = Field(min_length=1, max_length=64)
    folder: str = Field(pattern=r"^database/[0-9]{4,6}_[A-Za-z0-9_$-]{1,64}/$")
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    definition_sha256: str = Field(pattern="^[0-9a-f]{64}$", alias="definitionSHA256")


class Manifest(Lenient):
    """The first member: what the archive holds, as far as it is known before it is written."""

    format: Literal["wpclone-export"] = FORMAT
    version: int = VERSION
    site: Inspection
    versions: dict[str, str] = Field(default_factory=dict)
    tables: tuple[TableLine, ...] = Field(max_length=99_999)

    def text(self) -> bytes:
        """Return the member; equal manifests have equal texts."""
        return json.dumps(self.to_json(), indent=1, sort_keys=True).encode() + b"\n"


class IndexPlace(Lenient):
    """Where the index is, and what it has to be."""

    offset: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class End(Lenient):
    """The last member: whoever finds it has the whole archive before it."""

    format: Literal["wpclone-export"] = FORMAT
    version: int = VERSION
    index: IndexPlace
    members: int = Field(ge=0)

    def text(self) -> bytes:
        """Return the member, one block long, so that it is found from the archive's end."""
        said = json.dumps(self.to_json(), sort_keys=True).encode()
        return said.ljust(BLOCK - 1) + b"\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the index: a member, where its data is, and what it has to be."""

    name: bytes
    offset: int
    size: int
    sha256: str
    rows: int | None = None
    """How many rows a piece of a table has."""
    mtime: int | None = None
    """When a file was changed last."""

    def text(self) -> bytes:
        """Return the line."""
        said: dict[str, Any] = {"offset": self.offset, "size": self.size, "sha256": self.sha256}
        try:
            said["name"] = self.name.decode("utf-8")
        except UnicodeDecodeError:
            said["nameBase64"] = base64.b64encode(self.name).decode()
        facts = {"rows": self.rows, "mtime": self.mtime}
        said |= {key: value for key, value in facts.items() if value is not None}
        return _line(said)


def skipped_text(skipped: Skipped) -> bytes:
    """Return the line of the index for something that was left out."""
    return _line({"skipped": skipped.what, "why": skipped.why})


def folder(number: int, table: str) -> str:
    """Return the folder of a table: in the order of loading, whatever its name is made of."""
    return f"{DATABASE.decode()}{number:04d}_{_UNSAFE.sub('_', table)}/"


def piece_name(folder_of_table: str, number: int) -> bytes:
    """Return the name of a piece of a table's rows, counted from 1."""
    return f"{folder_of_table}{number:06d}.sql.gz".encode()


def manifest(text: bytes) -> Manifest:
    """Read the manifest; SourceError if there is none that we understand."""
    try:
        found = Manifest.model_validate_json(text)
    except ValidationError:
        raise damaged("its manifest cannot be read") from None
    _understood(found.version)
    return found


def end(text: bytes) -> End:
    """Read the last member; SourceError if it is none."""
    try:
        found = End.model_validate_json(text)
    except ValidationError:
        raise damaged("its last member cannot be read") from None
    _understood(found.version)
    return found


def line(text: bytes) -> Entry | Skipped:
    """Read one line of the index; SourceError if it is none."""
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged("its index cannot be read") from None


def damaged(why: str) -> SourceError:
    """Return the error for an archive that is not as it was written."""
    return SourceError(Reason.SOURCE_LOST, f"The archive is damaged: {why}")


def _read(said: Mapping[str, Any]) -> Entry | Skipped:
    if "skipped" in said:
        return Skipped(str(said["skipped"]), str(said.get("why", "")))
    packed = said.get("nameBase64")
    return Entry(
        base64.b64decode(packed) if packed is not None else said["name"].encode(),
        offset=_count(said["offset"]),
        size=_count(said["size"]),
        sha256=str(said["sha256"]),
        rows=_count(said["rows"]) if "rows" in said else None,
        mtime=_count(said["mtime"]) if "mtime" in said else None,
    )


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _understood(version: int) -> None:
    if version != VERSION:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            f"The archive is written in version {version} of the export format; this mover reads"
            f" version {VERSION}",
        )
