# SPDX-License-Identifier: Apache-2.0
"""Lists every bad input with the reason and the sentence that a person gets for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

LIVE: Final = "https://www.acme.test"
LOGIN: Final = "acme-admin"
NOT_PUBLIC: Final = "is not a public one, and the operator's settings do not allow it"
LEADS: Final = "which is not a public address, and the operator's settings do not allow it"
TRY_AGAIN: Final = "To try again: kubectl annotate wordpressclone"
OTHER_ADDRESS: Final = "If the address is wrong, make a new clone with the right one"
AT_ONCE: Final = "A corrected Secret is tried at once"
BY_HAND: Final = "install the agent plugin by hand and use its pairing key"


@dataclass(frozen=True, slots=True)
class Case:
    """A clone of something odd, and what becomes of it."""

    name: str
    reason: str
    says: tuple[str, ...]
    url: str = LIVE
    secret: str = LOGIN
    spec: dict[str, Any] = field(default_factory=dict)
    # All together; one alone takes a few seconds, a host that is off half a minute.
    seconds: float = 450.0


def _pretend(name: str, reason: str, *says: str) -> Case:
    return Case(name, reason, says, f"https://{name}.pretend.test")


def _trouble(name: str, reason: str, *says: str) -> Case:
    return Case(name, reason, says, f"https://{name}.trouble.test")


def _forbidden(name: str, url: str, *says: str) -> Case:
    return Case(name, "SourceAddressForbidden", (*says, OTHER_ADDRESS), url)


LOGINS: Final[dict[str, Case]] = {
    "a wrong password": Case(
        "wrong-password",
        "SourceRefusedLogin",
        ("The source refused the login; check the source Secret", "incorrect", AT_ONCE),
        secret="wrong-password",
    ),
    "a Secret that is not there": Case(
        "secret-missing",
        "CredentialsMissing",
        ("There is no Secret nowhere in this namespace; create it",),
        secret="nowhere",
    ),
    "a Secret that is not meant for clones": Case(
        "secret-unlabelled",
        "CredentialsNotAllowed",
        ("Secret unlabelled is not meant for clones; label it with clones.betaweb.ai/source=true",),
        secret="unlabelled",
    ),
    "a Secret without keys": Case(
        "secret-keyless",
        "CredentialsInvalid",
        ("Secret keyless cannot be used: it has no key 'username'",),
        secret="keyless",
    ),
    "a Secret whose password is empty": Case(
        "secret-empty",
        "CredentialsInvalid",
        ("The source Secret cannot be used: its key 'password' is empty", AT_ONCE),
        secret="empty",
    ),
}

HOSTS: Final[dict[str, Case]] = {
    "a site that is not WordPress": _pretend(
        "static", "SourceNotWordPress", "There is no WordPress at", "A bakery", OTHER_ADDRESS
    ),
    "a page that does not exist": _pretend(
        "missing", "SourceNotWordPress", "There is no WordPress at", "HTTP 404", OTHER_ADDRESS
    ),
    "redirects in a circle": _pretend(
        "circle", "SourceRedirects", "redirects in a circle and never shows a page", OTHER_ADDRESS
    ),
    "a site that has moved": _pretend(
        "moved", "SourceRedirects", "https://www.elsewhere.test/, which is another site"
    ),
    "a redirect to the metadata service": _pretend(
        "inward", "SourceRedirects", "redirects to http://169.254.169.254/", OTHER_ADDRESS
    ),
    "HTML from a firewall": _pretend(
        "firewall",
        "SourceBlockedByFirewall",
        "A firewall of the source answered instead of WordPress (HTTP 403",
        "allow our requests there",
        TRY_AGAIN,
    ),
    "a password of the web server": _pretend(
        "basic", "SourceBlockedByFirewall", "asks for a password of the web server", TRY_AGAIN
    ),
    "a server in trouble": _pretend(
        "broken", "SourceUnreachable", "answers with an error (HTTP 500", TRY_AGAIN
    ),
    "a server that never answers": _pretend(
        "silent", "SourceUnreachable", "did not answer within 15 seconds", TRY_AGAIN
    ),
    "a certificate of another name": Case(
        "tls",
        "SourceTLSInvalid",
        ("The certificate of https://wrong-name.test is not valid: Hostname mismatch", TRY_AGAIN),
        "https://wrong-name.test",
    ),
    "a host that is off": Case(
        "unreachable",
        "SourceUnreachable",
        ("https://nobody-there.test cannot be reached: No route to host", TRY_AGAIN),
        "https://nobody-there.test",
    ),
    "a name that does not exist": Case(
        "unresolved",
        "SourceUnreachable",
        ("The name no-such-host.test does not resolve; check the address", TRY_AGAIN),
        "https://no-such-host.test",
    ),
}

ADDRESSES: Final[dict[str, Case]] = {
    "the metadata service": _forbidden("metadata", "https://169.254.169.254", NOT_PUBLIC),
    "a name that leads to the metadata service": _forbidden(
        "metadata-name", "https://metadata.test", "leads to 169.254.169.254", LEADS
    ),
    "the metadata service as one number": _forbidden(
        "metadata-decimal", "https://2852039166", "2852039166 is an address in disguise"
    ),
    "the metadata service in octal": _forbidden(
        "metadata-octal", "https://0251.0376.0251.0376", "is an address in disguise"
    ),
    "the metadata service in hexadecimal": _forbidden(
        "metadata-hex", "https://0xa9fea9fe", "0xa9fea9fe is an address in disguise"
    ),
    "the metadata service inside IPv6": _forbidden(
        "metadata-mapped", "https://[::ffff:169.254.169.254]", NOT_PUBLIC
    ),
    "the metadata service behind NAT64": _forbidden(
        "metadata-nat64", "https://[64:ff9b::a9fe:a9fe]", NOT_PUBLIC
    ),
    "the pod itself": _forbidden("loopback", "https://localhost", "localhost leads to", LEADS),
    "a private range": _forbidden("private", "https://10.0.0.1", NOT_PUBLIC),
    "a private range of IPv6": _forbidden("private-six", "https://[fd00::1]", NOT_PUBLIC),
    "the cluster's API server": _forbidden(
        "api-server", "https://kubernetes.default.svc", "kubernetes.default.svc leads to", LEADS
    ),
}

SITES: Final[dict[str, Case]] = {
    "a second factor": _trouble(
        "second-factor",
        "SourceNeedsSecondFactor",
        "The login needs a second factor",
        BY_HAND,
        AT_ONCE,
    ),
    "a site that forbids uploads of plugins": _trouble(
        "no-uploads",
        "AgentInstallRefused",
        "the site forbids changes of its files",
        "Upload wpclone-agent.zip at https://no-uploads.trouble.test/wp-admin/",
        TRY_AGAIN,
    ),
    "maintenance mode": _trouble(
        "maintenance",
        "SourceInMaintenance",
        "The source is in maintenance mode; the copy can start when it is over",
        TRY_AGAIN,
    ),
    "a connection cut in mid-table": _trouble("cut-tables", "Available"),
    "a connection cut in mid-file": _trouble("cut-files", "Available"),
    "a title with escape codes and HTML": _trouble("hostile", "Available"),
    "a source that dies for good in mid-copy": Case(
        "dying",
        "SourceLost",
        ("stopped answering", TRY_AGAIN),
        "https://dying.trouble.test",
        seconds=550,
    ),
    "a volume that is too small": Case(
        "storage-full",
        "StorageFull",
        ("The clone's volume is full: give it more room (spec.site.storage)", TRY_AGAIN),
        spec={"site": {"storage": "8Mi"}},
        seconds=550,
    ),
}

ALL: Final[dict[str, Case]] = {**LOGINS, **HOSTS, **ADDRESSES, **SITES}

# What the API server refuses: fields of a good clone by dotted path, and the sentence.
REFUSED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "a name that is too long": (
        {"metadata.name": "a" * 41},
        "the name must have at most 40 characters",
    ),
    "a life that is too short": ({"spec.ttl": "1s"}, "must be at least 1m"),
    "a life that is too long": ({"spec.ttl": "9999h"}, "ttl 9999h is too long; the longest ttl"),
    "a life without end": ({"spec.ttl": "Never"}, "ttl Never is not allowed in namespace"),
    "two sources": (
        {"spec.source.blank": {}},
        "name exactly one of site, database, archive, clone, blank",
    ),
    "no source": ({"spec.source": {}}, "name exactly one of site, database, archive, clone, blank"),
    "a password in the address": (
        {"spec.source.site.url": "https://a:hunter2@www.acme.test"},
        "must have no user name or password",
    ),
    "another protocol": (
        {"spec.source.site.url": "file:///etc/passwd"},
        "must start with https://",
    ),
}
