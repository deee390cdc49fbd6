# SPDX-License-Identifier: Apache-2.0
"""Runs the copying of files in a process of its own, beside the one that loads the database."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed, SourceError
from wpclone.mover.files import Copied, Copier, Withheld
from wpclone.mover.tree import Tree
from wpclone.rewrite import Counts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe
    from pathlib import Path

    from wpclone.mover.sources.base import FileInfo, Source
    from wpclone.rewrite import Rewriter

TELL_SECONDS: Final = 0.25
STAGING: Final = "incoming"
_END_SECONDS: Final = 5
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class _Step:
    """So much has been copied since the last word."""

    files: int
    size: int
    path: bytes


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why the process gave up."""

    kind: type[SourceError | ImportFailed]
    reason: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be copied, where to, and what stays behind."""

    source: Source
    rewriter: Rewriter
    root: Path
    state: Path
    parallel: int
    withheld: Withheld


class FilesProcess:
    """The other process, seen from the one that started it."""

    def __init__(self, work: Work) -> None:
        """Describe the work."""
        self._work = work
        self._pipe: Pipe | None = None
        self._process: Any = None

    def start(self, forget: Callable[[], None], tell: Callable[[int, int, bytes], None]) -> None:
        """Fork; `forget` runs in the child first, `tell` here for each word of progress."""
        self._tell = tell
        # Fork, so that the source's session is shared and nothing has to be pickled.
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        ours, parent = self._pipe, os.getpid()
        sys.stdout.flush()

        def child() -> None:
            ours.close()
            forget()
            _die_with(parent)
            _child(theirs, self._work)

        self._process = context.Process(target=child, name="files", daemon=True)
        self._process.start()
        theirs.close()

    def listen(self, seconds: float = 0) -> Copied | None:
        """Take what the process has to say; its result once it is done, its failure raised."""
        if self._pipe is None:
            raise ImportFailed(Reason.INTERNAL_ERROR, "The copying of files was never begun")
        with contextlib.suppress(EOFError, ConnectionResetError):
            while self._pipe.poll(seconds):
                said = self._pipe.recv()
                if isinstance(said, Copied):
                    return said
                if isinstance(said, _Failure):
                    raise said.kind(said.reason, said.message, retryable=said.retryable)
                self._tell(said.files, said.size, said.path)
                seconds = 0
            return None
        raise ImportFailed(
            Reason.IMPORT_FAILED,
            "The process that copies files ended without a word",
            retryable=True,
        )

    def finish(self) -> Copied:
        """Let it look at the source once more, now that the database is here; await its result.

        A file uploaded while rows were copied may be named by one of them: so files come last.
        """
        if self._pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                self._pipe.send("again")
        while True:
            copied = self.listen(1.0)
            if copied is not None:
                self.stop()
                return copied

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(_END_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


def _child(pipe: Pipe, work: Work) -> None:
    try:
        pipe.send(_copied(pipe, work))
    except (SourceError, ImportFailed) as error:
        _say(pipe, _Failure(type(error), error.reason, error.message, error.retryable))
    except (BrokenPipeError, EOFError):
        return  # nobody is left to be told
    except Exception:  # noqa: BLE001  whatever it is, the other process has to hear of it
        traceback.print_exc()
        sentence = "Copying files failed inside the mover; its log has the details"
        _say(pipe, _Failure(ImportFailed, Reason.INTERNAL_ERROR, sentence, retryable=True))


def _copied(pipe: Pipe, work: Work) -> Copied:
    def rewrite(path: bytes, content: bytes) -> bytes:
        return work.rewriter.text(content, Counts(), path.decode("utf-8", "replace"))

    teller = _Teller(pipe)
    with Tree(work.root, work.state / STAGING) as tree:
        first = Copier(work.source, tree, rewrite, work.parallel, work.withheld)
        first.run(teller.tell)
        teller.flush()
        pipe.recv()
        # What is there already is only looked at; what has come or changed since is fetched.
        second = Copier(work.source, tree, rewrite, work.parallel, work.withheld)
        second.run(teller.quiet)
    for skipped in first.copied.skipped:
        second.copied.skip(os.fsencode(skipped.what), skipped.why)
    return second.copied


class _Teller:
    """Sums up progress, so that a site of many small files does not talk all the time."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._files = 0
        self._bytes = 0
        self._path = b""
        self._last = 0.0

    def tell(self, info: FileInfo) -> None:
        """Count a file."""
        self._files += 1
        self._bytes += info.size
        self._path = info.path
        if time.monotonic() - self._last >= TELL_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Tell what has not been told yet."""
        self._pipe.send(_Step(self._files, self._bytes, self._path))
        self._files = self._bytes = 0
        self._last = time.monotonic()

    def quiet(self, info: FileInfo) -> None:
        """Only show that we live: these have been counted."""
        self._path = info.path
        if time.monotonic() - self._last >= TELL_SECONDS:
            self.flush()


def _say(pipe: Pipe, failure: _Failure) -> None:
    with contextlib.suppress(BrokenPipeError):
        pipe.send(failure)


def _die_with(parent: int) -> None:
    """End when the parent does, even if it is killed: two movers must never write to one volume."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
