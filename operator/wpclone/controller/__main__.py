# SPDX-License-Identifier: Apache-2.0
"""Starts the operator and turns a failure into an exit code."""

from __future__ import annotations

import asyncio
import sys

from wpclone import errors
from wpclone.controller import app, settings, telemetry
from wpclone.controller.app.operate import Restart

OK, FAILED, MISUSED = 0, 1, 64


def main() -> int:
    """Run the operator; return its exit code."""
    try:
        chosen = settings.load()
    except errors.InvalidSpec as error:
        sys.stderr.write(f"wpclone: {error}\n")
        return MISUSED
    telemetry.start(chosen.log.level, chosen.log.format)
    log = telemetry.logger("main")
    code = OK
    try:
        asyncio.run(app.operate(chosen))
    except* errors.Fenced:
        log.error("the lease is lost; another operator may have taken over")  # noqa: TRY400  no bug
        code = FAILED
    except* Restart as group:
        log.info("restarting", why=str(group.exceptions[0]))
    except* errors.WPCloneError as group:
        log.error("the operator cannot go on", why=str(group.exceptions[0])[:500])  # noqa: TRY400
        code = FAILED
    return code


if __name__ == "__main__":
    sys.exit(main())
