# SPDX-License-Identifier: Apache-2.0
"""Decides whether an address somebody typed may be connected to, and at which IP address.

The name is resolved once and the answer kept: whoever answers differently later is not asked.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from wpclone.api import advice
from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net import addresses
from wpclone.mover.net.addresses import Address

RESOLVE_SECONDS: Final = 10.0
# Web servers of the public internet; an address from the settings' list may use any port.
WEB_PORTS: Final = frozenset({80, 443, 8080, 8443})
MAX_URL: Final = 8192
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(
    r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.ASCII
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f\\]")
_ASCII: Final = "".join(map(chr, range(128)))

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted address: what to ask for, and where it may be asked."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser would write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def lookup(host: str, port: int) -> Sequence[str]:
    """Resolve a name by the system's resolver, which knows no deadline: a thread waits for it."""
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            answers.put(error)
        else:
            answers.put([str(entry[4][0]) for entry in found])

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=RESOLVE_SECONDS)
    except queue.Empty:
        raise TimeoutError("the name server did not answer") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def on_wire(text: str | bytes) -> str:
    """Return a part of an address with everything beyond ASCII percent-encoded, as browsers do."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return quote(data, safe=_ASCII)


def shown(url: str) -> str:
    """Return an address for people, without its query, which may hold anything."""
    return clean(url.partition("?")[0])


class Inward(SourceError):  # noqa: N818  a wall, not a failure
    """The source is not on the public internet, and nobody has opened the way to its address."""

    def __init__(self, message: str, address: Address) -> None:
        """Keep the address, for whoever can say how to open it."""
        super().__init__(Reason.SOURCE_ADDRESS_FORBIDDEN, message)
        self.address = address


class Vetter:
    """Judges addresses by the settings of the namespace."""

    def __init__(self, settings: NetworkConfig, resolve: Resolve = lookup) -> None:
        """Take the settings, and the resolver to ask."""
        self._allowed = addresses.networks(settings.allow)
        self._http = settings.http
        self._blind = settings.proxy is not None
        self._resolve = resolve
        self._known: dict[str, tuple[str, ...]] = {}

    def vet(self, url: str) -> Target:
        """Return where a URL may be asked for, or raise SourceError with the reason why not."""
        parts = _split(url)
        host = _host(parts)
        try:
            port = parts.port or _DEFAULT_PORTS[parts.scheme]
        except ValueError:
            raise _forbidden("The source address has an impossible port") from None
        if parts.scheme == "http" and not self._http:
            raise _forbidden(f"The source address {shown(url)} is not https, {advice.NOT_HTTPS}")
        found = self._addresses(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port, on_wire(path), found)

    def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        known = self._known.get(host)
        if known is None:
            known = tuple(dict.fromkeys(self._answers(host, port)))
        for text in known:
            self._judge(host, ipaddress.ip_address(text), port)
        self._known[host] = known
        return known

    def _answers(self, host: str, port: int) -> Sequence[str]:
        literal = _literal(host)
        if literal is not None:
            return [str(literal)]
        try:
            # An address may come with a zone, as in fe80::1%eth0.
            return [answer.partition("%")[0] for answer in self._resolve(host, port)]
        except (OSError, UnicodeError) as error:
            if self._blind:
                # Only the proxy can resolve names of the outside: then the proxy is the wall.
                return []
            raise SourceError(
                Reason.SOURCE_UNREACHABLE,
                f"The name {clean(host)} does not resolve; check the address of the source",
                retryable=isinstance(error, TimeoutError)
                or getattr(error, "errno", None) == socket.EAI_AGAIN,
            ) from error

    def _judge(self, host: str, address: Address, port: int) -> None:
        if addresses.is_listed(address, self._allowed):
            return
        if not addresses.is_public(address):
            raise Inward(f"{_leads(host, address)}, {advice.NOT_ALLOWED}", address)
        if port not in WEB_PORTS:
            raise _forbidden(f"Port {port} of the source is not a port of the web")


def _leads(host: str, address: Address) -> str:
    if _literal(host) is not None:
        return f"The source address {clean(host)} is not a public one"
    return f"The source address {clean(host)} leads to {address}, which is not a public address"


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL or _UNPRINTABLE.search(url):
        raise _forbidden("The source address is too long or holds characters no address may hold")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _forbidden(f"The source address {shown(url)} cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _forbidden(f"The source address {shown(url)} is neither https nor http")
    if "@" in parts.netloc:
        # The part before the sign may be a password: it is not repeated.
        raise _forbidden("The source address must not hold a user name or password")
    return parts


def _host(parts: SplitResult) -> str:
    """Return the host in the one form that is compared and connected to."""
    host = parts.hostname or ""
    if _literal(host) is not None:
        return host
    try:
        # IDNA also maps the look-alikes of dots and digits onto the real ones.
        host = host.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        host = ""
    if not _NAME.fullmatch(host) or len(host) > 253:  # noqa: PLR2004  the longest name in DNS
        raise _forbidden("The source address holds no host name that can be read")
    last = host.rpartition(".")[2]
    if _literal(host) is None and (last.isdigit() or last.startswith("0x")):
        # 0x7f.1, 2130706433, 0177.0.0.1: the resolver would read these as addresses.
        raise _forbidden(
            f"{clean(host)} is an address in disguise, not a host name; it is not asked"
        )
    return host


def _literal(host: str) -> Address | None:
    """Return the address that a host spells out in the usual way, if it does."""
    if "%" in host:
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _forbidden(message: str) -> SourceError:
    return SourceError(Reason.SOURCE_ADDRESS_FORBIDDEN, message)
