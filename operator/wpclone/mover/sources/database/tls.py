# SPDX-License-Identifier: Apache-2.0
"""Says how a source's database server has to prove who it is."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from wpclone.api.origins import TLS
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import TLSMode
from wpclone.errors import SourceError
from wpclone.mover.net.connections import tls_context

AUTHORITY: Final = "ca.crt"


def context(wish: TLS, authority: Path, certificates: Path | None) -> ssl.SSLContext | None:
    """Return how TLS is spoken, None for not at all.

    `authority` is the folder with the server's own authority, which alone counts if the clone names
    one; `certificates` a folder of authorities to trust beside the system's otherwise.
    """
    if wish.mode is TLSMode.DISABLED:
        return None
    made = tls_context(certificates) if wish.ca_ref is None else _trusting(authority, wish)
    made.check_hostname = wish.mode is TLSMode.VERIFY_IDENTITY
    if wish.mode is TLSMode.REQUIRED:
        made.verify_mode = ssl.CERT_NONE
    # Authorities that MySQL and MariaDB make for themselves lack what newer Pythons insist on.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return made


def _trusting(authority: Path, wish: TLS) -> ssl.SSLContext:
    name = wish.ca_ref.name if wish.ca_ref else ""
    path = authority / AUTHORITY
    if not path.is_file():
        raise _unusable(f"There is no ConfigMap {name} with a key {AUTHORITY}")
    try:
        return ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError, ValueError):
        raise _unusable(
            f"The key {AUTHORITY} of the ConfigMap {name} holds no certificate"
        ) from None


def _unusable(problem: str) -> SourceError:
    return SourceError(Reason.SOURCE_TLS_INVALID, f"{problem}; source.database.tls.caRef names it")
