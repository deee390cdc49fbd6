# SPDX-License-Identifier: Apache-2.0
"""Runs an S3 server on the outside host, at the endpoint that the stage's settings name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from local import pki
from tests import buckets
from tests.buckets import Buckets
from tests.cluster import Native
from tests.e2e.stage import SCALED

ENDPOINT = urlsplit(str(SCALED["s3"]["endpoint"]))


@contextlib.contextmanager
def bucket(native: Native) -> Iterator[Buckets]:
    """Run the server until the context ends; its name resolves in the cluster."""
    host = native.outside
    name, port = str(ENDPOINT.hostname), str(ENDPOINT.port)
    pair = pki.issue(native.world.web, "outside-s3", common=name, names=[name, host.address])
    host.tell_names({**host.names, name: host.address})
    options = ["-H", host.address, "-p", port, "-c", str(pair.certificate), "-k", str(pair.key)]
    within = ["nsenter", f"--net=/run/netns/{native.world.net.outside_netns}", "--"]
    url = f"https://{host.address}:{port}"
    with buckets.server(options, url, within=within):
        yield Buckets(url, str(native.ca))
