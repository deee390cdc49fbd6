# SPDX-License-Identifier: Apache-2.0
"""Prepares the masking of one import: rules, key, and the memory of what was masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Final

from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed, InvalidSpec
from wpclone.mover.files import nothing
from wpclone.mover.ledger import MASKED

if TYPE_CHECKING:
    from wpclone.mover.config import Config
    from wpclone.mover.connection import Connection
    from wpclone.mover.files import Withheld
    from wpclone.mover.sources.base import Table

_CREATE: Final = (
    f"CREATE TABLE IF NOT EXISTS `{MASKED}` ("
    "trait VARCHAR(16) CHARACTER SET ascii NOT NULL, hash BIGINT UNSIGNED NOT NULL,"
    " PRIMARY KEY (trait, hash)) ENGINE=InnoDB"
)
_BATCH: Final = 5_000


def rules(config: Config) -> mask.Rules:
    """Return our rules and the user's; ImportFailed if the user's cannot be read."""
    ours = resources.files(mask).joinpath("rules.yaml").read_text("utf-8")
    try:
        return mask.read(ours, *config.mask_rules)
    except InvalidSpec as error:
        raise ImportFailed(Reason.IMPORT_FAILED, f"{error}; nothing was copied") from error


class Masking:
    """What one masked import needs from its first row to its last look."""

    def __init__(self, config: Config, mode: Mask, prefix: str) -> None:
        """Read rules and key; ImportFailed if there is no key: nothing is copied without one."""
        if not config.mask_key:
            raise ImportFailed(
                Reason.CREDENTIALS_MISSING,
                "The masking key is not there; nothing was copied",
                retryable=True,
            )
        try:
            self.key = mask.Key(bytes.fromhex(config.mask_key))
        except (InvalidSpec, ValueError):
            raise ImportFailed(
                Reason.CREDENTIALS_INVALID, "The masking key is none; nothing was copied"
            ) from None
        self.rules = rules(config)
        self.seen = mask.Seen(self.key)
        self.masker = mask.Masker(self.rules, self.key, mode, prefix, self.seen)
        self._taken = 0

    def ordered(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """Return the tables that tell who somebody is before those that only mention people."""
        return dict(
            sorted(tables.items(), key=lambda one: not self.masker.tells_of_persons(one[0]))
        )

    def open(self, connection: Connection) -> None:
        """Recall what an earlier run has seen in the tables that it finished."""
        connection.run(_CREATE)
        self.seen.recall(
            (trait.decode(), int(number))
            for trait, number in connection.query(f"SELECT trait, hash FROM `{MASKED}`")  # noqa: S608  a constant
        )

    def unkept(self) -> list[str]:
        """Return the statements that store what was seen since the last time."""
        fresh = self.seen.fresh()
        self._taken = len(fresh)
        return [_insert(fresh[low : low + _BATCH]) for low in range(0, len(fresh), _BATCH)]

    def kept(self) -> None:
        """Take note that those statements are in."""
        self.seen.stored(self._taken)
        self._taken = 0

    def renew(self) -> None:
        """Take nothing for stored: the server may have lost what it had confirmed."""
        self.seen.renew()
        self._taken = 0

    def close(self, connection: Connection) -> None:
        """Forget everybody."""
        connection.run(f"DROP TABLE IF EXISTS `{MASKED}`")


def _insert(seen: Sequence[tuple[str, int]]) -> str:
    values = ",".join(f"('{trait}',{number})" for trait, number in seen)
    return f"INSERT IGNORE INTO `{MASKED}` (trait, hash) VALUES {values}"  # noqa: S608  ours


def prepared(config: Config, prefix: str) -> Masking | None:
    """Return what masks the site under `prefix`, or None if nothing is to be masked."""
    mode = config.job.mask or Mask.NONE
    return None if mode is Mask.NONE else Masking(config, mode, prefix)


def personal(config: Config) -> Withheld:
    """Return what says why a file is about people; it needs no key."""
    mode = config.job.mask or Mask.NONE
    return nothing if mode is Mask.NONE else rules(config).personal
