# SPDX-License-Identifier: Apache-2.0
"""Looks at the source and says whether it can be cloned, before anything is made for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wpclone.api.mover import Inspection, Outcome, OutcomeKind
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import InvalidSpec, SourceError
from wpclone.mover import choosing, origin
from wpclone.rewrite import Pair, Rewriter

if TYPE_CHECKING:
    from wpclone.mover.config import Config
    from wpclone.mover.progress import Meter
    from wpclone.mover.sources.base import Source

_PREFIX: Final = re.compile(r"[A-Za-z0-9_]{1,64}")
# It becomes part of the web server's configuration. A hidden folder is never served.
_PATH: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_MOST_OF_A_PATH: Final = 100
_NAMED: Final = 5


def run(config: Config, meter: Meter) -> Outcome:
    """Inspect the source; the agent stays there for the import that follows, unless we refuse."""
    meter.tell("Looking at the source", urgent=True)
    source = origin.open_source(config)
    usable = False
    try:
        seen = servable(look(source, config))
        usable = True
    finally:
        source.close(finished=not usable)
    return Outcome(outcome=OutcomeKind.INSPECTED, inspection=seen)


def look(source: Source, config: Config) -> Inspection:
    """Return what there is to be copied if we can clone it, else raise SourceError."""
    return accepted(choosing.counted(source.inspect(), source, config), config)


def accepted(seen: Inspection, config: Config) -> Inspection:
    """Return what was seen if we can clone it, else raise SourceError with the reason."""
    if seen.multisite:
        raise SourceError(
            Reason.MULTISITE_UNSUPPORTED,
            "The source is a network of sites (multisite); only single sites can be cloned",
        )
    problem = _layout_problem(seen, config.job.inspection)
    if problem:
        raise SourceError(Reason.SOURCE_LAYOUT_UNSUPPORTED, problem)
    choosing.refuse(seen, config)
    limit = config.job.limits.max_source_bytes
    size = seen.database_bytes + seen.file_bytes
    if limit is not None and size > limit:
        raise SourceError(
            Reason.SOURCE_TOO_LARGE,
            f"The source has {size / 1e6:,.0f} MB; {limit / 1e6:,.0f} MB are allowed",
        )
    image = config.job.image.wordpress_version if config.job.image else None
    if image and _series(seen.wordpress_version) > _series(image):
        raise SourceError(
            Reason.IMAGE_OLDER_THAN_SOURCE,
            f"The source runs WordPress {clean(seen.wordpress_version, 20)}, the clone's image only"
            f" {clean(image, 20)}",
        )
    _refuse_lacking(seen, config)
    return seen


def _refuse_lacking(seen: Inspection, config: Config) -> None:
    """Raise SourceError if the image cannot run what the source's plugins say they need."""
    image = config.job.image
    if image is None or image.php_extensions is None:
        return
    lacking = [name for name in seen.php_requirements if name not in image.php_extensions]
    if lacking:
        who = {seen.php_requirements[name] for name in lacking}
        raise SourceError(
            Reason.IMAGE_LACKS_EXTENSION,
            f"The clone's image lacks PHP extensions that the source has and needs:"
            f" {', '.join(lacking[:_NAMED])} (for {', '.join(sorted(who)[:_NAMED])})",
        )


def _layout_problem(seen: Inspection, before: Inspection | None) -> str | None:
    if not (seen.home_url and seen.site_url and seen.table_prefix):
        return "The source does not tell its address and table prefix"
    for option, url in (("home", seen.home_url), ("siteurl", seen.site_url)):
        if not _is_address(url):
            # Not shown: what makes it none may be a login in it.
            return f"The source's option {option} is not an address of the form https://host/path"
    if not _PREFIX.fullmatch(seen.table_prefix):
        # It becomes part of names in SQL and of the pods' environment; WordPress refuses others.
        return (
            f"The source's table prefix {clean(seen.table_prefix, 40)} has other signs than"
            " letters, digits and underscores"
        )
    if before is not None and before.table_prefix != seen.table_prefix:
        # The clone's pods are configured for the prefix that the inspection saw.
        return "The source's table prefix has changed since it was inspected; make a new clone"
    return None


def _is_address(url: str) -> bool:
    """Tell whether the rewriter can look for an address."""
    try:
        Rewriter([Pair(url, url)])
    except InvalidSpec:
        return False
    return True


def servable(seen: Inspection) -> Inspection:
    """Return what was seen if the clone's pods can serve it, else raise SourceError."""
    path = urlsplit(seen.home_url).path.rstrip("/")
    if not _PATH.fullmatch(path) or len(path) > _MOST_OF_A_PATH:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            f"The source lives below the path {clean(path, 60)}; a clone can be below a path of"
            f" letters, digits and -._~, of up to {_MOST_OF_A_PATH} signs",
        )
    return seen


def _series(version: str) -> tuple[int, ...]:
    """Return the part of a version that names the database's shape: 6.8 of 6.8.2-beta1."""
    parts = []
    for part in version.split("-", 1)[0].split(".")[:2]:
        if not (part.isascii() and part.isdigit()):
            break
        parts.append(int(part))
    return tuple(parts)
