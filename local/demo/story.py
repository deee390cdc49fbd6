# SPDX-License-Identifier: Apache-2.0
"""Follows one clone from its manifest to its end state and tells each step with its duration."""

import selectors
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from local import say
from local.demo.tools import Tools
from local.errors import LocalError

_FIELDS = (
    '{.status.conditions[?(@.type=="Ready")].reason}',
    '{.status.conditions[?(@.type=="Ready")].status}',
    '{.status.conditions[?(@.type=="Stalled")].status}',
    "{.status.progress.detail}",
    '{.status.conditions[?(@.type=="Ready")].message}',
)
# A character that no message holds; kubectl would line tabs up as columns.
_BETWEEN = "\x1f"
TEMPLATE = "jsonpath=" + _BETWEEN.join(_FIELDS) + '{"\\n"}'
ENDS = {"Expired", "Reaped"}


@dataclass(frozen=True)
class Glimpse:
    """What a person sees of a clone at one moment."""

    reason: str
    ready: bool
    stalled: bool
    detail: str
    message: str

    @classmethod
    def of(cls, line: str) -> "Glimpse":
        """Read one line of kubectl's output."""
        reason, ready, stalled, detail, message = (line.rstrip("\n").split(_BETWEEN, 4) + [""] * 5)[
            :5
        ]
        return cls(reason, ready == "True", stalled == "True", detail, message)


def follow(tools: Tools, namespace: str, name: str, seconds: float) -> Glimpse:
    """Tell what happens to a clone until it is available or cannot become so."""
    begun = last = time.monotonic()
    told = Glimpse("", ready=False, stalled=False, detail="", message="")
    for seen in glimpses(tools, namespace, name, seconds):
        now = time.monotonic()
        if not told.reason and seen.reason:
            _tell(name, "seen", f"first status after {now - begun:.1f} s", 0.0)
        if told.reason and seen.reason != told.reason:
            _tell(name, "ok", told.reason, now - last)
            last = now
        if seen.detail not in ("", told.detail) and not seen.ready:
            _tell(name, "", seen.detail, now - last)
        told = seen
        if seen.ready:
            _tell(name, "ok", seen.reason, now - begun)
            say.line(f"         {seen.message}.")
            return seen
        _refuse_to_wait(seen, namespace, name)
    over = time.monotonic() - begun >= seconds
    how = f"was not available within {seconds:.0f} s" if over else "is not watched any more"
    raise LocalError(f"{name} {how}; it is {told.reason or 'unseen'}: {told.message}")


def glimpses(tools: Tools, namespace: str, name: str, seconds: float) -> Iterator[Glimpse]:
    """Yield each change of a clone as it comes, until the time is over or kubectl ends."""
    watch = tools.watch("wordpressclone", name, f"--namespace={namespace}", f"--output={TEMPLATE}")
    try:
        yield from changes(watch, time.monotonic() + seconds)
    finally:
        watch.kill()
        watch.wait()


def changes(watch: subprocess.Popen[bytes], deadline: float) -> Iterator[Glimpse]:
    """Yield what a running watch tells until the deadline; it can be read on afterwards."""
    if watch.stdout is None:
        raise LocalError("kubectl gives no output.")
    with selectors.DefaultSelector() as selector:
        selector.register(watch.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            # Unbuffered, and kubectl writes whole lines: nothing hides from the selector.
            line = watch.stdout.readline()
            if not line:
                return
            yield Glimpse.of(line.decode())


def _refuse_to_wait(seen: Glimpse, namespace: str, name: str) -> None:
    if seen.stalled or seen.reason in ENDS:
        raise LocalError(f"{name} did not become available: {seen.reason}: {seen.message}")
    if seen.reason == "Suspended":
        patch = """--type=merge -p '{"spec":{"suspend":false}}'"""
        raise LocalError(
            f"{name} is suspended. Let it go on:"
            f" kubectl -n {namespace} patch wordpressclone {name} {patch}"
        )


def _tell(name: str, mark: str, what: str, took: float) -> None:
    duration = f"{took:6.1f} s" if took else ""
    say.line(f"  {mark:<6} {name:<24} {what[:58]:<58} {duration}".rstrip())
