# SPDX-License-Identifier: Apache-2.0
"""Specifies how the demo follows a clone by what kubectl prints."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.demo import story
from local.demo.story import Glimpse
from local.demo.tools import Tools
from local.errors import LocalError

BETWEEN = "\x1f"


def line(reason: str, *, ready: str = "False", stalled: str = "", detail: str = "") -> str:
    """Return one line as kubectl prints it for the story's template."""
    return BETWEEN.join([reason, ready, stalled, detail, f"{reason} it is"]) + "\n"


class Printing(Tools):
    """Tools whose watch prints given lines and then ends."""

    lines = ""

    def watch(self, *_arguments: str) -> subprocess.Popen[bytes]:
        """Start a program that prints the lines."""
        argv = ["printf", "%s", self.lines]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, bufsize=0)


def followed(*lines: str) -> Glimpse:
    """Follow a clone of which kubectl printed these lines."""
    tools = Printing()
    object.__setattr__(tools, "lines", "".join(lines))
    with closed(tools):
        return story.follow(tools, "somewhere", "preview", 5)


@contextmanager
def closed(tools: Printing) -> Iterator[None]:
    """Close the pipes of the watch that a test started."""
    start, started = tools.watch, []

    def remembered(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(start(*arguments))
        return started[-1]

    object.__setattr__(tools, "watch", remembered)
    try:
        yield
    finally:
        for watch in started:
            watch.communicate()


def test_a_clone_is_followed_until_it_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    """Each state is told when it is over, each detail once, and the last message in full."""
    seen = followed(
        line(""),
        line("Inspecting"),
        line("Importing", detail="wp_posts: 10 of 20 rows"),
        line("Importing", detail="wp_posts: 10 of 20 rows"),
        line("Available", ready="True"),
    )
    told = capsys.readouterr().out
    assert seen == Glimpse("Available", True, False, "", "Available it is")  # noqa: FBT003  as told
    assert [told.count(word) for word in ("Inspecting", "Importing ", "10 of 20")] == [1, 1, 1]
    assert "Available it is." in told


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((line("SourceRefusedLogin", stalled="True"),), "SourceRefusedLogin: SourceRefusedLogin"),
        ((line("Expired"),), "Expired: Expired it is"),
        ((line("Suspended"),), """patch wordpressclone preview --type=merge -p '{"spec":{"susp"""),
        ((line("Importing"),), "preview is not watched any more; it is Importing"),
        ((), "it is unseen"),
    ],
    ids=[
        "a person must act",
        "its time is over",
        "a person wanted a break",
        "kubectl ended early",
        "nothing was seen",
    ],
)
def test_what_does_not_become_available_is_one_sentence(lines: tuple[str, ...], said: str) -> None:
    """The sentence names the state in which the clone was last seen."""
    with pytest.raises(LocalError) as raised:
        followed(*lines)
    assert said in str(raised.value)


def test_a_watch_that_says_nothing_ends_at_the_deadline() -> None:
    """Silence does not outlast the time that was given."""
    begun = time.monotonic()
    with subprocess.Popen(["sleep", "30"], stdout=subprocess.PIPE, bufsize=0) as silent:
        assert list(story.changes(silent, begun + 0.2)) == []
        silent.kill()
    assert time.monotonic() - begun < 5
