# SPDX-License-Identifier: Apache-2.0
"""Says in one sentence why a machine cannot run the native cluster, before anything is touched."""

import os
import sys

from local import native, packages, programs
from local.errors import LocalError, NotHere

_INSTEAD = "use `make demo CLUSTER=current` with a cluster that kubectl points at"


def machine() -> None:
    """Refuse a machine on which the native cluster cannot run."""
    if sys.platform != "linux":
        raise NotHere(f"The native cluster needs Linux; {_INSTEAD}.")
    if os.geteuid() != 0:
        raise NotHere(f"The native cluster needs root; run as root, or {_INSTEAD}.")


def built() -> None:
    """Refuse to start before everything is installed and built."""
    missing = [*packages.lacking(), *programs.missing(), *native.missing()]
    if missing:
        raise LocalError(f"Not built yet: {', '.join(missing)}. Run `python -m local build` first.")
