# SPDX-License-Identifier: Apache-2.0
"""Starts one service's stand-in controller and ends it politely."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

from local.ack import controller, settings


async def _main(told: settings.Settings) -> None:
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    if me is not None:
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, me.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await controller.run(told)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    asyncio.run(_main(settings.read()))
