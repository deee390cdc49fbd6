# SPDX-License-Identifier: Apache-2.0
"""Decides what the KRO instance says: the resolved part once, the living part at every pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from wpclone.api import labels, names
from wpclone.api.fields import rfc3339
from wpclone.api.mover import ImportConfig, Inspection, Mask, ParentClone
from wpclone.controller.plan import resolving
from wpclone.controller.plan.resolving import Resolution
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Apply, Times
from wpclone.controller.ports import Body, Server
from wpclone.controller.render import instance, parts

AVAILABLE_AT: Final = f"{labels.GROUP}/available-at"
RESOLVED: Final = f"{labels.GROUP}/resolved"
_OURS: Final = (AVAILABLE_AT, RESOLVED, labels.RECONCILE, labels.RE_RESOLVE)


def resolution(seen: Seen) -> Resolution:
    """Return what was decided once, or is decided anew on wish; of a new clone, by the settings."""
    inherited = seen.parent.mask if seen.parent else None
    today = resolving.fresh(seen.spec, seen.settings, inherited)
    if seen.instance is None:
        return resolving.told(seen.status.resolved, today)
    try:
        kept = resolving.read(json.loads(seen.instance.annotations.get(RESOLVED) or "{}"), today)
    except (ValueError, AttributeError):
        # Edited by hand: a clone without a readable record is treated as a new one would be.
        return today
    # The data stays where it is, and what it is.
    return replace(today, server=kept.server, mask=kept.mask) if asked_anew(seen) else kept


def masking(seen: Seen) -> Mask:
    """Return how much the import masks: nothing where the source is masked as much already."""
    decided = resolution(seen).mask
    if seen.instance is not None:
        needs_key = seen.instance.spec.get("maskSecret", names.NONE) != names.NONE
        return decided if needs_key else Mask.NONE
    return Mask.NONE if seen.parent and seen.parent.mask is decided else decided


def parent(seen: Seen) -> ParentClone | None:
    """Return what the mover is told of the clone that it copies."""
    known = seen.parent
    if known is None:
        return None
    url = names.service(known, seen.meta.namespace)
    return ParentClone(name=known.name, uid=known.uid, url=url)


def _neighbour(seen: Seen) -> ParentClone | None:
    """Return what the import is told of it: also where its rows are, if they are near."""
    told, schema = parent(seen), beside(seen)
    return told.model_copy(update={"database": schema}) if told and schema else told


def beside(seen: Seen) -> str | None:
    """Return the schema of the clone to be copied if it is on this clone's server, else None.

    Rows that are masked have to come past the mover: then the server has nothing to copy by itself.
    """
    known, name = seen.parent, server(seen)
    chosen = seen.settings.server(name)
    if known is None or chosen is None or masking(seen) is not Mask.NONE:
        return None
    is_there = known.server == Server(name, chosen.host, chosen.port)
    return names.database(known.uid) if is_there else None


def host(seen: Seen) -> str:
    """Return the host name of the clone."""
    if seen.instance and seen.instance.spec.get("host"):
        return str(seen.instance.spec["host"])
    return resolving.host(seen.name, seen.spec, seen.settings)


def address(seen: Seen) -> str:
    """Return the public address of the clone; its path is known once the source was seen."""
    if seen.instance and seen.instance.spec.get("url"):
        return str(seen.instance.spec["url"])
    return resolving.url(host(seen), _inspected(seen))


def server(seen: Seen) -> str:
    """Return the name of the clone's database server."""
    return resolution(seen).server


def new(seen: Seen) -> Body:
    """Return the instance of a clone that has none."""
    spec = seen.spec
    if spec is None:
        raise ValueError("a clone without a readable spec gets no instance")
    settings, decided = seen.settings, resolution(seen)
    inspection = _inspected(seen)
    config = parts.import_config(
        spec,
        settings,
        attempt=1,
        inspection=inspection,
        updates=decided.updates,
        parent=_neighbour(seen),
    )
    masked = masking(seen)
    if masked is not Mask.NONE:
        config = config.model_copy(update={"mask": masked})
    chosen = settings.server(decided.server) or settings.databases[0]
    choice = instance.Choice(
        host=host(seen),
        url=address(seen),
        server=chosen,
        storage=resolving.storage(spec, settings, inspection),
        prefix=inspection.table_prefix if inspection else "wp_",
        display=resolving.display(spec),
        config=config.text(),
        deadline_seconds=int(settings.provisioning_deadline.total_seconds()),
        state=_state(seen, Times()),
        masked=masked is not Mask.NONE,
    )
    annotations = {RESOLVED: instance.json_text(decided.to_json())}
    annotations |= {**asked(seen), **_wish(seen, labels.RE_RESOLVE)}
    full = instance.spec(seen.meta, spec, settings, choice)
    return instance.create(full, seen.meta, settings, spec.customer, annotations)


