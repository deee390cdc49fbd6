# SPDX-License-Identifier: Apache-2.0
"""SQL on its way, in memory or on disk: the same bytes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpclone.mover import spool, statements
from wpclone.mover.spool import Spool, Spooled, TooLong, view

# Far below the real limit, so that examples of a few bytes are on both sides of it.
LIMIT = 20


@pytest.fixture(autouse=True, scope="module")
def small() -> object:
    """Let few bytes be many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "IN_MEMORY", LIMIT)
        yield


@settings(deadline=None)  # a busy disk takes its time
@given(st.lists(st.binary(max_size=9)), st.integers(0, 60), st.binary(max_size=30))
def test_what_was_written_and_not_cut_off_is_there(
    parts: list[bytes], keep: int, more: bytes
) -> None:
    """Whether it stayed in memory or not, before and after a cut."""
    sql = Spool()
    for part in parts:
        sql.write(part)
    whole = b"".join(parts)
    assert sql.size == len(whole)
    size = min(keep, len(whole))
    sql.cut(size)
    sql.write(more)
    done = sql.done()
    assert len(done) == sql.size
    assert view(done) == whole[:size] + more
    assert isinstance(done, bytes) or len(whole) > LIMIT or len(done) > LIMIT


def test_the_file_has_no_name_and_goes_with_its_last_holder() -> None:
    """Nothing is left on disk, however the process ends; a view outlives what it shows."""
    sql = Spool()
    sql.write(b"x" * 1000)
    done = sql.done()
    assert isinstance(done, Spooled)
    descriptor = done.descriptor
    assert os.fstat(descriptor).st_nlink == 0
    shown = view(done)
    del sql, done
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert shown == b"x" * 1000


def test_a_statement_that_is_cut_to_size_may_be_long_itself() -> None:
    """A giant row between small ones goes through a file, and the same rows arrive."""
    rows = [b"(1,'a')", b"(2,'" + b"x" * 100 + b"')", b"(3,'c')"]
    head = b"INSERT INTO `wp_x` (`a`,`b`) VALUES"
    source = Spooled()
    source.write(head + b"\n" + b",\n".join(rows) + b";\n")
    (insert,) = statements.inserts("wp_x", source)
    cut = [bytes(sql) for sql in statements.fitting("wp_x", insert, 145)]
    assert cut == [head + b" " + row for row in rows]


def test_more_than_there_is_room_for_is_refused_before_it_comes() -> None:
    """Announced or not, SQL never grows beyond its bound, and the size is told."""
    sql = Spool()
    sql.write(b"x" * 10)
    with pytest.raises(TooLong) as caught:
        sql.expect(spool.MOST)
    assert caught.value.size == spool.MOST + 10
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "MOST", 12)
        with pytest.raises(TooLong):
            sql.write(b"xyz")
    assert sql.done() == b"x" * 10
