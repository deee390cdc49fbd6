# SPDX-License-Identifier: Apache-2.0
"""Reads from a request who asks which service for what."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d+/([^/]*)/([^/]+)/aws4_request")
_READING = ("Describe", "List", "Get", "Head")
# What may stand in a ledger although its name sounds like a secret's.
_HARMLESS = ("Manage", "Rotate")
_SECRET = re.compile(r"(?i)password|secretstring|sessiontoken|identitytoken")
HIDDEN = "***"


class Protocol(Enum):
    """How a service speaks."""

    QUERY = auto()
    EC2 = auto()
    REST_JSON = auto()
    JSON = auto()
    S3 = auto()


@dataclass(frozen=True)
class Call:
    """One request to AWS; its parameters hold no secret."""

    service: str
    action: str
    protocol: Protocol
    region: str = ""
    access_key: str = ""
    agent: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The action as policies write it."""
        return f"{self.service}:{self.action}"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.action.startswith(_READING) or self.action in {"GET", "HEAD"}


def read(environ: Mapping[str, Any], body: bytes) -> Call:
    """Return what a request asks for; `body` may be empty for S3."""
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    proof = header or str(environ.get("QUERY_STRING", "")).replace("%2F", "/").replace(
        "X-Amz-Credential", "Credential"
    )
    found = _CREDENTIAL.search(proof)
    key, region, service = found.groups() if found else ("", "", "")
    protocol, service, action, parameters = _meaning(environ, body, service)
    agent = str(environ.get("HTTP_USER_AGENT", ""))
    return Call(service, action, protocol, region, key, agent, without_secrets(parameters))


def without_secrets(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return parameters with every password hidden."""
    return {
        name: HIDDEN if _SECRET.search(name) and not name.startswith(_HARMLESS) else value
        for name, value in parameters.items()
    }


def _meaning(
    environ: Mapping[str, Any], body: bytes, service: str
) -> tuple[Protocol, str, str, dict[str, str]]:
    path, method = str(environ.get("PATH_INFO", "/")), str(environ.get("REQUEST_METHOD", "GET"))
    if target := str(environ.get("HTTP_X_AMZ_TARGET", "")):
        name = "tagging" if target.startswith("ResourceGroupsTagging") else service
        return Protocol.JSON, name, target.partition(".")[2], _flat(body)
    if service == "eks":
        action, found = _eks_action(method, path)
        return Protocol.REST_JSON, service, action, {**_flat(body), **found}
    if service == "s3" or not re.search(rb"(^|&)Action=", body):
        return Protocol.S3, service or "s3", method, {"path": path}
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    action = form.pop("Action", "")
    form.pop("Version", None)
    # A web identity is traded without a signature: only its action tells the service.
    service = service or "sts"
    return Protocol.EC2 if service == "ec2" else Protocol.QUERY, service, action, form


def _flat(body: bytes) -> dict[str, str]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        str(name): value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for name, value in content.items()
    }


def _eks_action(method: str, path: str) -> tuple[str, dict[str, str]]:
    for verb, pattern, action in _eks_routes():
        found = pattern.fullmatch(path) if verb == method else None
        if found:
            return action, found.groupdict()
    return f"{method} {path}", {}


@functools.cache
def _eks_routes() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return the routes of AWS' own description of EKS."""
    from botocore.loaders import Loader  # noqa: PLC0415  slow: only a server reads calls

    operations = Loader().load_service_model("eks", "service-2")["operations"]
    routes = []
    for action, operation in operations.items():
        http = operation["http"]
        # A resource's ARN holds slashes, a name never does.
        pattern = re.sub(r"{(resourceArn)}", r"(?P<\1>.+)", http["requestUri"])
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern)
        routes.append((http["method"], re.compile(pattern), action))
    return tuple(routes)
