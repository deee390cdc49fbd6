# SPDX-License-Identifier: Apache-2.0
"""Judges what a clone names before anything is made for it: its login, its host."""

from __future__ import annotations

from wpclone.api import databases, labels, secrets
from wpclone.api.mover import OutcomeKind
from wpclone.api.reasons import Reason
from wpclone.controller.plan import advice, instance, pods
from wpclone.controller.plan.seen import Job, Seen
from wpclone.controller.plan.steps import Create, Delete, Plan, Stage, Step, Story
from wpclone.controller.render import inspect_job, parts

# A person corrects a Secret and expects an answer; Secrets send us no events.
LOOK_AT_SECRET = 10.0


def stage(seen: Seen) -> Plan | None:
    """Return what to do until the source is known, or None once it is."""
    if seen.instance is not None or seen.spec is None:
        return None
    steps = (outside, taken, unlisted, credentials, inspection)
    return next((plan for step in steps if (plan := step(seen))), None)


def outside(seen: Seen) -> Plan | None:
    """Refuse a host beyond the installation's domain: it may be anybody's."""
    host, domain = instance.host(seen), seen.settings.domain
    if host.endswith(f".{domain}"):
        return None
    return _fail(
        Reason.NAME_CONFLICT,
        f"The host {host} is not under {domain}; make a new clone with a site.host that is",
        look_again=60.0,
    )


def taken(seen: Seen) -> Plan | None:
    """Refuse a host that another clone has: the earlier one keeps it."""
    if not seen.host_taken_by:
        return None
    host = instance.host(seen)
    return _fail(
        Reason.NAME_CONFLICT,
        f"The host {host} belongs to the clone {seen.host_taken_by}; name another in site.host",
        look_again=60.0,
    )


def unlisted(seen: Seen) -> Plan | None:
    """Refuse a database server that the settings cannot mean, before anybody connects to it."""
    database = seen.spec.source.database if seen.spec else None
    if database is None or databases.conceivable(
        database.host, database.port, seen.settings.source_databases
    ):
        return None
    return _fail(
        Reason.SOURCE_ADDRESS_FORBIDDEN,
        f"The settings of this installation list no source's database {database.host} at port"
        f" {database.port}; whoever runs it can add it to sourceDatabases",
        look_again=60.0,
    )


def credentials(seen: Seen) -> Plan | None:
    """Demand a login that is there, is meant for us, and has keys we can use."""
    source = seen.spec.source if seen.spec else None
    if source is None or source.secret is None:
        return None
    name, found = source.secret, seen.source_secret
    if found is None:
        return _fail(
            Reason.CREDENTIALS_MISSING,
            f"There is no Secret {name} in this namespace; create it with the source's login"
            f" and the label {labels.SOURCE}=true",
        )
    if found.owned:
        return _fail(
            Reason.CREDENTIALS_NOT_ALLOWED,
            f"Secret {name} belongs to a clone, not to a source;"
            " make one with the source's login and name it in a new clone",
        )
    if not found.source:
        return _fail(
            Reason.CREDENTIALS_NOT_ALLOWED,
            f"Secret {name} is not meant for clones; "
            f"label it with {labels.SOURCE}=true if it is the login of a source",
        )
    problem = secrets.problem(source.kind, found.keys)
    if problem:
        return _fail(Reason.CREDENTIALS_INVALID, f"Secret {name} cannot be used: {problem}")
    return None


def inspection(seen: Seen) -> Plan | None:  # noqa: PLR0911  one return per state of the Job
    """Look at the source once; a failed look is repeated on wish or with a new login."""
    if seen.spec is None or not seen.spec.source.inspected:
        return None
    job = seen.inspection
    if job is None:
        return _start(seen, attempt=1)
    if job.deleting:
        return _wait("Waiting for the last inspection to go")
    outcome = job.outcome
    if job.succeeded and outcome and outcome.outcome is OutcomeKind.INSPECTED:
        return None
    if job.succeeded or (job.failure and _again(seen, job)):
        # Succeeded, but its pod and with it the answer is gone: look once more.
        return _start(seen, attempt=job.attempt + 1, instead_of=job)
    if job.failure:
        return _failed(seen, job)
    return _running(seen, job)


def _again(seen: Seen, job: Job) -> bool:
    version = seen.source_secret.version if seen.source_secret else ""
    corrected = version != job.annotations.get(inspect_job.SOURCE_VERSION)
    return corrected or instance.asked_again(seen, job.annotations)


def _start(seen: Seen, attempt: int, instead_of: Job | None = None) -> Plan:
    if instead_of and not instead_of.quiet:
        return _wait("Waiting for the last inspection to end")
    if seen.inspect_place:
        ahead = f"{seen.inspect_place} ahead"
        story = Story(Stage.SOURCE, Reason.PENDING, f"Waiting to be inspected: {ahead}")
        return Plan(story, look_again=30.0)
    steps: tuple[Step, ...] = (
        Create(_job(seen, attempt), why="the source has to be looked at first"),
    )
    if instead_of:
        steps = (Delete((instead_of.ref,), why="a new inspection takes its place"), *steps)
    return _wait("The source is being looked at", steps=steps)


def _job(seen: Seen, attempt: int) -> dict[str, object]:
    if seen.spec is None:
        raise ValueError("a clone without a readable spec is not inspected")
    decided = instance.resolution(seen)
    config = parts.import_config(
        seen.spec,
        seen.settings,
        attempt=attempt,
        inspection=None,
        updates=decided.updates,
    )
    version = seen.source_secret.version if seen.source_secret else ""
    told = inspect_job.Attempt(
        number=attempt,
        url=instance.address(seen),
        config=config.text(),
        annotations={inspect_job.SOURCE_VERSION: version, **instance.asked(seen)},
    )
    return inspect_job.manifest(seen.meta, seen.spec, seen.settings, told)


def _running(seen: Seen, job: Job) -> Plan:
    trouble = pods.of_job(job, seen.now)
    if trouble:
        return _wait(trouble[1], reason=trouble[0])
    said = job.outcome
    if said and said.outcome is OutcomeKind.FAILED and said.retryable:
        return _wait(f"{said.message.rstrip('.')}. It is tried again soon")
    return _wait("The source is being looked at")


def _failed(seen: Seen, job: Job) -> Plan:
    reason, message = _cause(job)
    return _fail(reason, advice.looked(seen.meta, reason, message))


def _cause(job: Job) -> tuple[Reason, str]:
    said = job.outcome
    if said and said.outcome is OutcomeKind.FAILED:
        return said.reason or Reason.IMPORT_FAILED, said.message
    if job.failure and job.failure.reason == "DeadlineExceeded":
        return Reason.SOURCE_TOO_SLOW, "The source could not be inspected in time"
    ended = job.ended
    told = f"with exit code {ended.exit_code} ({ended.reason})" if ended else "without a trace"
    return Reason.IMPORT_FAILED, f"The inspection ended {told} and did not say why"


def _fail(reason: Reason, message: str, look_again: float = LOOK_AT_SECRET) -> Plan:
    return Plan(Story(Stage.SOURCE, reason, message), look_again=look_again)


def _wait(
    message: str, *, reason: Reason = Reason.INSPECTING, steps: tuple[Step, ...] = ()
) -> Plan:
    story = Story(Stage.SOURCE, reason, message, percent=2, detail=message)
    return Plan(story, steps=steps, look_again=5.0)
