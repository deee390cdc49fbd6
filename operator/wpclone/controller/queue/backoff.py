# SPDX-License-Identifier: Apache-2.0
"""Says how long to wait after a failure: exponential, capped, jittered."""

from __future__ import annotations

from typing import Final

FIRST: Final = 0.25
# Minutes at most: a server that is well again is noticed before a person asks.
CAP: Final = 60.0


def seconds(failures: int, jitter: float, retry_after: float | None = None) -> float:
    """Return the wait after so many failures in a row; `jitter` is in [0, 1).

    What the other side asked for (`Retry-After`) is a floor, so that it is never undercut.
    """
    # 2**8 * 0.25 s is beyond the cap: larger exponents would only overflow
    grown = min(CAP, FIRST * 2.0 ** min(max(failures, 1) - 1, 8))
    return max(grown * (0.5 + jitter / 2), retry_after or 0.0)
