# SPDX-License-Identifier: Apache-2.0
"""Is one database instance: moto's, with a life, a home, and an endpoint that comes in time."""

import secrets
import string
from typing import Any

from moto.core.utils import utcnow
from moto.rds.models import DBInstance

from local.aws import plans
from local.aws.engines import Account, Home

# Where nobody can connect, AWS names no endpoint.
_UNBORN = "creating"
_LETTERS = string.ascii_uppercase + string.digits


class Instance(DBInstance):
    """One instance; `home`, `account` and `life` are set right after it is made."""

    life: plans.Life
    home: Home
    account: Account
    copy: str = ""  # the snapshot's content it begins with
    keeps_backups: bool = False
    never_born: bool = False  # creation came to nothing

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make it as moto does, but with an identity of its own and without its password."""
        self.life = plans.Life()
        self.pending: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        self.dbi_resource_id = f"db-{''.join(secrets.choice(_LETTERS) for _ in range(26))}"
        self._master_user_password = None

    @property
    def status(self) -> str:
        """The state that AWS reports."""
        return self.life.status

    @status.setter
    def status(self, value: str) -> None:
        """Leave moto's opinion aside: our clock decides."""

    @property
    def address(self) -> str:
        """What clients are told."""
        return self.home.name

    @property
    def endpoint(self) -> Any:
        """Where clients connect, once there is something to connect to."""
        if self.never_born or self.life.status == _UNBORN:
            return None
        return {"Address": self.address, "Port": self.port, "HostedZoneId": "Z2R2ITUGPM61AM"}

    @property
    def pending_modified_values(self) -> dict[str, Any]:
        """The changes that are accepted and not yet made."""
        return {member: value for member, value in self.pending.items() if member != "Account"}


class Backup:
    """The automated backups of one instance, which can outlive it."""

    def __init__(self, instance: Instance) -> None:
        """Hold what AWS tells of them."""
        self.db_instance_identifier = instance.db_instance_identifier
        self.dbi_resource_id = instance.dbi_resource_id
        self.db_instance_arn = instance.arn
        self.db_instance_automated_backups_arn = (
            f"arn:aws:rds:{instance.region}:{instance.account_id}:auto-backup:"
            f"ab-{instance.dbi_resource_id.removeprefix('db-').lower()}"
        )
        self.region = instance.region
        self.engine = instance.engine
        self.engine_version = instance.engine_version
        self.port = instance.port
        self.master_username = instance.master_username
        self.allocated_storage = instance.allocated_storage
        self.backup_retention_period = instance.backup_retention_period
        self.encrypted = instance.storage_encrypted
        self.instance_create_time = utcnow()
        self.tags = list(instance.tags)
        self.status = "active"
