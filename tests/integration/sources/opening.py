# SPDX-License-Identifier: Apache-2.0
"""Opens a live site as the mover does, with a configuration like the operator's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from tests.live_site import ADMINISTRATOR, PASSWORD
from wpclone.api.mover import ImportConfig
from wpclone.mover.sources import open_source
from wpclone.mover.sources.site.source import SiteSource

LOGIN = {"username": ADMINISTRATOR, "password": PASSWORD}


class Open(Protocol):
    """Opens a source that is closed when the test ends."""

    def __call__(
        self, *, secret: Mapping[str, str] = ..., agent: str = ..., url: str = ..., **limits: int
    ) -> SiteSource:
        """Open the site; `limits` are those of the job's configuration."""
        ...


def job(url: str, *, agent: str = "Auto", **limits: int) -> ImportConfig:
    """Return a job's configuration for a site on loopback."""
    settings: dict[str, Any] = {
        "attempt": 1,
        "source": {"kind": "site", "url": url, "agent": agent},
        "network": {"allow": ["127.0.0.0/8"], "http": True},
        "limits": {"requestSeconds": 15, "sourceBudgetSeconds": 20, **limits},
    }
    return ImportConfig.model_validate(settings)


@contextlib.contextmanager
def opened(
    url: str,
    *,
    secret: Mapping[str, str] = LOGIN,
    agent: str = "Auto",
    certificates: Path | None = None,
    **limits: int,
) -> Iterator[SiteSource]:
    """Open a source, and close it without taking the plugin away."""
    source = cast("SiteSource", open_source(job(url, agent=agent, **limits), secret, certificates))
    try:
        yield source
    finally:
        source.close(finished=False)
