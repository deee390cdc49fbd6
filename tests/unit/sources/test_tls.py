# SPDX-License-Identifier: Apache-2.0
"""The HTTP client trusts certificates it can verify, and tells a cut from a wrong one."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.hostquirks import Host, Request, Send, host, page
from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response

LOCAL = NetworkConfig(allow=("127.0.0.0/8",), http=True)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Make a certificate of its own authority for 127.0.0.1; a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.IPAddress(ipaddress.ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.crt", folder / "key")
    return context


def fetch(ours: Host, certificates: Path | None) -> Response:
    """Fetch over TLS."""
    client = Client(LOCAL, certificates)
    try:
        return client.request("GET", ours.url, seconds=5)
    finally:
        client.close()


def test_certificates_are_checked(tmp_path: Path) -> None:
    """An unknown authority or a wrong name is SourceTLSInvalid; an added authority is trusted."""

    def greet(_request: Request, send: Send) -> None:
        send(page("200 OK", "hello"))

    with host(greet, certificate(tmp_path, "127.0.0.1")) as ours:
        assert fetch(ours, tmp_path).body == b"hello"
        with pytest.raises(SourceError) as unknown:
            fetch(ours, None)
    with (
        host(greet, certificate(tmp_path, "127.0.0.2")) as ours,
        pytest.raises(SourceError) as wrong,
    ):
        fetch(ours, tmp_path)
    assert unknown.value.reason == wrong.value.reason == Reason.SOURCE_TLS_INVALID


def test_tls_that_ends_without_a_farewell_may_be_tried_again(tmp_path: Path) -> None:
    """A host that restarts cuts its connections: that says nothing about its certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut_short() -> None:
            wire, _ = listener.accept()
            with wire:
                wire.recv(65536)  # the greeting; no answer to it

        cutting = threading.Thread(target=cut_short)
        cutting.start()
        with pytest.raises(SourceError) as caught:
            fetch(Host(listener.getsockname()[1], "https"), tmp_path)
        cutting.join(10)
    assert caught.value.reason == Reason.SOURCE_UNREACHABLE
    assert caught.value.retryable


def test_a_host_without_tls_is_named() -> None:
    """https:// to a port that speaks plain HTTP is a TLS error, not a hang."""

    def greet(_request: Request, send: Send) -> None:
        send(page("400 Bad Request"))

    with host(greet) as ours:
        client = Client(LOCAL)
        with pytest.raises(SourceError) as caught:
            client.request("GET", ours.url.replace("http:", "https:"), seconds=2)
    assert caught.value.reason in {Reason.SOURCE_TLS_INVALID, Reason.SOURCE_UNREACHABLE}
