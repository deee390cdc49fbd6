# SPDX-License-Identifier: Apache-2.0
"""Issues the keys and certificates of a cluster by two authorities: components, and the web."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local import paths

# A cluster on a laptop outlives no certificate: nobody should meet an expiry in it.
_LIFE = datetime.timedelta(days=3650)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    directory: Path
    name: str

    @property
    def certificate(self) -> Path:
        """The certificate."""
        return self.directory / f"{self.name}.crt"

    @property
    def key(self) -> Path:
        """The private key."""
        return self.directory / f"{self.name}.key"

    def exists(self) -> bool:
        """Tell whether the pair is complete; the certificate is written last."""
        return self.certificate.exists() and self.key.exists()


def authority(directory: Path, name: str) -> Pair:
    """Return the authority with this name, made on first use."""
    pair = Pair(directory, name)
    if not pair.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(f"wpclone local {name}")
        builder = (
            _builder(subject, subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(authority=True), critical=True)
        )
        _store(pair, key, builder.sign(key, hashes.SHA256()))
    return pair


def issue(
    signer: Pair,
    name: str,
    *,
    common: str,
    groups: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Pair:
    """Return a pair signed by an authority, made unless one for the same names is there.

    `groups` become organisations, as Kubernetes reads them; `names` are DNS names and addresses.
    """
    pair = Pair(signer.directory, name)
    if pair.exists() and _speaks_for(pair) == set(names):
        return pair
    key = ec.generate_private_key(ec.SECP256R1())
    parent = x509.load_pem_x509_certificate(signer.certificate.read_bytes())
    loaded = serialization.load_pem_private_key(signer.key.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)  # noqa: S101  we made it ourselves
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    builder = (
        _builder(_name(common, groups), parent.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(loaded.public_key()), critical=False
        )
    )
    if names:
        alternatives = x509.SubjectAlternativeName([_alternative(each) for each in names])
        builder = builder.add_extension(alternatives, critical=False)
    _store(pair, key, builder.sign(loaded, hashes.SHA256()))
    return pair


def signing_key(path: Path) -> Path:
    """Return the key that signs the tokens of service accounts, made on first use."""
    if not path.exists():
        paths.write(
            path, _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)), 0o600
        )
    return path


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Clocks of virtual machines jump: an authority must not be "not yet valid".
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, groups: Sequence[str] = ()) -> x509.Name:
    organisations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organisations, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _speaks_for(pair: Pair) -> set[str]:
    """Return the names a certificate was issued for."""
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(each.value) for each in found}


def _store(pair: Pair, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    paths.write(pair.key, _pem(key), 0o600)
    paths.write(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
