# SPDX-License-Identifier: Apache-2.0
"""States what holds for every dump, however it is cut into chunks."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines import Engine, each_engine
from tests.property.rewrite.php_values import Both, unhurried, values
from wpclone.errors import TruncatedDump
from wpclone.rewrite import Counts, Value
from wpclone.rewrite.sql import SqlStream

HEAD = b"-- it's a dump; \nINSERT INTO `wp_options` (`a`,`b`) VALUES "
TAIL = b";\nUNLOCK TABLES;\n/* ; ' */\n"


def escaped(data: bytes) -> bytes:
    """Write a literal in the manner of mysqldump."""
    for sign, escape in [
        (b"\\", rb"\\"),
        (b"'", rb"\'"),
        (b'"', rb"\""),
        (b"\n", rb"\n"),
        (b"\r", rb"\r"),
        (b"\0", rb"\0"),
        (b"\x1a", rb"\Z"),
    ]:
        data = data.replace(sign, escape)
    return b"'" + data + b"'"


def doubled(data: bytes) -> bytes:
    """Write a literal that doubles its quotes."""
    return b"'" + data.replace(b"\\", rb"\\").replace(b"'", b"''") + b"'"


def hexed(data: bytes) -> bytes:
    """Write a hex literal."""
    return b"0x" + data.hex().encode()


def binary(data: bytes) -> bytes:
    """Write a literal with an introducer."""
    return b"_binary " + escaped(data)


writers = st.sampled_from([escaped, doubled, hexed, binary])


@st.composite
def dumps(draw: st.DrawFn) -> Both:
    """Draw a dump with some rows, as it is and as it is to become."""
    rows = draw(st.lists(st.tuples(writers, values), min_size=1, max_size=5))
    between = draw(st.sampled_from([b",", b",\n", b" , "]))

    def text(datas: Iterable[bytes]) -> bytes:
        lines = (
            b"(%d,%s)" % (number, row[0](data))
            for number, (row, data) in enumerate(zip(rows, datas, strict=True))
        )
        return HEAD + between.join(lines) + TAIL

    return Both(text(both.old for _, both in rows), text(both.new for _, both in rows))


def passed(stream: SqlStream, data: bytes, size: int) -> bytes:
    """Feed a dump in chunks of a size."""
    chunks = (data[low : low + size] for low in range(0, len(data), size))
    pieces = [piece for chunk in chunks for piece in stream.feed(chunk)]
    return b"".join([*pieces, *stream.close()])


@each_engine
@unhurried
@given(dumps(), st.integers(1, 400))
def test_any_chunking_gives_the_same_bytes(engine: Engine, dump: Both, size: int) -> None:
    """The dump comes out as it would have been written with the new address."""
    stream = engine.stream()
    assert passed(stream, dump.old, size) == dump.new
    whole = engine.stream()
    passed(whole, dump.old, len(dump.old))
    assert stream.counts == whole.counts
    assert stream.rows == whole.rows


@each_engine
@unhurried
@given(dumps(), st.integers(1, 400))
def test_statements_are_the_dump_cut_in_pieces(engine: Engine, dump: Both, size: int) -> None:
    """Whole statements, joined, are the dump; each ends where a statement ends."""
    stream = engine.stream()
    chunks = (dump.old[low : low + size] for low in range(0, len(dump.old), size))
    statements = [each for chunk in chunks for each in stream.statements(chunk)]
    statements += stream.close()
    assert all(each.endswith(b";") for each in statements)
    assert len(statements) == 2
    assert dump.new.startswith(b"".join(statements))


@each_engine
@unhurried
@given(dumps(), st.data())
def test_a_cut_dump_is_noticed(engine: Engine, dump: Both, data: st.DataObject) -> None:
    """A dump that ends inside a statement is never taken for a complete one."""
    cut = data.draw(st.integers(len(HEAD), len(dump.old) - len(TAIL)))
    with pytest.raises(TruncatedDump):
        passed(engine.stream(), dump.old[:cut], 64)


@each_engine
@unhurried
@given(dumps())
def test_an_idle_hook_changes_nothing(engine: Engine, dump: Both) -> None:
    """A hook that gives back what it got leaves the bytes as they are without it."""
    stream = engine.stream(on_row=lambda _table, _columns, row: row)
    assert passed(stream, dump.old, 50) == dump.new


@each_engine
@unhurried
@given(st.binary(max_size=300).filter(lambda data: b"old.example" not in data.lower()))
def test_any_value_can_be_set_by_a_hook(engine: Engine, wanted: bytes) -> None:
    """What a hook writes is what the next reader of the dump reads, in every form of literal."""
    seen: list[bytes | None] = []

    def write(_table: str, _columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        return [row[0], row[1].with_data(wanted)]

    def read(_table: str, _columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        seen.append(row[1].data)
        return row

    for writer in (escaped, doubled, hexed, binary):
        dump = HEAD + b"(1," + writer(b'it\'s \\ "old"') + b")" + TAIL
        written = passed(engine.stream(on_row=write), dump, 64)
        assert passed(engine.stream(on_row=read), written, 64) == written
    assert seen == [wanted] * 4


@each_engine
def test_counts_of_parts_add_up(engine: Engine) -> None:
    """Merged counters are the counters of the whole."""
    whole, first, second = Counts(), Counts(), Counts()
    for part, value in ((first, b"https://old.example/a"), (second, b"\\//old.example//")):
        engine.rewriter.value(value, part, "t.c")
        engine.rewriter.value(value, whole, "t.c")
    first.merge(second)
    assert first == whole


SOUP = st.lists(
    st.sampled_from(
        [
            b"INSERT INTO t VALUES ",
            b"INSERT INTO `t` (`a`) VALUES (1",
            b"(",
            b")",
            b",",
            b";",
            b"\n",
            b" ",
            b"'",
            b'"',
            b"`",
            b"\\",
            b"''",
            b"--",
            b"-- x\n",
            b"#",
            b"/*",
            b"*/",
            b"/*!40101 SET sql_mode='NO_BACKSLASH_ESCAPES' */;",
            b"SET sql_mode='';",
            b"NULL",
            b"0x",
            b"_binary ",
            b"(1,'https://old.example')",
            b"https://old.example",
            b"-",
            b"/",
            b"DELIMITER ;;\n",
            b"DELIMITER ;\n",
            b";;",
            b"CREATE TABLE `t` (`a` int, `b` text)",
            b"x",
            b"\xff\x00",
            b" ON DUPLICATE KEY UPDATE a=1",
            b"DELIMITER $$\n",
            b"$",
            b"$$",
            b"/*!50003 '*/' */",
            b"/*M!1 ",
            b"SET @s=@@sql_mode;",
            b"SET sql_mode=@s;",
            b"REPLACE INTO t VALUES\n",
        ]
    ),
    max_size=30,
).map(b"".join)


def outcome(engine: Engine, data: bytes, size: int) -> tuple[bytes, Counts, dict[str, int], bool]:
    """Pass anything at all: what came out, what was counted, whether it was complete."""
    stream = engine.stream()
    pieces: list[bytes] = []
    try:
        for low in range(0, len(data), size):
            pieces += stream.feed(data[low : low + size])
        pieces += stream.close()
    except TruncatedDump:
        return b"", stream.counts, stream.rows, False
    return b"".join(pieces), stream.counts, stream.rows, True


@each_engine
@unhurried
@given(SOUP, st.integers(1, 40))
def test_even_nonsense_does_not_depend_on_the_chunks(
    engine: Engine, data: bytes, size: int
) -> None:
    """Whatever the bytes are, where they are cut changes neither output nor verdict."""
    whole, cut = outcome(engine, data, len(data) or 1), outcome(engine, data, size)
    assert (cut[0], cut[3]) == (whole[0], whole[3])
    if whole[3]:
        assert cut == whole
        if b"old.example" not in data:
            assert whole[0] == data
