# SPDX-License-Identifier: Apache-2.0
"""Which mood a call meets."""

import threading
from typing import Any

import pytest

from local.aws.calls import Call, Protocol
from local.aws.moods import Effect, Mood, Moods
from local.aws.settings import Settings

CREATE = Call("rds", "CreateDBInstance", Protocol.QUERY, parameters={"Name": "wpc-a"})


@pytest.mark.parametrize(
    ("fields", "concerned"),
    [
        ({"action": "CreateDBInstance"}, True),
        ({"action": "rds:Create*"}, True),
        ({"action": "iam:*"}, False),
        ({"action": "*", "parameters": {"Name": "wpc-*"}}, True),
        ({"action": "*", "parameters": {"Name": "other-*"}}, False),
        ({"action": "*", "access_key": "AKIA*"}, False),
    ],
)
def test_a_mood_concerns_what_it_names(fields: dict[str, Any], concerned: bool) -> None:  # noqa: FBT001
    """Action with or without service, parameters and caller, all by pattern."""
    assert Mood("m", **fields).concerns(CREATE) is concerned


@pytest.mark.parametrize(
    ("fields", "met"),
    [
        ({"times": 2}, "xx----"),
        ({"skip": 2, "times": 1}, "--x---"),
        ({"every": 3}, "x--x--"),
        ({}, "xxxxxx"),
    ],
)
def test_a_mood_counts(fields: dict[str, Any], met: str) -> None:
    """How many pass first, each how-manieth is met, and when it is enough."""
    moods = Moods()
    moods.add(Mood("m", "*", **fields))
    assert "".join("x" if moods.meet(CREATE) else "-" for _ in met) == met
    assert moods.met() == {"m": met.count("x")}


def test_the_first_mood_that_fits_takes_the_call() -> None:
    """A second one waits until the first has had enough."""
    moods = Moods()
    moods.add(Mood("first", "*", times=1))
    moods.add(Mood("second", "*"))
    met = [mood.name for mood in (moods.meet(CREATE), moods.meet(CREATE)) if mood]
    assert met == ["first", "second"]


def test_a_call_cannot_miss_its_release() -> None:
    """A mood that is lifted before the call begins to hang lets it go all the same."""
    moods = Moods()
    moods.add(Mood("m", "*", Effect.HANG))
    mood = moods.meet(CREATE)
    assert mood is not None
    moods.remove()
    waiting = threading.Thread(target=moods.hang, args=(mood, 60))
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_settings_survive_the_wire() -> None:
    """What a test sends as JSON becomes settings, and fates go by pattern."""
    settings = Settings.of({"durations": {"creating": 9}, "fates": {"wpc-*": "failed"}})
    assert settings.durations.creating == 9
    assert (settings.fate("wpc-a"), settings.fate("other")) == ("failed", "available")
    with pytest.raises(TypeError):
        Settings.of({"nonsense": 1})
