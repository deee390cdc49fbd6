# SPDX-License-Identifier: Apache-2.0
"""Holds all of one simulated account together: its time, settings, servers and databases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from local.aws.clock import Clock
from local.aws.engines import Engines
from local.aws.instance import Instance
from local.aws.ledger import Ledger
from local.aws.lives import Lives
from local.aws.moods import Moods
from local.aws.plans import Step
from local.aws.settings import Settings

CLUSTER = "wp-clone-restore"


@dataclass
class Cloud:
    """One account."""

    engines: Engines
    ledger: Ledger
    region: str
    clock: Clock = field(default_factory=Clock)
    moods: Moods = field(default_factory=Moods)
    settings: Settings = field(default_factory=Settings)
    lives: Lives[Instance] = field(init=False)

    def __post_init__(self) -> None:
        """Let the instances of all regions live."""
        self.lives = Lives(self.clock, lambda: list(instances()), self._perform)

    def _perform(self, instance: Instance, step: Step) -> None:
        from local.aws import deeds  # noqa: PLC0415  the deeds need to know the account

        deeds.perform(self, instance, step)


def backends(service: str) -> dict[str, Any]:
    """Return moto's stores of a service in our account, by region."""
    return dict(get_backend(service)[DEFAULT_ACCOUNT_ID])  # type: ignore[call-overload]


def instances() -> Iterator[Instance]:
    """Return the instances of all regions; those of Aurora clusters are moto's alone."""
    for backend in backends("rds").values():
        for one in backend.databases.values():
            if isinstance(one, Instance):
                yield one


def find(identifier: str) -> Instance:
    """Return the instance with this identifier, in whatever region."""
    for one in instances():
        if one.db_instance_identifier == identifier:
            return one
    raise KeyError(f"There is no instance {identifier}")
