# SPDX-License-Identifier: Apache-2.0
"""Which SQL of a source may run, and how it is cut to size."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wpclone.errors import ImportFailed
from wpclone.mover import statements

HEAD = b"INSERT INTO `wp_x` (`a`,`b`) VALUES"
ROWS = (
    b"(1,'it\\'s; (odd), --')",
    b"(-1.5e+3,NULL)",
    b"(0xDEADbeef,_latin1 0xE9)",
    b"('',_utf8mb4'\xc3\xa9''')",
    b"(X'00',b'101')",
    b"('\n\\\\','\xff\x00')",
)


def test_every_literal_that_sources_write_passes() -> None:
    """Numbers, strings of any bytes, hex, bits, introducers and NULL."""
    sql = HEAD + b"\n" + b",\n".join(ROWS) + b";\n" + HEAD + b" " + ROWS[0]
    found = list(statements.inserts("wp_x", sql))
    assert [insert.head for insert in found] == [HEAD, HEAD]
    assert found[0].rows == b",\n".join(ROWS)
    assert found[1].rows == ROWS[0]


def test_a_piece_without_statements_is_no_statement() -> None:
    """The end of a table may come as nothing."""
    assert list(statements.inserts("wp_x", b"")) == []


@pytest.mark.parametrize(
    "values",
    [
        b"(a)",
        b"(1+1)",
        b"(NOW())",
        b"((SELECT 1))",
        b"(@@version)",
        b"('a' 'b')",
        b"(1) ON DUPLICATE KEY UPDATE a=1",
        b"(1)--\n",
        b"(1)/**/",
        b"('open",
        b"('open\\')",
        b"()",
        b"(1),",
        b'("double")',
        b"(1); DROP TABLE wp_x",
        b"(_utf8mb4 x)",
        b"(N'x')",
    ],
)
def test_s17_values_that_are_no_literals_are_refused(values: bytes) -> None:
    """Whatever would be computed by the server is not run."""
    with pytest.raises(ImportFailed, match="something else than rows"):
        list(statements.inserts("wp_x", HEAD + b" " + values))


@pytest.mark.parametrize(
    "head",
    [
        b"INSERT INTO `wp_y` (`a`) VALUES",
        b"INSERT INTO `mysql`.`wp_x` (`a`) VALUES",
        b"INSERT IGNORE INTO `wp_x` (`a`) VALUES",
        b"REPLACE INTO `wp_x` (`a`) VALUES",
        b"INSERT INTO wp_x (a) VALUES",
        b"/*!INSERT*/ INTO `wp_x` VALUES",
    ],
)
def test_only_the_one_table_is_written_to(head: bytes) -> None:
    """Another table, another schema and another verb are refused."""
    with pytest.raises(ImportFailed):
        list(statements.inserts("wp_x", head + b" (1)"))


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=30), st.integers(120, 400))
def test_cut_statements_hold_the_same_rows_and_fit(values: list[bytes], limit: int) -> None:
    """Whatever the values, the pieces together are the whole, and none is too long."""
    rows = [b"(1,'%s')" % value.replace(b"\\", b"\\\\").replace(b"'", b"\\'") for value in values]
    (insert,) = statements.inserts("wp_x", HEAD + b" " + b",\n".join(rows) + b";")
    assume(max(map(len, rows)) + len(HEAD) + 1 <= limit)
    cut = list(statements.fitting("wp_x", insert, limit))
    assert all(len(sql) <= limit for sql in cut)
    again = [i.rows for sql in cut for i in statements.inserts("wp_x", bytes(sql))]
    assert b",\n".join(again) == b",\n".join(rows)


def test_a_row_that_is_too_long_alone_is_named() -> None:
    """The message tells the table, the first column and both sizes; the value stays unseen."""
    (insert,) = statements.inserts("wp_x", HEAD + b" (1,'a'),(4711,'" + b"s3cret" * 300_000 + b"')")
    with pytest.raises(ImportFailed, match=r"wp_x.*4711.*1\.8 MB.*1\.0 MB") as caught:
        list(statements.fitting("wp_x", insert, 1_000_000))
    assert "s3cret" not in caught.value.message
