# SPDX-License-Identifier: Apache-2.0
"""Lets a test look behind the curtain and pull its strings."""

import json
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core.base_backend import BackendDict

from local.aws import furniture
from local.aws.cloud import Cloud, find, instances
from local.aws.memory import Memory
from local.aws.moods import Mood
from local.aws.plans import Life
from local.aws.pod_identity import PodIdentities
from local.aws.rules import HOPELESS
from local.aws.settings import Settings

Verb = Callable[..., Any]


class Admin:
    """The control interface: a verb for each path, JSON in and out."""

    def __init__(self, cloud: Cloud, identities: PodIdentities, memory: Memory) -> None:
        """Control this account, which is remembered after a change."""
        self._cloud, self._identities, self._memory = cloud, identities, memory
        self._verbs: dict[str, Verb] = {
            "add_mood": self.add_mood,
            "carry_out": self.carry_out,
            "clock": self.clock,
            "force": self.force,
            "instance": self.instance,
            "ledger": self.ledger,
            "leftovers": self.leftovers,
            "lift": self.lift,
            "moods": self.moods,
            "remember": self.remember,
            "reset": self.reset,
            "settings": self.settings,
            "settle": self.settle,
            "sql": self.sql,
            "wait_call": self.wait_call,
            "wait_status": self.wait_status,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Carry out the verb that the path names."""
        path: str = environ.get("PATH_INFO", "")
        verb: Verb = self._verbs.get(path.strip("/"), _unknown)
        given = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            result, status = {"result": verb(**json.loads(given or b"{}"))}, "200 OK"
        except Exception as error:  # noqa: BLE001  whatever it was, the caller shall read it
            traceback.print_exc()
            result, status = {"error": f"{type(error).__name__}: {error}"}, "400 Bad Request"
        body = json.dumps(result).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    def add_mood(self, **mood: Any) -> None:
        """Put a mood in force."""
        self._cloud.moods.add(Mood.of(mood))

    def lift(self, name: str | None = None) -> None:
        """Lift one mood, or all."""
        self._cloud.moods.remove(name)

    def moods(self) -> dict[str, int]:
        """Return the moods in force, and how many calls each has met."""
        return self._cloud.moods.met()

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings, and return all of them."""
        with self._cloud.lives.changed:
            present = asdict(self._cloud.settings)
            present["durations"] |= changes.pop("durations", {})
            self._cloud.settings = Settings.of(present | changes)
            return asdict(self._cloud.settings)

    def clock(self, rate: float | None = None, advance: float = 0.0) -> float:
        """Let time run at another rate, or jump; return the time."""
        lives = self._cloud.lives
        with lives.changed:
            if rate is not None:
                self._cloud.clock.run(rate)
            self._cloud.clock.advance(advance)
            lives.changed.notify_all()
        return self._cloud.clock.now()

    def force(self, identifier: str, status: str, server: bool | None = None) -> None:  # noqa: FBT001  JSON
        """Put an instance into a state; its server runs on unless the state is hopeless."""
        runs = status not in HOPELESS | {"stopped"} if server is None else server
        engines = self._cloud.engines
        with self._cloud.lives.held():
            instance = find(identifier)
            instance.life.force(status)
            (engines.start if runs else engines.stop)(instance.home)
        self._memory.mark()

    def carry_out(self, identifier: str) -> None:
        """Open the maintenance window: what is pending is done."""
        instance: Any = find(identifier)
        if instance.pending:
            instance.backend.carry_out(instance)

    def instance(self, identifier: str) -> dict[str, Any]:
        """Return what is behind an instance."""
        with self._cloud.lives.changed:
            one = find(identifier)
            return {
                "identifier": identifier,
                "status": one.status,
                "address": one.home.address,
                "port": one.home.port,
                "name": one.home.name,
                "runs": self._cloud.engines.runs(one.home),
                "ca": str(self._cloud.engines.authority.certificate),
            }

    def sql(self, identifier: str, statements: str) -> str:
        """Run statements on an instance's server, past all accounts."""
        return self._cloud.engines.sql(find(identifier).home, statements)

    def wait_status(self, identifier: str, status: str | None, seconds: float) -> bool:
        """Wait until an instance is in a state, or is no more."""

        def there() -> bool:
            found = [o.status for o in instances() if o.db_instance_identifier == identifier]
            return found == ([] if status is None else [status])

        with self._cloud.lives.changed:
            return self._cloud.lives.changed.wait_for(there, seconds)

    def settle(self, identifier: str, seconds: float) -> dict[str, str | None]:
        """Wait until nothing is ahead of an instance; return its state, or None if it is gone."""

        def lives() -> list[Life]:
            return [o.life for o in instances() if o.db_instance_identifier == identifier]

        with self._cloud.lives.changed:
            if not self._cloud.lives.changed.wait_for(
                lambda: not any(life.ahead for life in lives()), seconds
            ):
                raise TimeoutError(f"{identifier} is still {lives()[0].status}")
            return {"status": next((life.status for life in lives()), None)}

    def ledger(self, since: int = 0, *, clear: bool = False) -> list[dict[str, Any]]:
        """Return the calls after a number; `clear` forgets them all afterwards."""
        entries = self._cloud.ledger.entries(since)
        if clear:
            self._cloud.ledger.clear()
        return [asdict(entry) for entry in entries]

    def wait_call(self, action: str, since: int, seconds: float) -> dict[str, Any] | None:
        """Return the first call of an action after a number, once it has been answered."""
        entry = self._cloud.ledger.wait(action, since, seconds)
        return asdict(entry) if entry else None

    def leftovers(self) -> dict[str, list[str]]:
        """Return all that exists beyond the furniture."""
        with self._cloud.lives.changed:
            return furniture.leftovers(self._cloud, self._identities)

    def remember(self) -> None:
        """Write the account down now: what comes next may be a kill."""
        self._memory.write()

    def reset(self) -> None:
        """Begin anew: an empty account, no moods, the settings of the start, an empty ledger."""
        cloud = self._cloud
        cloud.moods.remove()
        with cloud.lives.held():
            BackendDict.reset()
            self._identities.associations.clear()
            self._identities.tokens.clear()
            cloud.settings = Settings()
            cloud.clock.run(1.0)
            furniture.furnish(cloud.region)
            cloud.engines.clear()
        cloud.ledger.clear()
        self._memory.mark()


def _unknown(**_: Any) -> None:
    raise KeyError("There is no such verb")
