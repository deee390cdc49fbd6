# SPDX-License-Identifier: Apache-2.0
"""Writes what we send to the agent: arguments, and the proof that we may ask."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SPACE: Final = "wpclone-agent/v1"


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: its name, its key, and how far the site's clock is ahead of ours."""

    id: str
    key: str = field(repr=False)
    ahead: float = 0.0


def new_nonce() -> str:
    """Return a nonce; every request has its own, and the reply is signed over it."""
    return secrets.token_hex(16)


def write(  # noqa: PLR0913  the parts of a proof
    method: str,
    route: str,
    args: Mapping[str, Any],
    *,
    key: str | None,
    session: str,
    now: int,
    nonce: str,
) -> bytes:
    """Return the envelope of a request; without a key it carries no signature."""
    text = json.dumps(args, separators=(",", ":"))
    auth = {"session": session, "time": str(now), "nonce": nonce}
    if key is not None:
        digest = hashlib.sha256(text.encode()).hexdigest()
        said = "\n".join((method, f"/{SPACE}/{route}", digest, str(now), nonce))
        auth["mac"] = sign(key, said)
    return json.dumps({"auth": auth, "args": text}, separators=(",", ":")).encode()


def sign(key: str, text: str) -> str:
    """Return the signature of a text."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def in_query(envelope: bytes) -> str:
    """Return an envelope in the form that fits into a query: it holds no secret."""
    return base64.urlsafe_b64encode(zlib.compress(envelope, 9)).decode()
