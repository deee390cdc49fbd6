# SPDX-License-Identifier: Apache-2.0
"""Turns AWS' field names into those of the definitions: `DBInstanceClass`, `dbInstanceClass`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_FIRST = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z])")
_ID = re.compile(r"Id(?=[A-Z]|s?$)")
_ARN = re.compile(r"Arn(?=[A-Z]|s?$)")


def field(name: str) -> str:
    """Return the field's name in a spec or a status."""
    lowered = _FIRST.sub(lambda match: match.group().lower(), name)
    return _ARN.sub("ARN", _ID.sub("ID", lowered))


def value(found: Any) -> Any:
    """Return an answer of AWS as JSON, with our names at every level."""
    if isinstance(found, dict):
        return {field(key): value(below) for key, below in found.items() if below is not None}
    if isinstance(found, list):
        return [value(below) for below in found]
    if isinstance(found, datetime):
        return moment(found)
    return found


def moment(time: datetime) -> str:
    """Return a time as Kubernetes writes it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
