# SPDX-License-Identifier: Apache-2.0
"""Is another clone as a source: its guard speaks as the agent does, for whoever signs with a key.

The key was made for this import alone, and every request is signed with it: there is no session to
be opened, and nothing is written on the other clone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from wpclone.api import labels, secrets
from wpclone.api.mover import ImportConfig, Inspection, NetworkConfig, ParentClone
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.channel import WAYS, Channel
from wpclone.mover.sources.site.envelope import Session
from wpclone.mover.sources.site.source import SiteSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wpclone.mover.sources.site.admin import Admin

HEALTH: Final = "/.wpclone/health"
COPY: Final = "/.wpclone/copy"
# The operator named the address, and pods inside the cluster have private ones. What hands out
# credentials of nodes stays closed (`net.addresses`).
EVERYWHERE: Final = NetworkConfig(allow=("0.0.0.0/0", "::/0"), http=True)


@dataclass(slots=True)
class Door:
    """The way into the other clone: a key that the operator made."""

    client: Client
    session: Session
    temporary: bool = False

    def open(self) -> Session:
        """Return the session that there is."""
        return self.session

    def admin(self) -> Admin | None:
        """Log nobody in."""
        return None

    def is_gone(self) -> bool:
        """Leave the guard where it is."""
        return False


class CloneSource(SiteSource):
    """Another clone; see `wpclone.mover.sources.base.Source`."""

    @classmethod
    def of(cls, job: ImportConfig, secret: Mapping[str, str], uid: str) -> Self:
        """Find the other clone, and make sure that it lets the clone with this UID read it."""
        parent, key = job.source.clone, secret.get(secrets.COPY_KEY)
        if parent is None or not key:
            raise SourceError(
                Reason.CREDENTIALS_MISSING,
                "The key that opens the clone to be copied is not there",
                retryable=True,
            )
        client = Client(EVERYWHERE)
        try:
            _meet(client, parent, job.limits.request_seconds)
            source = cls._through(client, parent, job, Session(uid, key))
            source.greet(parent)
        except BaseException:
            client.close()
            raise
        return source

    @classmethod
    def _through(
        cls, client: Client, parent: ParentClone, job: ImportConfig, session: Session
    ) -> Self:
        limits, door = job.limits, Door(client, session)
        way = Channel(client, parent.url + COPY, limits.request_seconds)
        way.remember(WAYS[0])
        return cls(Agent(way, session, door.open, limits), door)

    def inspect(self) -> Inspection:
        """Read the manifest, count rows and files."""
        return super().inspect().model_copy(update={"agent": None})

    def close(self, *, finished: bool) -> None:  # noqa: ARG002  nothing was brought there
        """Hang up."""
        self._leave()

    def greet(self, parent: ParentClone) -> None:
        """Raise SourceError if the other clone does not let us in."""
        try:
            self._manifest()
        except SourceError as error:
            if error.reason != Reason.SOURCE_BLOCKED_BY_FIREWALL:
                raise
            raise SourceError(
                Reason.AGENT_MISSING,
                f"Clone {parent.name} does not let itself be copied: its guard is of an older"
                " release. Give it today's: kubectl annotate wordpressclone"
                f" {parent.name} {labels.RE_RESOLVE}=$(date +%s) --overwrite",
            ) from error


def _meet(client: Client, parent: ParentClone, seconds: float) -> None:
    """Raise SourceError unless the clone that was meant answers."""
    try:
        answer = client.request("GET", parent.url + HEALTH, seconds=seconds)
    except SourceError as error:
        raise SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"Clone {parent.name} does not answer; its site has to run while it is copied",
            retryable=True,
        ) from error
    if _uid(answer.body) != parent.uid:
        raise SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"Something else answers in place of the clone {parent.name}",
            retryable=True,
        )


def _uid(body: bytes) -> Any:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said.get("uid") if isinstance(said, dict) else None
