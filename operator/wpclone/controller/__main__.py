# SPDX-License-Identifier: Apache-2.0
"""Starts the operator and turns a failure into an exit code."""

from __future__ import annotations

import asyncio
import sys
import time

from wpclone import errors
from wpclone.controller import app, settings, telemetry
from wpclone.controller.app.operate import Restart
from wpclone.controller.settings import Settings

OK, FAILED, MISUSED = 0, 1, 64
PAUSE = 1.0  # between two beginnings, so that no fault makes them spin


def main() -> int:
    """Run the operator; return its exit code."""
    try:
        chosen = settings.load()
    except errors.InvalidSpec as error:
        sys.stderr.write(f"wpclone: {error}\n")
        return MISUSED
    telemetry.start(chosen.log.level, chosen.log.format)
    while (code := run(chosen)) is None:
        time.sleep(PAUSE)
    return code


def run(chosen: Settings) -> int | None:
    """Run the operator once; return its exit code, or None to begin anew.

    Whatever a new process would cure is cured in this one: the kubelet brings a container that
    ends again and again back ever later, by five minutes in the end.
    """
    log = telemetry.logger("main")
    code: int | None = OK
    try:
        asyncio.run(app.operate(chosen))
    except* errors.Fenced:
        log.warning("the lease is lost; another operator may have taken over")
        code = None
    except* Restart as group:
        log.info("beginning anew", why=str(group.exceptions[0]))
        code = None
    except* errors.Transient as group:
        log.warning("beginning anew", why=str(group.exceptions[0])[:500])
        code = None
    except* errors.WPCloneError as group:
        log.error("the operator cannot go on", why=str(group.exceptions[0])[:500])  # noqa: TRY400
        code = FAILED
    return code


if __name__ == "__main__":
    sys.exit(main())
