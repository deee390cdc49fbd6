# SPDX-License-Identifier: Apache-2.0
"""Decides about a clone's Secret, schema and user on the shared server."""

from __future__ import annotations

from wpclone.api import names
from wpclone.api.mover import Mask
from wpclone.api.reasons import Reason
from wpclone.controller.plan import instance, lending
from wpclone.controller.plan.seen import Deployment, Seen
from wpclone.controller.plan.steps import (
    Create,
    Delete,
    MakeMaskKey,
    MakeSecret,
    Plan,
    ProvideDatabase,
    Stage,
    Step,
    Story,
)
from wpclone.controller.ports import DatabaseView, Owner
from wpclone.controller.render import mask_key, secret


def stage(seen: Seen) -> Plan | None:
    """Return what to do until Secret, database and instance are there, or None once they are."""
    if seen.instance is not None and not seen.instance.ours:
        return _fail(
            Reason.NAME_CONFLICT, f"{seen.instance.ref.name} exists and is not this clone's"
        )
    if seen.instance is None and seen.import_place:
        ahead = f"Waiting for an import slot: {seen.import_place} ahead"
        return Plan(Story(Stage.DATABASE, Reason.PENDING, ahead, percent=5), look_again=30.0)
    return secret_problem(seen) or database_problem(seen) or _provide(seen)


def secret_problem(seen: Seen) -> Plan | None:
    """Report a Secret of that name that is not ours: the name can be guessed."""
    name = names.credentials(seen.meta)
    if seen.secret is None:
        return None
    if not seen.secret.ours:
        return _fail(
            Reason.NAME_CONFLICT,
            f"Secret {name} exists and is not this clone's; remove or rename it",
        )
    lost = sorted(secret.NEEDED - seen.secret.keys)
    if lost:
        told = ", ".join(lost)
        return _fail(
            Reason.CREDENTIALS_INVALID,
            f"Secret {name} has lost {told}; delete it, and it is made anew",
        )
    return None


def database_problem(seen: Seen) -> Plan | None:
    """Report what is not ours, untouched, and what was lost: it is not made anew, empty."""
    server, name = instance.server(seen), names.database(seen.uid)
    if server in seen.databases.mute:
        reason, said = seen.databases.reason, seen.databases.mute[server]
        full = "; somebody has to make room there" if reason is Reason.DATABASE_FULL else ""
        return _fail(reason, f"{said}{full}; it is asked again and again")
    view = seen.databases.views.get(server)
    if view is None:
        return _fail(
            Reason.DATABASE_UNAVAILABLE, f"The database server {server} is not in the settings"
        )
    if view.owner not in {None, owner(seen)}:
        return _fail(
            Reason.NAME_CONFLICT, f"The database {name} on {server} belongs to another installation"
        )
    if view.owner is None and view.schema and not imported(seen):
        return _fail(
            Reason.NAME_CONFLICT, f"The database {name} exists on {server}, and nobody claims it"
        )
    if imported(seen) and not view.schema:
        return _fail(
            Reason.DATABASE_LOST,
            f"The database {name} is gone from {server}; restore it there, or make a new clone",
        )
    return None


def _provide(seen: Seen) -> Plan | None:
    steps: list[Step] = []
    anew = seen.secret is None
    if anew:
        steps.append(_secret(seen))
    if anew or not complete(view(seen)) or seen.databases.drifted:
        steps.append(_database(seen, anew=anew))
    if seen.deployment is not None and (anew or _outlived(seen, seen.deployment)):
        # Its pods hold the old values; the graph brings it back with the new ones.
        steps.append(Delete((seen.deployment.ref,), why="the site needs the new Secret"))
    if seen.instance is None:
        steps.extend((*lending.first(seen), *key(seen)))
        steps.append(Create(instance.new(seen), why="everything that comes first is there"))
    if not steps:
        return None
    message = f"Database {names.database(seen.uid)} is being made on {instance.server(seen)}"
    story = Story(Stage.DATABASE, Reason.PROVISIONING_DATABASE, message, percent=5, detail=message)
    return Plan(story, steps=tuple(steps), look_again=1.0)


def _outlived(seen: Seen, site: Deployment) -> bool:
    """Tell whether the site is older than its Secret: whoever made that one anew was cut off."""
    return seen.secret is not None and site.created < seen.secret.created and not site.deleting


def _secret(seen: Seen) -> MakeSecret:
    settings = seen.settings
    known = settings.server(instance.server(seen)) or settings.databases[0]
    body = secret.manifest(
        seen.meta,
        settings.installation,
        seen.spec.customer if seen.spec else None,
        url=instance.address(seen),
        database_host=known.host,
    )
    return MakeSecret(body, secret.CHANCE, why="people and pods need it before anything starts")


def key(seen: Seen) -> tuple[Step, ...]:
    """Return the step that brings the masking key to the import, if anything is to be masked."""
    if instance.masking(seen) is Mask.NONE:
        return ()
    customer = seen.spec.customer if seen.spec else None
    body = mask_key.manifest(seen.meta, seen.settings.installation, customer)
    return (MakeMaskKey(body, customer, why="the content is masked while it is copied"),)


def _database(seen: Seen, *, anew: bool) -> ProvideDatabase:
    why = (
        "its password has to be the Secret's" if seen.databases.drifted or anew else "it is missing"
    )
    return ProvideDatabase(
        server=instance.server(seen),
        name=names.database(seen.uid),
        owner=owner(seen),
        secret=names.credentials(seen.meta),
        why=why,
    )


def owner(seen: Seen) -> Owner:
    """Return whose this clone's database is."""
    return Owner(seen.settings.installation, seen.uid)


def view(seen: Seen) -> DatabaseView:
    """Return what the clone's server has."""
    return seen.databases.views.get(instance.server(seen)) or DatabaseView()


def complete(found: DatabaseView) -> bool:
    """Tell whether claim, schema and user are all there."""
    return found.owner is not None and found.schema and found.user


def imported(seen: Seen) -> bool:
    """Tell whether the content is in: the instance says so."""
    return bool(seen.instance and seen.instance.spec.get("imported"))


def _fail(reason: Reason, message: str) -> Plan:
    return Plan(Story(Stage.DATABASE, reason, message, percent=5), look_again=15.0)
