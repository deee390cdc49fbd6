# SPDX-License-Identifier: Apache-2.0
"""Configures Kopf, our shell: it logs in, watches and stops, and writes nothing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import kopf

from wpclone.api import labels
from wpclone.controller.settings import Settings
from wpclone.controller.triggers.watches import CHILDREN


class Backoffs:
    """Endless and re-iterable, and without a length: Kopf then never gives a request up."""

    def __iter__(self) -> Iterator[float]:
        """Return waits between 0.5 and 32 s."""
        return (2.0 ** min(n, 5) * random.uniform(0.5, 1.0) for n in itertools.count())  # noqa: S311  jitter


def settings(ours: Settings) -> kopf.OperatorSettings:
    """Return Kopf's settings; each is here for a measured reason (see the architecture page)."""
    shell = kopf.OperatorSettings()
    shell.networking.error_backoffs = Backoffs()
    shell.networking.request_timeout = 30
    shell.networking.connect_timeout = 5
    shell.queueing.worker_limit = 64
    shell.queueing.idle_timeout = 1
    shell.watching.chunk_size = 500
    shell.watching.server_timeout = 300
    shell.watching.client_timeout = 330
    # A namespaced role may not list namespaces and definitions.
    shell.scanning.disabled = True
    shell.peering.standalone = True
    shell.posting.enabled = False
    # Kopf strips the finalizer it is told of where no handler asks for it: never ours.
    shell.persistence.finalizer = f"{labels.GROUP}/kopf"
    shell.execution.max_workers = 4
    shell.process.ultimate_exiting_timeout = 20
    chosen = f"{labels.INSTALLATION}={ours.installation}"
    for _, _, plural in CHILDREN:
        shell.watching.label_selectors[plural] = chosen
    return shell
