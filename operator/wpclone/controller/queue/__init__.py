# SPDX-License-Identifier: Apache-2.0
"""Says which key runs when: deduplicated, serial per key, with backoff and resync."""

from wpclone.controller.queue.keyed import Keyed

__all__ = ["Keyed"]
