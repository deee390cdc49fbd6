# SPDX-License-Identifier: Apache-2.0
"""Holds the moods a test has scripted, and says which of them a call meets."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from local.aws.calls import Call


class Effect(StrEnum):
    """What becomes of a call."""

    REFUSE = "refuse"  # an error, and nothing was done
    REFUSE_AFTER = "refuse-after"  # an error, although it was done
    LOSE_REQUEST = "lose-request"  # the connection ends, and nothing was done
    LOSE_ANSWER = "lose-answer"  # the connection ends after it was done
    HANG = "hang"  # no answer until released; nothing was done
    HANG_AFTER = "hang-after"  # no answer until released, although it was done
    DELAY = "delay"  # only the delay

    @property
    def commits(self) -> bool:
        """Whether AWS does what was asked."""
        return self in {Effect.REFUSE_AFTER, Effect.LOSE_ANSWER, Effect.HANG_AFTER, Effect.DELAY}


@dataclass(frozen=True)
class Mood:
    """Which calls meet it, and what it does to them."""

    name: str
    action: str  # `CreateDBInstance`, `rds:Describe*`, `*`
    effect: Effect = Effect.REFUSE
    code: str = "InternalFailure"
    message: str = "The request processing has failed because of an unknown error."
    status: int = 0
    retry_after: int = 0
    times: int | None = None  # how many calls; None: all
    skip: int = 0  # how many pass first
    every: int = 1  # only each n-th of those that match
    delay: float = 0.0  # machine seconds, before anything else
    access_key: str = "*"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Mood":
        """Return a mood from the values of its fields."""
        return cls(**{**content, "effect": Effect(content.get("effect", Effect.REFUSE))})

    def concerns(self, call: Call) -> bool:
        """Tell whether a call is of the kind that may meet this mood."""
        asked = call.name if ":" in self.action else call.action
        return (
            fnmatchcase(asked, self.action)
            and fnmatchcase(call.access_key, self.access_key)
            and all(
                fnmatchcase(call.parameters.get(name, ""), pattern)
                for name, pattern in self.parameters.items()
            )
        )


class Moods:
    """The moods in force; the first that fits a call takes it."""

    def __init__(self) -> None:
        """Begin in no mood."""
        self._lock = threading.Condition()
        self._moods: dict[str, Mood] = {}
        self._seen: dict[str, int] = {}
        self._met: dict[str, int] = {}

    def add(self, mood: Mood) -> None:
        """Put a mood in force; one of the same name is replaced, and counts anew."""
        with self._lock:
            self._moods[mood.name] = mood
            self._seen[mood.name] = self._met[mood.name] = 0

    def remove(self, name: str | None = None) -> None:
        """Lift one mood, or all; calls that hang are let go."""
        with self._lock:
            for each in [name] if name else list(self._moods):
                self._moods.pop(each, None)
            self._lock.notify_all()

    def met(self) -> dict[str, int]:
        """Return how many calls each mood has met."""
        with self._lock:
            return {name: self._met[name] for name in self._moods}

    def meet(self, call: Call) -> Mood | None:
        """Return the mood that a call meets, and count it."""
        with self._lock:
            for name, mood in self._moods.items():
                if not mood.concerns(call) or self._met[name] == mood.times:
                    continue
                self._seen[name] += 1
                turn = self._seen[name] - mood.skip
                if turn > 0 and (turn - 1) % mood.every == 0:
                    self._met[name] += 1
                    return mood
        return None

    def hang(self, mood: Mood, seconds: float) -> None:
        """Wait until a mood is lifted, even if that has just happened, but no longer than this."""
        with self._lock:
            self._lock.wait_for(lambda: self._moods.get(mood.name) is not mood, seconds)
