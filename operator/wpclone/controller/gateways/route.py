# SPDX-License-Identifier: Apache-2.0
"""Asks a clone's public address whether it answers with its own UID."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.controller.ports import Answer
from wpclone.controller.settings import Ingress

TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
HEALTH: Final = "/.wpclone/health"
HEADER: Final = "X-WPClone-UID"
MOST: Final = 4096


class _Fixed(AbstractResolver):
    """Resolves every name to the ingress: the check goes nowhere else."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._host = host.strip("[]")
        self._port = int(port)

    async def resolve(
        self,
        host: str,
        port: int = 0,  # noqa: ARG002  the configured one is used
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  likewise
    ) -> list[ResolveResult]:
        kind = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=self._host, port=self._port, family=kind, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Hold nothing, release nothing."""


class PublicRoute:
    """The way in from outside, through the configured ingress."""

    def __init__(self, ingress: Ingress) -> None:
        """Take how clones are reached."""
        self._ingress = ingress

    async def check(self, host: str, uid: str) -> Answer:
        """Ask a clone's public address for its health and its UID; follow nothing."""
        try:
            async with self._session() as session:
                url = f"https://{host}{HEALTH}"
                async with session.get(url, allow_redirects=False) as answer:
                    found = await answer.content.read(MOST)
                    return _judge(host, uid, answer, found)
        except aiohttp.ClientConnectorDNSError:
            return Answer(Reason.ROUTE_NOT_RESOLVING, f"The host name {host} does not resolve")
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError):
            return Answer(
                Reason.CERTIFICATE_INVALID, f"The certificate that {host} shows is not valid for it"
            )
        except (aiohttp.ClientError, OSError):
            # TimeoutError is an OSError
            return Answer(Reason.ROUTE_UNREACHABLE, f"https://{host} cannot be reached")

    def _session(self) -> aiohttp.ClientSession:
        trust = ssl.create_default_context(cafile=self._ingress.ca_file or None)
        connector = aiohttp.TCPConnector(
            ssl=trust,
            resolver=_Fixed(self._ingress.address) if self._ingress.address else None,
            use_dns_cache=False,
            force_close=True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=TIMEOUT,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )


def _judge(host: str, uid: str, answer: aiohttp.ClientResponse, body: bytes) -> Answer:
    shown = answer.headers.get(HEADER, "")
    if answer.status == 200 and shown == uid:  # noqa: PLR2004
        told = _told(body)
        return Answer(guard=clean(str(told.get("guard", "")), 64) or None, mails=_count(told))
    if shown and shown != uid:
        return Answer(Reason.NAME_CONFLICT, f"https://{host} is answered by another clone")
    if shown:
        return Answer(Reason.SITE_UNHEALTHY, f"https://{host} answers with HTTP {answer.status}")
    # No guard spoke: this is the ingress, which does not lead to the clone (yet).
    return Answer(
        Reason.ROUTE_UNREACHABLE,
        f"https://{host} answers with HTTP {answer.status}, but not from the clone",
    )


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _count(told: dict[str, Any]) -> int | None:
    mails = told.get("mails")
    return mails if isinstance(mails, int) and mails >= 0 else None
