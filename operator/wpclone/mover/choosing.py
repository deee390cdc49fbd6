# SPDX-License-Identifier: Apache-2.0
"""Applies what a person chose of a source: what stays behind, and what else is rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wpclone.api.choices import CORE_TABLES, Content, Uploads
from wpclone.api.mover import Skipped
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions, globs, masking
from wpclone.rewrite import hosts

if TYPE_CHECKING:
    from collections.abc import Collection

    from wpclone.api.choices import Additional
    from wpclone.api.mover import Inspection
    from wpclone.mover.config import Config
    from wpclone.mover.files import Withheld
    from wpclone.mover.sources.base import Source

UPLOADS: Final = b"wp-content/uploads/"
SKIPPED_UPLOADS: Final = "spec.content.uploads is Skip"
_EXCLUDED: Final = "spec.content.exclude names {}"
_EXCLUDED_TABLES: Final = "spec.content.excludeTables names {}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tables and files of one site come along: our own rules, and a person's."""

    content: Content
    prefix: str

    def rows_stay(self, table: str) -> str | None:
        """Return why only a table's structure comes along, or None if its rows do."""
        for pattern in self.content.exclude_tables:
            if _named(pattern, table, self.prefix):
                return _EXCLUDED_TABLES.format(pattern)
        return exclusions.structure_only(table, self.prefix)

    def file_stays(self, path: bytes) -> str | None:
        """Return why a person wants a file to stay behind, or None."""
        return _stays(self.content, path)

    def unmet(self, tables: Collection[str], reasons: Collection[str]) -> list[Skipped]:
        """Name the patterns that fit nothing: most of them are typing mistakes."""
        idle = [
            pattern
            for pattern in self.content.exclude_tables
            if not any(_named(pattern, table, self.prefix) for table in tables)
        ]
        idle += [p for p in self.content.exclude if _EXCLUDED.format(p) not in reasons]
        return [Skipped(what=p, why="nothing: the source has nothing of this name") for p in idle]


def of(config: Config, prefix: str) -> Choice:
    """Return what was chosen for this import of the site under `prefix`."""
    return Choice(config.job.content or Content(), prefix)


def files(config: Config) -> Withheld:
    """Return what says why a file stays behind: it is about people, or a person wants it so."""
    content, personal = config.job.content or Content(), masking.personal(config)
    return lambda path: _stays(content, path) or personal(path)


def counted(seen: Inspection, source: Source, config: Config) -> Inspection:
    """Return the inspection without what stays behind, so that room is made for the rest only."""
    content = config.job.content
    if content is None:
        return seen
    choice = Choice(content, seen.table_prefix)
    tables = source.tables() if content.exclude_tables else ()
    gone = [table for table in tables if choice.rows_stay(table.name)]
    less = {
        "rows": max(0, seen.rows - sum(table.rows for table in gone)),
        "database_bytes": max(0, seen.database_bytes - sum(table.bytes for table in gone)),
    }
    if content.exclude or content.uploads is Uploads.SKIP:
        stay = [file.size for file in source.files() if choice.file_stays(file.path)]
        less["files"] = max(0, seen.files - len(stay))
        less["file_bytes"] = max(0, seen.file_bytes - sum(stay))
    return seen.model_copy(update=less)


def refuse(seen: Inspection, config: Config) -> None:
    """Raise SourceError if what was asked for cannot be done with this source."""
    content = config.job.content or Content()
    for pattern in content.exclude_tables:
        for core in CORE_TABLES:
            if _named(pattern, seen.table_prefix + core, seen.table_prefix):
                raise _refused(
                    f"spec.content.excludeTables: {pattern} matches"
                    f" {seen.table_prefix}{core}, a table of WordPress itself; name only tables"
                    " of plugins"
                )
    own = {_place(url) for url in (seen.home_url, seen.site_url) if url}
    for pair in config.job.additional:
        _refuse_pair(pair, own, config.target_url)
    places = [_place(pair.from_) for pair in config.job.additional]
    for place, pair in zip(places, config.job.additional, strict=True):
        if places.count(place) > 1:
            raise _refused(
                f"spec.rewrite.additional names {clean(pair.from_, 120)} twice: http, https and www"
                " make no difference"
            )


def _refuse_pair(pair: Additional, own: Collection[_Place], target: str) -> None:
    named = clean(pair.from_, 120)
    if _place(pair.from_) in own:
        raise _refused(
            f"spec.rewrite.additional names {named}, the source's own address: it is rewritten"
            " anyway; name only others"
        )
    if _place(pair.from_)[:2] == _place(target)[:2]:
        raise _refused(f"spec.rewrite.additional names {named}, the clone's own address")
    if pair.to and any(_place(pair.to)[:2] == place[:2] for place in own):
        raise _refused(
            f"spec.rewrite.additional would turn {named} into {clean(pair.to, 120)}, an address"
            " of the source: a clone must not lead back to it"
        )


_Place = tuple[str, int | None, str]


def _place(url: str) -> _Place:
    """Return what tells two addresses apart, as the rewriter does: no scheme, no www."""
    try:
        parts = urlsplit(url)
        port = None if parts.port in {80, 443} else parts.port
    except ValueError:
        raise _refused(f"spec.rewrite.additional: {clean(url, 120)} is not an address") from None
    host = hosts.to_ascii((parts.hostname or "").rstrip("."))
    return host.removeprefix("www."), port, parts.path.rstrip("/")


def _named(pattern: str, table: str, prefix: str) -> bool:
    names = (table, table.removeprefix(prefix))
    return any(globs.name_matches(pattern, name) for name in names)


def _stays(content: Content, path: bytes) -> str | None:
    if content.uploads is Uploads.SKIP and path.startswith(UPLOADS):
        return SKIPPED_UPLOADS
    for pattern in content.exclude:
        if globs.path_matches(pattern, path):
            return _EXCLUDED.format(pattern)
    return None


def _refused(sentence: str) -> SourceError:
    return SourceError(Reason.INVALID_SPEC, sentence)
