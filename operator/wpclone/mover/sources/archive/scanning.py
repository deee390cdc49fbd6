# SPDX-License-Identifier: Apache-2.0
"""Reads a stranger's SQL dump once: which tables, where their rows are, whose site it is.

Nothing of it is run. What is neither a definition, nor rows, nor harmless is named.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError, TruncatedDump
from wpclone.mover.sources.base import Skipped
from wpclone.rewrite import Pair, Rewriter, RowHook, SqlStream, Value, statements

DEFAULT_CHARSET: Final = "utf8mb4"
MOST_TABLES: Final = 5_000
# A statement of a dump is held in memory, and taken apart there.
MOST_STATEMENT: Final = 40_000_000
_MOST_SKIPPED: Final = 1000
# No address is changed while a dump is only read: this one is in no dump, and becomes itself.
_NOBODY: Final = Rewriter([Pair("https://nowhere.invalid", "https://nowhere.invalid")])
_WANTED: Final = frozenset({b"siteurl", b"home", b"blogname"})
_NAMES: Final = re.compile(rb"\bSET\s+NAMES\s+['\"]?(\w+)", re.IGNORECASE)
_HARMLESS: Final = re.compile(
    rb"(?:SET|LOCK|UNLOCK|START|BEGIN|COMMIT|DROP|USE|ANALYZE|OPTIMIZE|DELIMITER"
    rb"|CREATE\s+(?:DATABASE|SCHEMA)|ALTER\s+DATABASE"
    rb"|ALTER\s+TABLE\s+\S+\s+(?:DISABLE|ENABLE)\s+KEYS)\b",
    re.IGNORECASE,
)
_ALTERS: Final = re.compile(
    rb"(?:ALTER\s+TABLE\s+(?:ONLY\s+)?|CREATE\s+(?:UNIQUE\s+|FULLTEXT\s+)?INDEX\s+\S+\s+ON\s+)"
    rb"(`[^`]+`|\S+)",
    re.IGNORECASE,
)
_ODD: Final = re.compile(
    rb"\b(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rb"(?:(?:`[^`]{1,64}`|\w+)\s*\.\s*)?(`[^`]{1,64}`|\w+)",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(rb"/\*M?!\d*(.*?)\*/", re.DOTALL)
_OTHER_QUOTES: Final = re.compile(rb'[(,]\s*+"')


@dataclass(slots=True)
class Found:
    """One table of the dump."""

    name: str
    ddl: bytes = b""
    first: int = 0
    """Where its first row's statement begins."""
    last: int = 0
    """Where its last row's statement ends."""
    rows: int = 0
    bytes: int = 0
    quotes: bool = False
    """Whether some of its values may stand in double quotes."""
    altered: bool = False


@dataclass(slots=True)
class Dump:
    """What a dump holds."""

    tables: dict[str, Found] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """The site's addresses and title, by the table that holds them."""
    charset: str = DEFAULT_CHARSET
    skipped: dict[Skipped, None] = field(default_factory=dict)
    digest: str = ""


