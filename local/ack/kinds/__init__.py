# SPDX-License-Identifier: Apache-2.0
"""Lists the kinds that each service's controller looks after."""

from local.ack.kinds.db_instance import DBInstance
from local.ack.kinds.db_snapshot import DBSnapshot
from local.ack.kinds.db_subnet_group import DBSubnetGroup
from local.ack.kinds.manager import Manager
from local.ack.kinds.pod_identity import PodIdentityAssociation
from local.ack.kinds.policy import Policy
from local.ack.kinds.role import Role

ALL: tuple[Manager, ...] = (
    DBInstance(),
    DBSnapshot(),
    DBSubnetGroup(),
    Role(),
    Policy(),
    PodIdentityAssociation(),
)


def of(service: str, names: tuple[str, ...] = ()) -> list[Manager]:
    """Return a service's kinds, or the named ones of them."""
    wanted = {name.lower() for name in names}
    return [
        one
        for one in ALL
        if one.service == service and (not wanted or one.kind.name.lower() in wanted)
    ]
