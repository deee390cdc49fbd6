# SPDX-License-Identifier: Apache-2.0
"""Starts a simulated AWS: `python -m local.aws --state DIRECTORY --listen http://127.0.0.1:4566`."""

import argparse
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal asks to end; servers end too, data and account stay."""
    options = _options(argv)
    # Else S3 takes the first part of our own name for a bucket's.
    os.environ.setdefault("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "true")
    # Nobody asks for machine images, and all would be written down with each change.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    from local.aws.service import Service  # noqa: PLC0415  moto reads the environment when loaded

    ending = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: ending.set())
    service = Service(
        state=options.state,
        control=options.control or options.state / "control.sock",
        network=options.databases,
        domain=options.domain,
        authority=options.authority or options.state / "pki",
        region=options.region,
    )
    service.start(options.name, [(url.scheme, url.hostname, url.port) for url in options.listen])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ending.wait()
    service.stop()
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.aws", description=__doc__)
    add = parser.add_argument
    add("--state", type=Path, required=True, help="directory of all that is kept")
    add("--listen", type=urlsplit, required=True, action="append", help="http or https address")
    add("--control", type=Path, help="socket of the control interface")
    add(
        "--databases",
        type=ipaddress.IPv4Network,
        default=ipaddress.IPv4Network("127.77.0.0/24"),
        help="addresses for database instances",
    )
    add("--domain", default="", help="instances are called <name>.<address>.DOMAIN")
    add("--name", default="localhost", help="name that clients use, for the certificate")
    add("--authority", type=Path, help="directory of the authority (ca.crt, ca.key)")
    add("--region", default="us-east-1", help="region with the cluster")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
