# SPDX-License-Identifier: Apache-2.0
"""Runs an S3 server, and puts files into its buckets."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

START_SECONDS = 60
KEYS = {"access-key-id": "reader-of-exports", "secret-access-key": "a secret / with + signs"}


@dataclass(frozen=True)
class Buckets:
    """The server: where it listens, and who vouches for it."""

    url: str
    ca: str | None = None

    def put(self, bucket: str, key: str, data: bytes) -> str:
        """Store an object; return its address."""
        client = self.client()
        where: Any = {"LocationConstraint": "eu-central-1"}
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        client.put_object(Bucket=bucket, Key=key, Body=data)
        return f"s3://{bucket}/{key}"

    def presigned(self, bucket: str, key: str) -> str:
        """Return an address that needs no further proof."""
        asked = {"Bucket": bucket, "Key": key}
        return str(self.client().generate_presigned_url("get_object", Params=asked))

    def client(self) -> Any:
        """Return AWS' own client of it."""
        import boto3  # noqa: PLC0415  a second: only who talks to a bucket pays for it

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            verify=self.ca,
            region_name="eu-central-1",
            aws_access_key_id=KEYS["access-key-id"],
            aws_secret_access_key=KEYS["secret-access-key"],
        )


@contextlib.contextmanager
def buckets() -> Iterator[Buckets]:
    """Run a server on loopback until the context ends."""
    port = _free_port()
    with server(["-H", "127.0.0.1", "-p", str(port)], f"http://127.0.0.1:{port}"):
        yield Buckets(f"http://127.0.0.1:{port}")


@contextlib.contextmanager
def server(options: Sequence[str], url: str, *, within: Sequence[str] = ()) -> Iterator[None]:
    """Run a server with these options until the context ends; `within` is how it is started."""
    command = [*within, sys.executable, "-m", "moto.server", *options]
    # Else it takes the first part of its own name for a bucket's.
    environment = {**os.environ, "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment) as process:
        try:
            _await(f"{url}/moto-api/", process)
            yield
        finally:
            process.terminate()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    # Only whether it answers is asked: its certificate is its clients' concern.
    trusting = ssl._create_unverified_context()  # noqa: S323
    while True:
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(url, timeout=2, context=trusting),  # noqa: S310  our own
        ):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the S3 server did not start")
        time.sleep(0.1)  # there is no event to wait for: the port answers, or not yet


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
