# SPDX-License-Identifier: Apache-2.0
"""Opens a remote file that a clone names: whether it is there, how long it is, how it is read."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from wpclone.api.mover import ImportConfig, S3Config
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client
from wpclone.mover.sources.remote import asking, places
from wpclone.mover.sources.remote.asking import Answer
from wpclone.mover.sources.remote.patience import Patience
from wpclone.mover.sources.remote.reader import Ask, Ranged, Remote, Sequential, body


def remote(
    uri: str, secret: Mapping[str, str], job: ImportConfig, certificates: Path | None
) -> Remote:
    """Return the file at an `https://` or `s3://` address; SourceError if it cannot be had.

    `secret` holds the keys for the file alone: `username` and `password`, `access-key-id` and
    `secret-access-key` (and `session-token`), `url`, or nothing at all.
    """
    place = places.place(uri, secret, job.s3 or S3Config())
    client = Client(job.network, certificates)
    ask = functools.partial(asking.ask, client, place, job.limits.request_seconds)
    answer = _first(ask, job.limits.request_seconds)
    answer.stream.close()
    budget = job.limits.source_budget_seconds
    if answer.ranged and answer.size is not None:
        return Ranged(ask, answer.size, answer.version, budget)
    begin = functools.partial(body, ask, answer.size, answer.version)
    return Sequential(begin, answer.size, answer.version, budget)


def _first(ask: Ask, seconds: float) -> Answer:
    """Ask for the first byte; a server that is away now is waited for a few times only."""
    patience = Patience(seconds)
    while True:
        try:
            return ask(0, 1)
        except SourceError as error:
            patience.bear(error)
