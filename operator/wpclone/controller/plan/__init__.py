# SPDX-License-Identifier: Apache-2.0
"""Decides, from one observation, what to do and what to say: pure functions of what was seen."""

from wpclone.controller.plan import reached
from wpclone.controller.plan.lifecycle import asks, provision
from wpclone.controller.plan.reaping import leaving, teardown
from wpclone.controller.plan.status import status

__all__ = ["asks", "leaving", "provision", "reached", "status", "teardown"]
