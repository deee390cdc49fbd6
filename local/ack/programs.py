# SPDX-License-Identifier: Apache-2.0
"""Says which program looks after each service of AWS, a real controller or ours, and how it starts.

`WPCLONE_ACK_RDS`, `WPCLONE_ACK_IAM` and `WPCLONE_ACK_EKS` name the binary of a real controller;
without one our stand-in takes its place. Both get the same flags, but for two that are ours.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local import paths
from local.ack import tags
from local.errors import LocalError
from local.processes import Daemon

SYSTEM: Final = "ack-system"


@dataclass(frozen=True)
class Service:
    """One service's controller, whoever plays it."""

    name: str
    port: int  # of its metrics on loopback; its probes are one above

    @property
    def part(self) -> str:
        """What the part of the cluster is called."""
        return f"ack-{self.name}"

    @property
    def variable(self) -> str:
        """The setting that names a real binary."""
        return f"WPCLONE_ACK_{self.name.upper()}"

    @property
    def health(self) -> str:
        """The address that tells whether it is ready."""
        return f"http://127.0.0.1:{self.port + 1}/readyz"

    @property
    def client(self) -> tuple[str, tuple[str, ...]]:
        """The user it is in the cluster, and the groups: the service account of its chart."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{SYSTEM}")
        user = f"system:serviceaccount:{SYSTEM}:{self.part}-controller"
        return user, (*groups, "system:authenticated")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it looks after; a real controller knows more, and their definitions miss."""
        from local.ack import kinds  # noqa: PLC0415  seconds: only who starts a controller pays

        return tuple(one.kind.name for one in kinds.of(self.name))


SERVICES: Final = {
    one.name: one for one in (Service("rds", 8090), Service("iam", 8092), Service("eks", 8094))
}


@dataclass(frozen=True)
class Place:
    """Where a controller works: its AWS, its cluster, and how patient it is."""

    endpoint: str
    kubeconfig: Path
    namespaces: tuple[str, ...] = ()
    region: str = "us-east-1"
    deletion_policy: str = "delete"
    syncs: int = 1
    resync: int = 36000
    requeue: float = 30  # the stand-in's only: the real ones' is built in


def binary(service: Service) -> Path | None:
    """Return the real controller that a person has named, if it can be started."""
    named = os.environ.get(service.variable)
    if not named:
        return None
    path = Path(named)
    if not os.access(path, os.X_OK) or path.is_dir():
        raise LocalError(f"{service.variable}={named} is no program.")
    return path.absolute()


def flags(service: Service, place: Place) -> tuple[str, ...]:
    """Return the flags that real controllers and ours understand alike."""
    port = service.port
    told = [
        f"--aws-region={place.region}",
        f"--aws-endpoint-url={place.endpoint}",
        f"--aws-identity-endpoint-url={place.endpoint}",
        "--allow-unsafe-aws-endpoint-urls",
        "--enable-carm=false",
        "--enable-cross-namespace=false",
        f"--metrics-addr=127.0.0.1:{port}",
        f"--healthz-addr=127.0.0.1:{port + 1}",
        f"--deletion-policy={place.deletion_policy}",
        f"--resource-tags={','.join(tags.CHART)}",
        f"--reconcile-resources={','.join(service.kinds)}",
        f"--reconcile-default-max-concurrent-syncs={place.syncs}",
        f"--reconcile-default-resync-seconds={place.resync}",
    ]
    if place.namespaces:
        told.append(f"--watch-namespace={','.join(place.namespaces)}")
    return tuple(told)


def command(service: Service, place: Place) -> tuple[str, ...]:
    """Return the words that start a service's controller."""
    real = binary(service)
    if real is not None:
        return str(real), *flags(service, place)
    own = (sys.executable, "-m", "local.ack", service.name)
    return *own, *flags(service, place), f"--requeue-seconds={place.requeue:g}"


def environment(place: Place) -> dict[str, str]:
    """Return what a controller finds in its environment; the keys open nothing."""
    return {
        "ACK_SYSTEM_NAMESPACE": SYSTEM,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": place.region,
        "AWS_SECRET_ACCESS_KEY": "local",
        "KUBECONFIG": str(place.kubeconfig),
        "PYTHONPATH": str(paths.REPOSITORY),
    }


def daemon(service: Service, place: Place, netns: str) -> Daemon:
    """Return a service's controller as a part of a cluster."""
    who = "ACK" if binary(service) else "our stand-in for ACK"
    duty = f"manages {service.name.upper()} ({who})"
    return Daemon(service.part, duty, command(service, place), netns, environment(place))
