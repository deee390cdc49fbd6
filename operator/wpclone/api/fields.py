# SPDX-License-Identifier: Apache-2.0
"""Defines the field types of the custom resources, each with the schema the API server checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from wpclone.api import durations

LABEL_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
SUBDOMAIN_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
QUANTITY_PATTERN: Final = r"^([0-9]{1,15})(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
TTL_PATTERN: Final = r"^(Never|([0-9]{1,6}(h|m|s)){1,3})$"

Label = Annotated[str, StringConstraints(pattern=LABEL_PATTERN, min_length=1, max_length=63)]
ObjectName = Annotated[
    str, StringConstraints(pattern=SUBDOMAIN_PATTERN, min_length=1, max_length=253)
]
Host = ObjectName
Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]


class Forever(StrEnum):
    """The one lifetime that is no duration."""

    NEVER = "Never"


def _lifetime(value: Any) -> Any:
    if value == Forever.NEVER.value:
        return Forever.NEVER
    return durations.parse(value) if isinstance(value, str) else value


def _lifetime_text(value: timedelta | Forever) -> str:
    return value.value if isinstance(value, Forever) else durations.text(value)


Lifetime = Annotated[
    timedelta | Forever,
    BeforeValidator(_lifetime),
    PlainSerializer(_lifetime_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": TTL_PATTERN, "maxLength": durations.MAX_LENGTH}),
]


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def rfc3339(value: datetime) -> str:
    """Return a time as Kubernetes writes it: UTC, whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Time = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 64}),
]


def _quantity(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Quantity = Annotated[
    str,
    StringConstraints(pattern=QUANTITY_PATTERN, max_length=32),
    BeforeValidator(_quantity),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "pattern": QUANTITY_PATTERN,
            "maxLength": 32,
        }
    ),
]
