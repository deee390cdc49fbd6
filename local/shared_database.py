# SPDX-License-Identifier: Apache-2.0
"""Sets up the server that clones share: an account to make schemas, and one to look."""

from local import pki
from local.mariadb import Server, password
from local.processes import Daemon
from local.world import DATABASE_NAME, World

PROVISIONER = "wpclone_provisioner"
OBSERVER = "observer"
# The operator's schemas and users begin with `wpc`: its account reaches nothing else on the server.
PROVISIONER_GRANTS = [
    "GRANT ALL PRIVILEGES ON `wpc%`.* TO {user} WITH GRANT OPTION",
    "GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO {user}",
    "GRANT SELECT ON mysql.* TO {user}",
]
OBSERVER_GRANTS = ["GRANT ALL PRIVILEGES ON *.* TO {user} WITH GRANT OPTION"]


def server(world: World) -> Server:
    """Return the shared server of a cluster."""
    data = world.at.var / "mariadb"
    socket = world.at.run / "mariadb.sock"
    return Server("mariadb", data, socket, world.net.netns, world.net.node)


def daemon(world: World) -> Daemon:
    """Return the shared server's process, with a certificate for its name and address."""
    tls = pki.issue(
        world.web, "database", common=DATABASE_NAME, names=[DATABASE_NAME, world.net.node]
    )
    return server(world).daemon(tls, world.web)


def prepare(world: World) -> None:
    """Have the accounts, with the passwords on file."""
    for user, grants, tls in (
        (PROVISIONER, PROVISIONER_GRANTS, True),
        (OBSERVER, OBSERVER_GRANTS, False),
    ):
        secret = password(world.at.secrets / user)
        server(world).account(user, secret, grants, tls=tls)
