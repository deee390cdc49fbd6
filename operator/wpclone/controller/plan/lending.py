# SPDX-License-Identifier: Apache-2.0
"""Decides whose rows a clone's database user may read beside its own, and for how long.

A clone on the same server is read while its copy is imported, and not a moment longer: what the
server has is compared with that at each pass, so that no crash leaves anything open.
"""

from __future__ import annotations

from wpclone.api import names
from wpclone.api.mover import ImportConfig
from wpclone.controller.plan import instance
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import LendDatabase, ReclaimDatabase, Step
from wpclone.controller.ports import DatabaseView, Owner


def first(seen: Seen) -> tuple[Step, ...]:
    """Return the step before the import is asked for, if it has a neighbour to read."""
    return _lend(seen, instance.beside(seen) or "")


def steps(seen: Seen) -> tuple[Step, ...]:
    """Return the step that opens or shuts what is not as it should be; with an instance only."""
    if seen.instance is None or not seen.instance.ours:
        return ()
    wanted = _asked(seen) if _importing(seen) else ""
    view, owner = _view(seen), Owner(seen.settings.installation, seen.uid)
    if view.owner != owner or not (view.schema and view.user):
        return ()  # what is missing comes first
    if wanted or not view.reads:
        return _lend(seen, wanted)
    why = "the import is over: it may read the other clone no longer"
    return (ReclaimDatabase(instance.server(seen), names.database(seen.uid), owner, why),)


def _lend(seen: Seen, wanted: str) -> tuple[Step, ...]:
    view, owner = _view(seen), Owner(seen.settings.installation, seen.uid)
    if not wanted or (view.reads == wanted and view.certain):
        return ()
    why = "the clone to be copied is on the same server"
    return (LendDatabase(instance.server(seen), names.database(seen.uid), owner, wanted, why),)


def _asked(seen: Seen) -> str:
    """Return the schema that the import has been told of."""
    if seen.instance is None:
        return ""
    told = ImportConfig.read(str(seen.instance.spec["importConfig"])).source.clone
    return (told.database if told else None) or ""


def _importing(seen: Seen) -> bool:
    """Tell whether an import is at work, or about to be."""
    known, job = seen.instance, seen.import_job
    if known is None or known.spec.get("imported"):
        return False
    if job is None:
        return True
    if job.failure:
        return job.quiet and instance.asked_again(seen, known.annotations)
    return not job.succeeded


def _view(seen: Seen) -> DatabaseView:
    """Return what the clone's server has; one that is silent tells of nothing."""
    return seen.databases.views.get(instance.server(seen)) or DatabaseView()
