# SPDX-License-Identifier: Apache-2.0
"""Keeps the account over the end of the process: moto's stores and ours, in one file."""

import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import moto
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from local import paths
from local.aws.cloud import Cloud
from local.aws.pod_identity import PodIdentities

# One file, because they refer to each other. What lies in buckets is not kept.
_SERVICES = ("ec2", "eks", "iam", "kms", "rds", "secretsmanager")


class Memory:
    """The file, written a moment after a change, and once more at the end."""

    def __init__(self, file: Path, cloud: Cloud, identities: PodIdentities) -> None:
        """Remember in this file."""
        self._file, self._cloud, self._identities = file, cloud, identities
        self._changed = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def recall(self) -> None:
        """Take up what an earlier process left; what another moto wrote is no use to this one."""
        if not self._file.exists():
            return
        # Our own file, readable by its owner only.
        stored = pickle.loads(self._file.read_bytes())  # noqa: S301
        if stored["moto"] != moto.__version__:
            return
        for service, regions in stored["services"].items():
            _account(service).update(regions)
        self._identities.associations.update(stored["associations"])
        self._identities.tokens.update(stored["tokens"])
        self._cloud.clock.advance(max(0.0, stored["now"] - self._cloud.clock.now()))

    def start(self) -> None:
        """Write after changes from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Write for the last time."""
        self._ending = True
        self._changed.set()
        self._thread.join()

    def mark(self) -> None:
        """Say that something has changed."""
        self._changed.set()

    def _watch(self) -> None:
        while not self._ending:
            self._changed.wait()
            self._changed.clear()
            self.write()

    def write(self) -> None:
        """Write at once."""
        with self._cloud.lives.changed:
            content = pickle.dumps(
                {
                    "moto": moto.__version__,
                    "now": self._cloud.clock.now(),
                    "services": {service: dict(_account(service)) for service in _SERVICES},
                    "associations": self._identities.associations,
                    "tokens": self._identities.tokens,
                }
            )
        paths.write(self._file, content, 0o600)


def _account(service: str) -> Any:
    find: Callable[[Any], Any] = get_backend
    return find(service)[DEFAULT_ACCOUNT_ID]
