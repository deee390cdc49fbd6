# SPDX-License-Identifier: Apache-2.0
"""Copies the source's files into the document root: in batches, in parallel, resumable by file."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions, tree
from wpclone.mover.sources.base import Skipped

if TYPE_CHECKING:
    from wpclone.mover.sources.base import FileChunk, FileInfo, Source
    from wpclone.mover.tree import Draft, Tree

BATCH_FILES: Final = 200
BATCH_BYTES: Final = 16_000_000
# Larger text is not for people to read, and would have to be held in memory.
MAX_TEXT_BYTES: Final = 4_000_000
MAX_SKIPPED: Final = 32

Rewrite = Callable[[bytes, bytes], bytes]
"""Takes a text file's path and content, returns the content for the clone."""
Withheld = Callable[[bytes], str | None]
"""Says why a file stays behind although it belongs to the site, or None."""


def nothing(_path: bytes) -> None:
    """Let every file come along."""


@dataclass(slots=True)
class Copied:
    """What has been copied so far."""

    files: int = 0
    size: int = 0
    vanished: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)  # by reason: about people, or unwanted
    _seen: set[bytes] = field(default_factory=set)

    def skip(self, path: bytes, why: str) -> None:
        """Remember what was left out: enough to be told, never all of a hostile list."""
        if len(self.skipped) < MAX_SKIPPED and path not in self._seen:
            self._seen.add(path)
            self.skipped.append(Skipped(clean(path.decode("utf-8", "replace")), why))


class Copier:
    """Brings the files of one source into one tree."""

    def __init__(
        self,
        source: Source,
        target: Tree,
        rewrite: Rewrite,
        parallel: int,
        withheld: Withheld = nothing,
    ) -> None:
        """Fetch up to `parallel` batches at a time; nothing that is `withheld`."""
        self._source = source
        self._tree = target
        self._rewrite = rewrite
        self._parallel = parallel
        self._withheld = withheld
        self._lock = threading.Lock()
        self.copied = Copied()

    def run(self, tell: Callable[[FileInfo], None]) -> None:
        """Copy what is not there yet; `tell` hears of every file that is, from this thread."""
        running: deque[tuple[list[FileInfo], Future[None]]] = deque()
        with ThreadPoolExecutor(self._parallel, "files") as pool:
            try:
                for batch in batches(self._wanted(tell)):
                    running.append((batch, pool.submit(self._fetch, batch)))
                    while len(running) > self._parallel:
                        _finish(*running.popleft(), tell)
                while running:
                    _finish(*running.popleft(), tell)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _wanted(self, tell: Callable[[FileInfo], None]) -> Iterator[FileInfo]:
        for info in self._source.files():
            if why := exclusions.unsafe(info.path) or exclusions.left_out(info.path):
                self.copied.skip(info.path, why)
            elif why := self._withheld(info.path):
                self.copied.withheld[why] += 1
            elif self._tree.has(info):
                with self._lock:
                    self.copied.files += 1
                    self.copied.size += info.size
                tell(info)
            else:
                yield replace(info, have=self._tree.part(info))

    def _fetch(self, batch: list[FileInfo]) -> None:
        """Fetch one batch, each file whole or not at all."""
        wanted = {info.path: info for info in batch}
        incoming: _Incoming | None = None
        try:
            for chunk in self._source.fetch(batch):
                if incoming is None:
                    if chunk.path not in wanted:
                        raise _confused(chunk.path)
                    incoming = _Incoming(wanted[chunk.path], self._tree, self._rewrite)
                if incoming.info.path != chunk.path:
                    raise _confused(chunk.path)
                if incoming.take(chunk):
                    self._note(incoming, chunk)
                    del wanted[chunk.path]
                    incoming = None
        finally:
            if incoming is not None:
                incoming.leave()
        if wanted:
            raise _confused(next(iter(wanted)))

    def _note(self, incoming: _Incoming, chunk: FileChunk) -> None:
        with self._lock:
            if chunk.missing:
                self.copied.vanished += 1
            elif incoming.in_the_way:
                self.copied.skip(chunk.path, "something else stands in its place")
            else:
                self.copied.files += 1
                self.copied.size += incoming.size


class _Incoming:
    """One file that arrives in chunks."""

    def __init__(self, info: FileInfo, target: Tree, rewrite: Rewrite) -> None:
        self.info = info
        self.size = 0
        self.in_the_way = False
        self._tree = target
        self._rewrite = rewrite
        self._text: bytearray | None = None
        self._draft: Draft | None = None

    def take(self, chunk: FileChunk) -> bool:
        """Add a chunk; True when nothing more comes of this file."""
        with tree.said():
            if chunk.missing:
                self.discard()
                return True
            if chunk.offset == 0:
                self._begin()
            elif self._draft is None and chunk.offset == self.info.have:
                self.size = self.info.have
                self._draft = self._tree.draft(self.info, self.size)
            if chunk.offset != self.size:
                raise _confused(chunk.path)
            self._add(chunk.data)
            if chunk.last:
                self._commit()
        return chunk.last

    def discard(self) -> None:
        """Forget what has come so far."""
        if self._draft is not None:
            self._draft.discard()
            self._draft = None
        self._text = None

    def leave(self) -> None:
        """Stop in the middle; what has come of a large file stays for another run."""
        if self._draft is not None:
            self._draft.leave()
            self._draft = None

    def _begin(self) -> None:
        self.discard()
        self.size = 0
        self._text = bytearray() if exclusions.is_text(self.info.path) else None

    def _add(self, data: bytes) -> None:
        self.size += len(data)
        if self._text is not None:
            self._text += data
            if len(self._text) <= MAX_TEXT_BYTES:
                return
            data, self._text = bytes(self._text), None  # too long after all: taken as it is
        if self._draft is None:
            self._draft = self._tree.draft(self.info)
        self._draft.write(data)

    def _commit(self) -> None:
        if self._draft is None:
            self._draft = self._tree.draft(self.info)
        if self._text:
            self._draft.write(self._rewrite(self.info.path, bytes(self._text)))
        try:
            self._draft.commit(self.info.path, tree.stamp(self.info.mtime, self.size))
        except tree.InTheWay:
            self.in_the_way = True
        self._draft = None


def batches(files: Iterable[FileInfo]) -> Iterator[list[FileInfo]]:
    """Yield files in the numbers that are asked for at once."""
    batch: list[FileInfo] = []
    size = 0
    for info in files:
        if batch and (len(batch) >= BATCH_FILES or size + info.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(info)
        size += info.size
    if batch:
        yield batch


def _finish(batch: list[FileInfo], fetched: Future[None], tell: Callable[[FileInfo], None]) -> None:
    fetched.result()
    for info in batch:
        tell(info)


def _confused(path: bytes) -> SourceError:
    name = clean(path.decode("utf-8", "replace"), 120)
    return SourceError(
        Reason.SOURCE_LOST,
        f"The source sent other parts of files than asked for: {name}",
        retryable=True,
    )
