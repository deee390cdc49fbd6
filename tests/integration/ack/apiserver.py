# SPDX-License-Identifier: Apache-2.0
"""Runs a bare API server with its store on loopback: no nodes, no controllers, nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from local import identities, pki, programs

START_SECONDS = 90
ETCD = Path("/usr/bin/etcd")


def lacking() -> str:
    """Return what is missing to run one, or nothing."""
    if not ETCD.exists():
        return "etcd is not installed: run `python -m local build`"
    if "kubernetes" in programs.missing():
        return "kube-apiserver is not built: run `python -m local build`"
    return ""


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Path]:
    """Run an API server until the context ends; yield its administrator's kubeconfig."""
    store, store_peer, port = free_port(), free_port(), free_port()
    ca = pki.authority(directory, "ca")
    pki.issue(ca, "server", common="kube-apiserver", names=["127.0.0.1", "localhost"])
    admin = pki.issue(ca, "admin", common="admin", groups=["system:masters"])
    url = f"https://127.0.0.1:{port}"
    config = directory / "admin.conf"
    config.write_text(identities.kubeconfig(url, ca.certificate, admin), encoding="utf-8")
    with (
        _process(directory / "etcd.log", _etcd(directory, store, store_peer)),
        _process(directory / "apiserver.log", _apiserver(directory, store, port)) as server,
    ):
        _await(f"{url}/readyz", ca, admin, server)
        yield config


def free_port() -> int:
    """Return a port on loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _etcd(directory: Path, port: int, peer: int) -> list[str]:
    return [
        str(ETCD),
        f"--data-dir={directory / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{port}",
        f"--advertise-client-urls=http://127.0.0.1:{port}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-cluster=default=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync",
        "--logger=zap",
    ]


def _apiserver(directory: Path, store: int, port: int) -> list[str]:
    signing = pki.signing_key(directory / "accounts.key")
    return [
        str(programs.binary("kubernetes", "kube-apiserver")),
        f"--etcd-servers=http://127.0.0.1:{store}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={directory / 'server.crt'}",
        f"--tls-private-key-file={directory / 'server.key'}",
        f"--client-ca-file={directory / 'ca.crt'}",
        f"--service-account-key-file={signing}",
        f"--service-account-signing-key-file={signing}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/24",
    ]


@contextlib.contextmanager
def _process(log: Path, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=os.environ) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(url: str, ca: pki.Pair, admin: pki.Pair, process: subprocess.Popen[bytes]) -> None:
    trust = ssl.create_default_context(cafile=str(ca.certificate))
    trust.load_cert_chain(admin.certificate, admin.key)
    deadline = time.monotonic() + START_SECONDS
    while True:
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(url, timeout=2, context=trust),  # noqa: S310  our own
        ):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the API server did not start")
        time.sleep(0.1)  # there is no event to wait for: it answers, or not yet
