# SPDX-License-Identifier: Apache-2.0
"""A source's database server proves who it is, as far as the clone demands it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import mariadb, tls
from tests.integration.database import reading
from tests.mariadb import Login
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.database.source import DatabaseSource

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(mariadb.missing() is not None, reason=str(mariadb.missing())),
]
OWN = {"caRef": {"name": "acme-ca"}}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Make a folder with certificates that the server's user can look into."""
    with tempfile.TemporaryDirectory(prefix="wpclone-tls-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="module")
def secured(folder: Path) -> Iterator[mariadb.Server]:
    """Run a server that demands TLS, with a certificate for 127.0.0.1 of its own authority."""
    certificate = tls.pair(folder, "127.0.0.1")
    certificate.certificate.chmod(0o644)
    certificate.key.chmod(0o644)
    (folder / "ca.crt").write_bytes(certificate.certificate.read_bytes())
    options = (
        f"--ssl-cert={certificate.certificate}",
        f"--ssl-key={certificate.key}",
        "--require-secure-transport=ON",
    )
    with mariadb.server(*options) as running:
        yield running


@pytest.fixture(scope="module")
def login(secured: mariadb.Server) -> Login:
    """Make a schema and its user."""
    return secured.schema()


def connect(secured: mariadb.Server, login: Login, authority: Path, **changes: object) -> None:
    """Open the source; what follows is the same with and without TLS."""
    config = reading.config(secured.port, login, authority, authority=authority, **changes)  # type: ignore[arg-type]
    DatabaseSource.open(config).close(finished=True)


def refusal(
    secured: mariadb.Server, login: Login, authority: Path, **changes: object
) -> SourceError:
    """Return the error that opening ends in."""
    with pytest.raises(SourceError) as caught:
        connect(secured, login, authority, **changes)
    assert not caught.value.retryable
    return caught.value


def test_its_own_authority_is_enough(secured: mariadb.Server, login: Login, folder: Path) -> None:
    """VerifyIdentity is the default: a certificate for this address, signed by this authority."""
    connect(secured, login, folder, tls=OWN)
    connect(secured, login, folder, tls={"mode": "VerifyIdentity", **OWN})


def test_required_asks_for_no_proof(secured: mariadb.Server, login: Login, folder: Path) -> None:
    """It is encrypted, whoever answers."""
    connect(secured, login, folder, tls={"mode": "Required"})


def test_an_unknown_authority_is_refused(
    secured: mariadb.Server, login: Login, folder: Path
) -> None:
    """Without the authority at hand, nobody vouches for the server."""
    for mode in ("VerifyIdentity", "VerifyCA"):
        error = refusal(secured, login, folder, tls={"mode": mode})
        assert error.reason == Reason.SOURCE_TLS_INVALID
        assert "caRef" in error.message


def test_another_name_is_refused_unless_names_do_not_matter(
    secured: mariadb.Server, login: Login, folder: Path
) -> None:
    """The certificate is for 127.0.0.1, which is not 127.0.0.2."""
    elsewhere = {
        "host": "localhost",
        "allow": (
            {"cidr": "127.0.0.0/8", "port": secured.port},
            {"cidr": "::1/128", "port": secured.port},
        ),
    }
    error = refusal(secured, login, folder, tls=OWN, **elsewhere)
    assert error.reason == Reason.SOURCE_TLS_INVALID
    connect(secured, login, folder, tls={"mode": "VerifyCA", **OWN}, **elsewhere)


def test_a_server_that_demands_tls_says_so(
    secured: mariadb.Server, login: Login, folder: Path
) -> None:
    """Disabled does not work there, and the sentence names the field to change."""
    error = refusal(secured, login, folder, tls={"mode": "Disabled"})
    # MariaDB calls it a wrong login, MySQL calls it by its name.
    assert error.reason in {Reason.SOURCE_REFUSED_LOGIN, Reason.SOURCE_TLS_INVALID}
    assert "source.database.tls.mode" in error.message


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_is_none_is_named(
    secured: mariadb.Server, login: Login, tmp_path: Path, content: str | None
) -> None:
    """A ConfigMap that is missing, or holds something else, is what a person has to correct."""
    if content is not None:
        (tmp_path / "ca.crt").write_text(content)
    error = refusal(secured, login, tmp_path, tls=OWN)
    assert error.reason == Reason.SOURCE_TLS_INVALID
    assert "acme-ca" in error.message


def test_a_clean_connection_is_really_encrypted(
    secured: mariadb.Server, login: Login, folder: Path
) -> None:
    """The server itself says so."""
    config = reading.config(secured.port, login, folder, authority=folder, tls=OWN)
    source = DatabaseSource.open(config)
    with source._facts.lent() as wire:
        ((_, cipher),) = wire.all("SHOW STATUS LIKE 'Ssl_cipher'")
    source.close(finished=True)
    assert cipher
