# SPDX-License-Identifier: Apache-2.0
"""Passes dumps between files, with everything in the spool that usually is in memory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import dumps
from tests.engines import NATIVE, REFERENCE, Engine, each_engine
from tests.unit.rewrite.test_corpus import CASES, Case
from wpclone.errors import TruncatedDump
from wpclone.rewrite import Pair, filtered, native
from wpclone.rewrite.sql import SqlStream

PAIRS = [Pair(dumps.OLD, dumps.NEW)]
Pass = Callable[[int, int], object]


def between_files(folder: Path, data: bytes, run: Pass) -> bytes:
    """Run a filter from one file to another; give what it wrote."""
    source, sink = folder / "source", folder / "sink"
    source.write_bytes(data)
    with source.open("rb") as reader, sink.open("wb") as writer:
        run(reader.fileno(), writer.fileno())
    return sink.read_bytes()


def in_memory(stream: SqlStream, data: bytes) -> bytes:
    """Pass a whole dump."""
    return b"".join([*stream.feed(data), *stream.close()])


@each_engine
def test_a_filter_writes_what_a_stream_gives(tmp_path: Path, engine: Engine) -> None:
    """Either engine, chunk by chunk, with the same counters."""
    data = b"".join(dumps.realistic(2_000_000))
    stream, other = engine.stream(engine.mapping(PAIRS)), NATIVE.stream(NATIVE.mapping(PAIRS))
    written = between_files(
        tmp_path, data, lambda source, sink: filtered(stream, source, sink, str(tmp_path))
    )
    assert written == in_memory(other, data) != data
    assert (stream.counts, stream.rows) == (other.counts, other.rows)


@each_engine
def test_pipes_hold_what_a_client_sends_at_once(tmp_path: Path, engine: Engine) -> None:
    """A statement of mysqldump is a mebibyte: with less, filter and server wait for each other."""
    (source, feeding), (reading, sink) = os.pipe(), os.pipe()
    try:
        os.write(feeding, b"SET NAMES utf8mb4;\n")
        os.close(feeding)
        filtered(engine.stream(engine.mapping(PAIRS)), source, sink, str(tmp_path))
        assert {fcntl.fcntl(end, fcntl.F_GETPIPE_SZ) for end in (source, sink)} == {1 << 20}
        assert os.read(reading, 100) == b"SET NAMES utf8mb4;\n"
    finally:
        for end in (source, reading, sink):
            os.close(end)


@pytest.mark.parametrize("most", [1, 100, 5000])
@pytest.mark.parametrize("name", dumps.DUMPS)
def test_the_spool_changes_nothing(tmp_path: Path, name: str, most: int) -> None:
    """However little fits into memory, the bytes are those of the reference."""
    data = b"".join(dumps.DUMPS[name](60_000))
    stream = native.SqlStream(native.Rewriter(PAIRS))
    written = between_files(
        tmp_path,
        data,
        lambda source, sink: stream._stream.filter(source, sink, str(tmp_path), most),
    )
    reference = REFERENCE.stream(REFERENCE.mapping(PAIRS))
    assert written == in_memory(reference, data)
    assert (stream.counts, stream.rows) == (reference.counts, reference.rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sink", "source"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind == "sql"], ids=lambda case: case.name
)
def test_every_dump_of_the_corpus_passes_through_the_spool(tmp_path: Path, case: Case) -> None:
    """Nothing in memory at all."""
    stream = native.SqlStream(native.Rewriter(case.pairs, base64=case.base64), prefix=case.prefix)
    written = between_files(
        tmp_path,
        case.old,
        lambda source, sink: stream._stream.filter(source, sink, str(tmp_path), 1),
    )
    assert written == case.new


@each_engine
def test_a_cut_dump_is_written_as_far_as_it_goes(tmp_path: Path, engine: Engine) -> None:
    """The complaint comes after what is complete."""
    reader, writer = os.pipe()
    source = tmp_path / "source"
    source.write_bytes(b"SELECT 1;\nINSERT INTO t VALUES (1),(2")
    with source.open("rb") as file, pytest.raises(TruncatedDump):
        filtered(engine.stream(), file.fileno(), writer, str(tmp_path))
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"SELECT 1;\nINSERT INTO t VALUES (1)"
