# SPDX-License-Identifier: Apache-2.0
"""Tells the time; nobody else asks the machine for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

# A `Date` header has whole seconds and travels: below this the machine's clock is as good.
TRUSTED: Final = timedelta(seconds=3)


class ServerClock:
    """Follows the API server's clock: a machine ten minutes off must not end clones early."""

    def __init__(self) -> None:
        """Trust the machine until the server has spoken."""
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Return the time in UTC, as the API server has it."""
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def learn(self, date: str | None) -> None:
        """Take the server's time from the `Date` header of an answer that just came."""
        if not date:
            return
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        # The header was cut to whole seconds: half a second is its middle.
        offset = told + timedelta(seconds=0.5) - datetime.now(UTC)
        # Kept while it fits, so that no clock swings around the limit and time never runs back.
        if abs(offset - self._offset) > TRUSTED:
            self._offset = offset if abs(offset) > TRUSTED else timedelta(0)
