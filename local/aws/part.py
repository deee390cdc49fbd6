# SPDX-License-Identifier: Apache-2.0
"""Describes the simulated AWS as a part of a cluster: started only where somebody asks for it."""

import sys
from pathlib import Path

from local import paths
from local.aws.control import Control
from local.processes import Daemon
from local.world import AWS_NAME, RDS_DOMAIN, World

PORT = 4566
TLS_PORT = 4443


def url(world: World) -> str:
    """Return where this machine speaks to AWS; pods say `http://aws.test:4566`."""
    return f"http://{world.net.node}:{PORT}"


def control(world: World) -> Control:
    """Return the strings of a cluster's AWS."""
    return Control(world.at.run / "aws.sock")


def state(world: World) -> Path:
    """Return where it keeps account, ledger and databases."""
    return world.at.var / "aws"


def daemon(world: World) -> Daemon:
    """Return the simulator's process; the servers of its instances are its children."""
    arguments = (
        sys.executable,
        "-m",
        "local.aws",
        f"--state={state(world)}",
        f"--control={control(world).socket}",
        f"--listen=http://{world.net.node}:{PORT}",
        f"--listen=https://{world.net.node}:{TLS_PORT}",
        f"--name={AWS_NAME}",
        f"--databases={world.net.databases}",
        f"--domain={RDS_DOMAIN}",
        f"--authority={world.web.directory}",
    )
    environment = {"PYTHONPATH": str(paths.REPOSITORY)}
    duty = f"is AWS, as far as clones see it, at {url(world)}"
    return Daemon("aws", duty, arguments, world.net.netns, environment)


def ready(world: World) -> bool:
    """Tell whether it answers."""
    try:
        control(world).moods()
    except OSError:
        return False
    return True