def upkeep(seen: Seen, times: Times, **changes: Any) -> tuple[Apply, ...]:
    """Return the step that brings the instance up to date, or none if it is."""
    known = seen.instance
    if known is None or known.deleting or not known.ours:
        return ()
    today = _anew(seen) if asked_anew(seen) else {}
    spec = {**known.spec, **today, **_living(seen, times), **changes}
    ours = {key: known.annotations[key] for key in _OURS if key in known.annotations}
    annotations = dict(ours)
    if times.available_at:
        annotations[AVAILABLE_AT] = rfc3339(times.available_at)
    if "job" in changes:
        annotations |= asked(seen)
    if today:
        annotations[RESOLVED] = instance.json_text(resolution(seen).to_json())
        annotations |= _wish(seen, labels.RE_RESOLVE)
    if spec == dict(known.spec) and annotations == ours:
        return ()
    customer = str(known.spec.get("customer") or "") or None
    body = instance.create(spec, seen.meta, seen.settings, customer, annotations)
    body["metadata"]["uid"] = known.ref.uid
    return (Apply(body, why=_why(known.spec, spec)),)


def next_attempt(seen: Seen) -> dict[str, Any]:
    """Return the changes that start the next attempt of the import."""
    known = seen.instance
    config = ImportConfig.read(str(known.spec["importConfig"])) if known else None
    if config is None:
        raise ValueError("no attempt comes before the first")
    attempt = config.attempt + 1
    text = config.model_copy(update={"attempt": attempt}).text()
    return {"job": names.import_job(seen.meta, attempt), "importConfig": text}


def _inspected(seen: Seen) -> Inspection | None:
    outcome = seen.inspection.outcome if seen.inspection else None
    return outcome.inspection if outcome else None


def asked_again(seen: Seen, annotations: Mapping[str, str]) -> bool:
    """Tell whether a person has asked for a retry since something was started."""
    wish = seen.meta.annotations.get(labels.RECONCILE)
    return bool(wish) and wish != annotations.get(labels.RECONCILE)


def asked(seen: Seen) -> dict[str, str]:
    """Return the annotation that remembers which wish for a retry has been granted."""
    return _wish(seen, labels.RECONCILE)


def asked_anew(seen: Seen) -> bool:
    """Tell whether a person wants the settings of today for a clone that has its content.

    Not before: the import's Job can never change.
    """
    known = seen.instance
    if known is None or seen.spec is None or not known.spec.get("imported"):
        return False
    wish = seen.meta.annotations.get(labels.RE_RESOLVE)
    return bool(wish) and wish != known.annotations.get(labels.RE_RESOLVE)


def _wish(seen: Seen, annotation: str) -> dict[str, str]:
    wish = seen.meta.annotations.get(annotation)
    return {annotation: wish} if wish else {}


def _anew(seen: Seen) -> dict[str, Any]:
    return instance.site(seen.spec, seen.settings) if seen.spec else {}


def _living(seen: Seen, times: Times) -> dict[str, Any]:
    known = seen.instance.spec if seen.instance else {}
    over = times.expires_at is not None and seen.now >= times.expires_at
    # A clone starts once, whatever is asked: its time counts from then on.
    suspended = bool(seen.spec and seen.spec.suspend and times.available_at)
    living: dict[str, Any] = {
        "replicas": 0 if over or suspended else 1,
        "routed": not over,
        "state": _state(seen, times),
    }
    if seen.spec:
        living |= instance.asked_resources(seen.spec)
        site = seen.spec.site
        stored = str(known.get("storage") or seen.settings.storage.minimum)
        living["storage"] = resolving.grown(stored, site.storage if site else None)
    return living


def _state(seen: Seen, times: Times) -> str:
    decided = resolution(seen)
    asked = seen.spec.safety if seen.spec else None
    updates = (asked.updates if asked else None) or decided.updates
    return instance.json_text(
        {
            "access": ((asked.access if asked else None) or decided.access).value,
            "expiresAt": rfc3339(times.expires_at) if times.expires_at else None,
            "name": seen.name,
            "safety": {
                "cron": "Block",
                "indexing": "Block",
                "mail": "Capture",
                "payments": "Block",
                "updates": updates.value,
                "webhooks": "Block",
            },
            "source": resolving.display(seen.spec) if seen.spec else "",
        }
    )


def _why(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    changed = sorted(key for key in after if after[key] != before.get(key))
    return f"changed: {', '.join(changed) or 'annotations'}"
