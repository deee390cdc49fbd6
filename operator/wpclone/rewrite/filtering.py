# SPDX-License-Identifier: Apache-2.0
"""Passes a whole dump from one file descriptor to another, by either engine."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterable
from typing import BinaryIO

from wpclone.rewrite.engine import SqlStream

_CHUNK = 256 * 1024
# The most that Linux lets everybody have (/proc/sys/fs/pipe-max-size): a statement of mysqldump.
_PIPE_BYTES = 1 << 20


def filtered(stream: SqlStream, source: int, sink: int, spool: str) -> None:
    """Read a dump from `source` to its end, and write it to `sink` with its addresses changed.

    The native engine keeps its memory bounded, with unnamed files in the folder `spool`; the
    reference holds the largest row. Raises `TruncatedDump` once what is complete has been written,
    and `OSError` if something cannot be read or written.
    """
    for end in (source, sink):
        _widen(end)
    native = getattr(stream, "filter", None)
    if native is not None:
        native(source, sink, spool)
        return
    with (
        open(source, "rb", buffering=0, closefd=False) as reader,
        open(sink, "wb", closefd=False) as writer,
    ):
        while chunk := reader.read(_CHUNK):
            _write(writer, stream.feed(chunk))
        _write(writer, stream.close())


def _widen(end: int) -> None:
    """Let a pipe hold what a database client sends at once, so that neither waits for the other."""
    # No pipe, too many of them, or not Linux: it works all the same.
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(writer: BinaryIO, pieces: Iterable[bytes]) -> None:
    writer.writelines(pieces)
