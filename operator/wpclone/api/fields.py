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

from wpclone.api import cel, durations

LABEL_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
SUBDOMAIN_PATTERN: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
QUANTITY_PATTERN: Final = r"^[0-9]{1,15}(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
IMAGE_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$"
TTL_PATTERN: Final = r"^(Never|([0-9]{1,6}(h|m|s)){1,3})$"
HOST_PATTERN: Final = r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$"
SCHEMA_PATTERN: Final = r"^[A-Za-z0-9_$-]+$"
MAX_IMAGE: Final = 512
MAX_SCHEMA: Final = 64
MAX_NAME: Final = 253
MAX_LABEL: Final = 63
MAX_QUANTITY: Final = 32
MAX_URL: Final = 2048

# Patterns reach the API server as CEL rules, because a pattern of the schema answers with the
# pattern, and a person wants a sentence.


def _matches(pattern: str) -> str:
    return f"self.matches('{pattern.replace(chr(92), chr(92) * 2)}')"


Label = Annotated[
    str,
    StringConstraints(pattern=LABEL_PATTERN, max_length=MAX_LABEL),
    WithJsonSchema(
        cel.text(
            MAX_LABEL,
            cel.rule(
                _matches(LABEL_PATTERN),
                "must be lower-case letters, digits and hyphens, such as acme or acme-eu",
            ),
        )
    ),
]
ObjectName = Annotated[
    str,
    StringConstraints(pattern=SUBDOMAIN_PATTERN, max_length=MAX_NAME),
    WithJsonSchema(
        cel.text(
            MAX_NAME,
            cel.rule(
                _matches(SUBDOMAIN_PATTERN),
                "must be the name of an object: lower-case letters, digits, hyphens and dots",
            ),
        )
    ),
]
Host = Annotated[
    str,
    StringConstraints(pattern=SUBDOMAIN_PATTERN, max_length=MAX_NAME),
    WithJsonSchema(
        cel.text(
            MAX_NAME,
            cel.rule(
                _matches(SUBDOMAIN_PATTERN) + " && self.contains('.')",
                "must be a host name such as preview.clones.example",
            ),
        )
    ),
]
Image = Annotated[
    str,
    StringConstraints(pattern=IMAGE_PATTERN, max_length=MAX_IMAGE),
    WithJsonSchema(
        cel.text(
            MAX_IMAGE,
            cel.rule(
                _matches(IMAGE_PATTERN),
                "must be an image such as registry.example/wordpress:6.8",
            ),
        )
    ),
]
SiteURL = Annotated[
    str,
    StringConstraints(pattern=r"^https?://", max_length=MAX_URL),
    WithJsonSchema(
        cel.text(
            MAX_URL,
            cel.rule(
                "self.startsWith('https://') || self.startsWith('http://')",
                "must start with https://",
                reason=cel.FORBIDDEN,
            ),
            cel.rule(
                "isURL(self) && url(self).getHostname() != ''",
                "must be an address such as https://www.acme.example",
                reason=cel.FORBIDDEN,
            ),
            cel.rule(
                "!self.matches('^[A-Za-z]+://[^/?#]*@')",
                "must have no user name or password; they belong into the Secret that "
                "credentialsRef names",
                reason=cel.FORBIDDEN,
            ),
            cel.rule(
                "!self.contains('?') && !self.contains('#')",
                "must end before any ? or #",
                reason=cel.FORBIDDEN,
            ),
        )
    ),
]
ArchiveURI = Annotated[
    str,
    StringConstraints(pattern=r"^(https?|s3)://", max_length=MAX_URL),
    WithJsonSchema(
        cel.text(
            MAX_URL,
            cel.rule(
                "self.matches('^(https?://[^/?#@]+/|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/)[^?#]+$')",
                "must be an address such as https://files.acme.example/site.tar or "
                "s3://bucket/site.tar, without user name, query or fragment",
                reason=cel.FORBIDDEN,
            ),
        )
    ),
]
DatabaseHost = Annotated[
    str,
    StringConstraints(pattern=HOST_PATTERN, max_length=MAX_NAME),
    WithJsonSchema(
        cel.text(
            MAX_NAME,
            cel.rule(_matches(HOST_PATTERN), "must be a host name or an address, without a port"),
        )
    ),
]
Schema = Annotated[
    str,
    StringConstraints(pattern=SCHEMA_PATTERN, max_length=MAX_SCHEMA),
    WithJsonSchema(
        cel.text(
            MAX_SCHEMA,
            cel.rule(
                _matches(SCHEMA_PATTERN),
                "must be the name of a schema: letters, digits, hyphens, $ and underscores",
            ),
        )
    ),
]
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
    WithJsonSchema(
        cel.text(
            durations.MAX_LENGTH,
            cel.rule(
                _matches(TTL_PATTERN),
                "must be a duration in hours, minutes and seconds, such as 90m or 72h, or Never",
            ),
            # The first rule has spoken already where this one cannot judge.
            cel.rule(
                f"self == 'Never' || !{_matches(TTL_PATTERN)} || duration(self) >= duration('1m')",
                "must be at least 1m",
            ),
        )
    ),
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
    StringConstraints(pattern=QUANTITY_PATTERN, max_length=MAX_QUANTITY),
    BeforeValidator(_quantity),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "maxLength": MAX_QUANTITY,
            cel.KEY: [
                cel.rule(
                    f"string(self).matches('{QUANTITY_PATTERN.replace(chr(92), chr(92) * 2)}') && "
                    "quantity(string(self)).isGreaterThan(quantity('0'))",
                    "must be an amount above 0, such as 250m, 512Mi or 5Gi",
                )
            ],
        }
    ),
]
