# SPDX-License-Identifier: Apache-2.0
"""Waits for a server that has stopped answering, longer each time, within a budget."""

from __future__ import annotations

import random
import time
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError

_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 15.0


class Patience:
    """The time since the last good byte, and how long it may last."""

    def __init__(self, budget: float) -> None:
        """Take how many seconds without a byte are borne."""
        self._budget = budget
        self.over()

    def over(self) -> None:
        """Hear that bytes have come: the trouble is over."""
        self._pause = _FIRST_PAUSE
        self._deadline = time.monotonic() + self._budget

    def bear(self, error: SourceError) -> None:
        """Pause before the next try; SourceError if none can help, or there is no time for one."""
        if not error.retryable:
            raise error
        if time.monotonic() + self._pause > self._deadline:
            raise SourceError(
                error.reason,
                f"{error.message}, and it did not get better",
                retryable=error.reason != Reason.SOURCE_REFUSED_LOGIN,
            ) from error
        # Some spread, so that parallel streams do not come back as one.
        time.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
