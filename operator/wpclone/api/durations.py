# SPDX-License-Identifier: Apache-2.0
"""Reads and writes Go-style durations of hours, minutes and seconds, such as `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

# At most six digits and three parts: what CEL's duration() can always read (Go ends at 292 years).
PATTERN = r"^([0-9]{1,6}(h|m|s)){1,3}$"
MAX_LENGTH = 21
_SHAPE = re.compile(PATTERN)
_PART = re.compile(r"([0-9]{1,6})([hms])")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def parse(text: str) -> timedelta:
    """Return the length of `text`; ValueError with a sentence if it is no duration."""
    if not _SHAPE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a duration such as 90s, 30m or 1h30m")
    return timedelta(seconds=sum(int(n) * _SECONDS[unit] for n, unit in _PART.findall(text)))


def text(length: timedelta) -> str:
    """Return the shortest spelling of a length, in whole seconds; `0s` for nothing."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "h"), (rest // 60, "m"), (rest % 60, "s"))
    return "".join(f"{n}{unit}" for n, unit in parts if n) or "0s"


def spoken(length: timedelta) -> str:
    """Return a length as a person says it: `2 days`, `3 h 20 min`, `45 s`; at most two parts."""
    seconds = max(0, int(length.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    day_word = "day" if days == 1 else "days"
    parts = ((days, day_word), (hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join([f"{n} {unit}" for n, unit in parts if n][:2]) or "0 s"


def _validated(value: Any) -> Any:
    return parse(value) if isinstance(value, str) else value


# A duration in a model: a timedelta inside, Go-style text outside.
Duration = Annotated[
    timedelta,
    BeforeValidator(_validated),
    PlainSerializer(text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "maxLength": MAX_LENGTH}),
]
