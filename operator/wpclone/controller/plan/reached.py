# SPDX-License-Identifier: Apache-2.0
"""Says how far a clone has come, whatever it meets now: what was done stays told as done."""

from __future__ import annotations

from wpclone.controller.plan import database, ending
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Stage


def stage(seen: Seen) -> Stage:
    """Return the stage that a clone is at, also when its parts are gone or cannot be seen."""
    stored = seen.status
    if ending.available_at(seen) or database.imported(seen) or stored.import_:
        return Stage.SITE
    if seen.instance or stored.resolved:
        return Stage.CONTENT
    blank = seen.spec is not None and not seen.spec.source.inspected
    if blank or (stored.source and stored.source.site_url):
        return Stage.DATABASE
    return Stage.SOURCE
