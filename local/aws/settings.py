# SPDX-License-Identifier: Apache-2.0
"""Holds what a test may change about the account: times, quotas, fates, rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from local.aws.plans import AVAILABLE, Durations


@dataclass(frozen=True)
class Boundary:
    """What a role must carry to be made or given rights, as a condition in a policy has it."""

    policy_arn: str
    path: str = "/"


@dataclass(frozen=True)
class Settings:
    """All of them; the defaults are AWS' own, but for the times."""

    durations: Durations = field(default_factory=Durations)
    instance_quota: int = 40
    snapshot_quota: int = 100
    fates: Mapping[str, str] = field(default_factory=dict)  # identifier pattern: status
    # The worse of what documentation and observers say of a deletion that does not mention them.
    keeps_backups_by_default: bool = True
    boundary: Boundary | None = None

    def fate(self, identifier: str) -> str:
        """Return what the creation of an instance ends in."""
        for pattern, status in self.fates.items():
            if fnmatchcase(identifier, pattern):
                return status
        return AVAILABLE

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Settings":
        """Return settings from the values of their fields."""
        values = dict(content)
        values["durations"] = Durations(**values.get("durations", {}))
        if values.get("boundary"):
            values["boundary"] = Boundary(**values["boundary"])
        return cls(**values)
