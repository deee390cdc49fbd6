# SPDX-License-Identifier: Apache-2.0
"""Says where a file named by a clone is asked for, and what proves that we may have it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from wpclone.api import secrets
from wpclone.api.mover import S3Config
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError

_S3: Final = "s3://"

Sign = Callable[[str], Mapping[str, str]]
"""Takes an address, returns the headers that prove who asks for it."""


def nobody(_url: str) -> Mapping[str, str]:
    """Ask as anybody would."""
    return {}


@dataclass(frozen=True, slots=True)
class Place:
    """One file of the outside."""

    shown: str
    """The file's name for people: never its whole address, which may be a secret."""
    url: str = field(repr=False)
    sign: Sign = field(default=nobody, repr=False)


def place(uri: str, secret: Mapping[str, str], s3: S3Config) -> Place:
    """Return where `uri` is asked for, with what its Secret offers; SourceError if it cannot be."""
    shown = clean(uri)
    if secrets.ARCHIVE_URL in secret:
        return Place(shown, _whole(uri, secret[secrets.ARCHIVE_URL].strip()))
    if uri.startswith(_S3):
        return Place(shown, _s3_address(uri, s3), _s3_signature(secret, s3))
    return Place(shown, uri, _basic(secret))


def _whole(uri: str, url: str) -> str:
    """Return the secret address; what it is the address of is no secret."""
    if not uri.startswith(_S3) and url.partition("?")[0] != uri:
        raise _unusable("its key 'url' is another address than the one that the clone names")
    if urlsplit(url).scheme not in {"https", "http"}:
        raise _unusable("its key 'url' is no address that begins with https://")
    return url


def _basic(secret: Mapping[str, str]) -> Sign:
    if not secret:
        return nobody
    username, password = (_filled(secret, key) for key in (secrets.USERNAME, secrets.PASSWORD))
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return lambda _url: {"Authorization": f"Basic {token}"}


def _s3_address(uri: str, s3: S3Config) -> str:
    bucket, _, key = uri.removeprefix(_S3).partition("/")
    path = quote(key, safe="/~")
    if s3.endpoint:
        return f"{s3.endpoint.rstrip('/')}/{bucket}/{path}"
    host = f"s3.{s3.region}.amazonaws.com"
    # No certificate is good for a name with another dot in front of the host.
    return f"https://{host}/{bucket}/{path}" if "." in bucket else f"https://{bucket}.{host}/{path}"


def _s3_signature(secret: Mapping[str, str], s3: S3Config) -> Sign:
    if not secret:
        return nobody
    # Only who reads from a bucket pays for the library: a second and twelve megabytes.
    from botocore.auth import S3SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    key, hidden = (_filled(secret, k) for k in (secrets.ACCESS_KEY_ID, secrets.SECRET_ACCESS_KEY))
    proof = Credentials(key, hidden, secret.get(secrets.SESSION_TOKEN, "").strip() or None)

    def sign(url: str) -> Mapping[str, str]:
        request = AWSRequest("GET", url)
        S3SigV4Auth(proof, "s3", s3.region).add_auth(request)
        return {str(name): str(value) for name, value in request.headers.items()}

    return sign


def _filled(secret: Mapping[str, str], key: str) -> str:
    value = secret.get(key, "")
    if not value.strip():
        raise _unusable(f"it has no key '{key}'")
    # A password may begin or end with a blank; nothing else here can.
    return value if key == secrets.PASSWORD else value.strip()


def _unusable(why: str) -> SourceError:
    return SourceError(Reason.CREDENTIALS_INVALID, f"The source Secret cannot be used: {why}")