class Scanner:
    """Takes a dump in any chunking."""

    def __init__(self) -> None:
        """Begin."""
        self.dump = Dump()
        self._stream = stream(self._keep_option, lambda table: table.endswith("options"))
        self._digest = hashlib.sha256()
        self._at = self._held = 0
        self._begun = False
        self._modes = statements.Modes()

    def feed(self, data: bytes) -> None:
        """Take the next bytes; SourceError if they cannot be taken over."""
        self._digest.update(data)
        self._held += len(data)
        for statement in self._stream.statements(data):
            self._take(statement)
            self._held = 0
        if self._held > MOST_STATEMENT:
            raise SourceError(
                Reason.SOURCE_TOO_LARGE,
                f"A statement of the dump has more than {MOST_STATEMENT / 1e6:,.0f} MB",
            )

    def close(self) -> Dump:
        """Return what the dump holds; SourceError if it ends in a statement."""
        try:
            for statement in self._stream.close():
                self._take(statement)
        except TruncatedDump as error:
            raise SourceError(Reason.SOURCE_LOST, f"The archive's dump is cut: {error}") from None
        self.dump.digest = self._digest.hexdigest()
        for name, rows in self._stream.rows.items():
            if name in self.dump.tables:
                self.dump.tables[name].rows = rows
        return self.dump

    def _take(self, statement: bytes) -> None:
        begin, self._at = self._at, self._at + len(statement)
        start = beginning(statement)
        if head := statements.INSERT.match(statement, start):
            self._rows(statements.name(head["table"]), statement, begin)
        elif created := statements.created(statement, start):
            self._table(created[0]).ddl = statement[start:].rstrip().removesuffix(b";")
        else:
            self._other(statement, start)

    def _rows(self, name: str, statement: bytes, begin: int) -> None:
        found = self._table(name)
        if not found.last:
            found.first = begin
        found.last = self._at
        found.bytes += len(statement)
        found.quotes = found.quotes or _OTHER_QUOTES.search(statement) is not None
        self._begun = True

    def _table(self, name: str) -> Found:
        if len(self.dump.tables) > MOST_TABLES:
            raise unsupported(f"has more than {MOST_TABLES:,} tables")
        return self.dump.tables.setdefault(name, Found(name))

    def _other(self, statement: bytes, start: int) -> None:
        if not self._modes.after(statement):
            raise unsupported("is written for servers with NO_BACKSLASH_ESCAPES")
        if names := _NAMES.search(statement):
            self._speak(names[1].decode().lower())
        said = statement[start:]
        inner = b" ".join(found[1] for found in _COMMENTS.finditer(statement[:start]))
        if said.strip(b"; \r\n\t") and not _HARMLESS.match(said):
            self._skip(said)
        elif odd := _ODD.search(inner):
            self._name(odd)

    def _speak(self, charset: str) -> None:
        if self._begun and charset != self.dump.charset:
            raise unsupported("changes its character set between its rows")
        self.dump.charset = charset

    def _skip(self, said: bytes) -> None:
        if altered := _ALTERS.match(said):
            self._table(statements.name(altered[1].rpartition(b".")[2])).altered = True
        elif odd := _ODD.search(said[:400]):
            self._name(odd)
        else:
            words = b" ".join(said.split(None, 3)[:3])
            self._add(words.decode("utf-8", "replace"), "a statement that is not run")

    def _name(self, odd: re.Match[bytes]) -> None:
        self._add(statements.name(odd[2]), f"one of the {odd[1].decode().lower()}s")

    def _add(self, what: str, why: str) -> None:
        if len(self.dump.skipped) < _MOST_SKIPPED:
            self.dump.skipped[Skipped(clean(what, 120), why)] = None

    def _keep_option(
        self, table: str, columns: tuple[str, ...], values: list[Value]
    ) -> list[Value] | None:
        try:
            key = values[columns.index("option_name")].data
            if key in _WANTED:
                value = values[columns.index("option_value")].data or b""
                options = self.dump.options.setdefault(table, {})
                options[key.decode()] = value.decode("utf-8", "replace")
        except (ValueError, IndexError):
            pass  # another plugin's table, whose name ends likewise
        return values


def stream(on_row: RowHook | None, hooked: Callable[[str], bool]) -> SqlStream:
    """Return a stream that splits a dump into statements, and changes nothing of its own."""
    return SqlStream(_NOBODY, prefix="", on_row=on_row, hooked=hooked)


def beginning(statement: bytes) -> int:
    """Return where a statement begins, behind white space and comments."""
    gap = statements.BETWEEN.match(statement)
    return gap.end() if gap else 0


def unsupported(what: str) -> SourceError:
    """Return the error for a dump that cannot be taken over."""
    return SourceError(Reason.SOURCE_LAYOUT_UNSUPPORTED, f"The archive's dump {what}")
