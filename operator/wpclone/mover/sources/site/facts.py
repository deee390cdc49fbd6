# SPDX-License-Identifier: Apache-2.0
"""Turns the agent's manifest into an Inspection, and refuses what cannot be copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wpclone.api.mover import MAX_EXTENSIONS, AgentPresence, Inspection
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError


def refuse_unsupported(manifest: dict[str, Any]) -> None:
    """Raise the reason if this site cannot be copied, whatever its size."""
    if manifest.get("multisite"):
        raise SourceError(
            Reason.MULTISITE_UNSUPPORTED,
            "The source is a WordPress network (multisite), which cannot be copied yet",
        )
    problems = [clean(str(problem), 120) for problem in manifest.get("layout") or ()]
    if problems:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            f"The source keeps its files or users where they cannot be copied: {problems[0]}",
        )


def versions(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what an update would change: what it is about, and its version."""
    plugins = manifest.get("plugins")
    named = {
        "WordPress": manifest.get("wordpress"),
        "the database": manifest.get("db_version"),
        "the theme": manifest.get("theme"),
        **(plugins if isinstance(plugins, dict) else {}),
    }
    return {clean(str(name), 120): clean(str(version), 120) for name, version in named.items()}


def inspection(
    manifest: dict[str, Any], *, temporary: bool, rows: int, files: int, file_bytes: int
) -> Inspection:
    """Return what the manifest and the lists say, harmless to show.

    Raises SourceLayoutUnsupported where the manifest tells what no site can be.
    """
    try:
        return _inspection(manifest, (rows, files, file_bytes), temporary=temporary)
    except (TypeError, ValueError) as error:  # pydantic's ValidationError is a ValueError
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "The copying plugin on the source tells facts about the site that cannot be true",
        ) from error


def _requirements(manifest: Mapping[str, Any]) -> dict[str, str]:
    named = manifest.get("requires")
    several = sorted(named.items())[:MAX_EXTENSIONS] if isinstance(named, dict) else ()
    return {clean(str(name), 32): clean(str(who), 80) for name, who in several}


def _inspection(
    manifest: dict[str, Any], counted: tuple[int, int, int], *, temporary: bool
) -> Inspection:
    rows, files, file_bytes = counted

    def text(name: str, most: int) -> str:
        return clean(str(manifest.get(name) or ""), most)

    extensions = sorted({clean(str(name), 32) for name in manifest.get("extensions") or ()})
    return Inspection(
        site_url=text("siteurl", 2048),
        home_url=text("home", 2048),
        title=text("title", 200),
        wordpress_version=text("wordpress", 32),
        db_version=text("server_version", 64),
        php_version=text("php", 32),
        table_prefix=text("prefix", 64),
        multisite=bool(manifest.get("multisite")),
        database_bytes=int(manifest.get("database_bytes") or 0),
        tables=int(manifest.get("tables") or 0),
        rows=rows,
        files=files,
        file_bytes=file_bytes,
        charset=text("charset", 32),
        php_extensions=tuple(extensions[:MAX_EXTENSIONS]),
        php_requirements=_requirements(manifest),
        agent=AgentPresence.INSTALLED if temporary else AgentPresence.PRESENT,
    )
