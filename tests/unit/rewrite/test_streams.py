# SPDX-License-Identifier: Apache-2.0
"""Says what a stream promises about rows, hooks, statements, counters and broken dumps."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from tests.engines import NEW, OLD, Engine, each_engine
from wpclone.errors import InvalidSpec, TruncatedDump
from wpclone.rewrite import Counts, Form, Pair, Value
from wpclone.rewrite.sql import SqlStream

ROWS = b"INSERT INTO `wp_x` (`id`,`v`) VALUES (1,'one'),\n(2,0x74776f),\n(3,NULL),\n(4,5);\n"


def passed(stream: SqlStream, dump: bytes) -> bytes:
    """Pass a whole dump."""
    return b"".join([*stream.feed(dump), *stream.close()])


def dropping(engine: Engine, *numbers: bytes) -> SqlStream:
    """Make a stream whose hook drops the rows with these ids."""
    return engine.stream(
        on_row=lambda _table, _columns, row: None if row[0].data in numbers else row
    )


@each_engine
@pytest.mark.parametrize(
    ("dropped", "left"),
    [
        ((b"1",), b"(2,0x74776f),\n(3,NULL),\n(4,5)"),
        ((b"2",), b"(1,'one'),\n(3,NULL),\n(4,5)"),
        ((b"4",), b"(1,'one'),\n(2,0x74776f),\n(3,NULL)"),
        ((b"1", b"2", b"4"), b"(3,NULL)"),
        ((b"9",), b"(1,'one'),\n(2,0x74776f),\n(3,NULL),\n(4,5)"),
    ],
    ids=["first", "middle", "last", "all but one", "none"],
)
def test_a_dropped_row_takes_one_comma_with_it(
    engine: Engine, dropped: tuple[bytes, ...], left: bytes
) -> None:
    """Whichever rows a hook drops, a valid statement remains, and they are not counted."""
    stream = dropping(engine, *dropped)
    assert passed(stream, ROWS) == b"INSERT INTO `wp_x` (`id`,`v`) VALUES " + left + b";\n"
    assert stream.rows == {"wp_x": left.count(b"(")}


@each_engine
def test_a_statement_without_rows_vanishes(engine: Engine) -> None:
    """If every row is dropped, no INSERT is left to fail."""
    stream = dropping(engine, b"1", b"2", b"3", b"4")
    assert passed(stream, b"SELECT 1;\n" + ROWS + b"SELECT 2;") == b"SELECT 1;\nSELECT 2;"
    assert stream.rows == {"wp_x": 0}


@each_engine
def test_a_hook_sees_table_columns_and_meanings(engine: Engine) -> None:
    """A hook gets decoded values, with their addresses rewritten already."""
    seen: list[tuple[str, tuple[str, ...], list[bytes | None], list[Form]]] = []

    def hook(table: str, columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        seen.append((table, columns, [each.data for each in row], [each.form for each in row]))
        return row

    dump = rb"INSERT INTO `wp_x` (`a`,`b`) VALUES ('it\'s https://old.example',_binary 'x\0');"
    passed(engine.stream(on_row=hook), dump)
    passed(engine.stream(on_row=hook), ROWS)
    assert seen[0] == (
        "wp_x",
        ("a", "b"),
        [b"it's https://copy.clones.test", b"x\0"],
        [Form.TEXT, Form.TEXT],
    )
    assert [values for _, _, values, _ in seen[1:]] == [
        [b"1", b"one"],
        [b"2", b"two"],
        [b"3", None],
        [b"4", b"5"],
    ]


@each_engine
def test_a_hook_may_set_any_value(engine: Engine) -> None:
    """Text for a number, text for NULL, NULL for text: each is written as SQL needs it."""

    def hook(_table: str, _columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        return [row[0], row[1].as_null() if row[0].data == b"1" else row[1].with_data(b"it's")]

    assert passed(engine.stream(on_row=hook), ROWS) == (
        b"INSERT INTO `wp_x` (`id`,`v`) VALUES (1,NULL),\n(2,0x69742773),\n(3,'it\\'s'),"
        b"\n(4,'it\\'s');\n"
    )


@each_engine
def test_a_hook_is_asked_about_its_tables_only(engine: Engine) -> None:
    """Rows of other tables keep the fast way."""
    stream = engine.stream(on_row=lambda *_row: None, hooked=lambda table: table == "wp_sessions")
    assert passed(stream, ROWS) == ROWS
    assert passed(stream, ROWS.replace(b"wp_x", b"wp_sessions")).strip() == b""


ALARMS = {
    "'a'": False,
    "'mail A@b'": True,
    "'_BILLING_x'": True,
    "0x40": False,
    "'2026-01-31 10:00:00'": False,
    "'2026-01-311'": True,
    "'0170 / 123-456'": True,
    "12345678": True,
    "'s:12345678:\\\"x'": False,
    "'a:1:{i:0;s:12345678:\"x'": False,
    "'phones:12345678:\"x'": True,
    "'s:12345678'": True,
    "1234567": False,
    "'é'": False,
    "@@GLOBAL.x": True,
}


@each_engine
@pytest.mark.parametrize("size", [1, 9, 10_000])
def test_a_hook_is_shown_rows_with_an_alarm_only(engine: Engine, size: int) -> None:
    """A sign in any letter case, or eight digits that are no moment; others pass, rewritten."""
    shown: list[bytes] = []

    def hook(_table: str, _columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        shown.append(row[0].raw)
        return row

    rows = ",".join(f"({value},'//old.example')" for value in ALARMS)
    sql = f"INSERT INTO `wp_x` VALUES {rows};\n".encode()
    stream = engine.stream(on_row=hook, hooked=lambda _table: (b"@", b"_billing_"))
    pieces = [sql[low : low + size] for low in range(0, len(sql), size)]
    out = b"".join([*(one for piece in pieces for one in stream.feed(piece)), *stream.close()])
    assert out == sql.replace(b"old.example", b"copy.clones.test")
    assert shown == [value.encode() for value, is_alarm in ALARMS.items() if is_alarm]
    assert stream.rows == {"wp_x": len(ALARMS)}


@each_engine
def test_a_hook_hears_of_the_tables(engine: Engine) -> None:
    """By the statements that make them."""
    heard: list[tuple[str, bytes]] = []
    made = b"CREATE TABLE `wp_x` (\n  `a` int\n);"
    stream = engine.streams(engine.rewriter, on_table=lambda name, ddl: heard.append((name, ddl)))
    assert passed(stream, b"-- a dump\n" + made + b"\nSET x=1;\n")
    assert heard == [("wp_x", made)]


@each_engine
def test_residuals_of_a_dropped_row_do_not_count(engine: Engine) -> None:
    """What does not arrive cannot be wrong."""
    stream = dropping(engine, b"1")
    passed(
        stream,
        b"INSERT INTO t (`id`,`v`) VALUES (1,'a:0:{}https://old.example');",
    )
    assert stream.counts == Counts()


@each_engine
def test_statements_come_whole(engine: Engine) -> None:
    """A multi-row INSERT stays one statement, however it was cut."""
    stream = engine.stream()
    dump = b"SET NAMES utf8mb4;\n" + ROWS + b"-- the end\n"
    parts = [dump[low : low + 7] for low in range(0, len(dump), 7)]
    statements = [each for part in parts for each in stream.statements(part)]
    statements += stream.close()
    assert [each.strip() for each in statements] == [b"SET NAMES utf8mb4;", ROWS.strip()]


@each_engine
@pytest.mark.parametrize(
    "dump",
    [
        b"INSERT INTO `wp_x` VALUES (1,'one'),(2,'tw",
        b"INSERT INTO `wp_x` VALUES (1,'one')",
        b"INSERT INTO `wp_x` VALUES (1,'one'),",
        b"INSERT INTO `wp_x` VALUES",
        b"CREATE TABLE `t` (`id` int",
        b"SELECT 1; /* half a comment",
    ],
)
def test_a_cut_dump_is_an_error(engine: Engine, dump: bytes) -> None:
    """The end of the stream inside a statement, a row or a literal has a name."""
    with pytest.raises(TruncatedDump):
        passed(engine.stream(), dump)


@each_engine
@pytest.mark.parametrize("dump", [b"", b"\n\n", b"SELECT 1;", b"SELECT 1; -- end", b"# end"])
def test_a_dump_may_end_in_a_comment(engine: Engine, dump: bytes) -> None:
    """A last line without a line end is complete."""
    assert passed(engine.stream(), dump) == dump


@each_engine
def test_a_giant_row_costs_little_more_than_itself(engine: Engine) -> None:
    """A row of many megabytes passes in time linear in its size and a few times its memory."""
    size = 8_000_000
    row = b"INSERT INTO `wp_x` VALUES (1,'" + b"x" * size + b" https://old.example');"
    stream = engine.stream()
    tracemalloc.start()
    written = sum(
        len(piece)
        for low in range(0, len(row), 65536)
        for piece in stream.feed(row[low : low + 65536])
    )
    written += sum(map(len, stream.close()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written == len(row) + len(NEW) - len(OLD)
    assert peak < 10 * size


@each_engine
def test_residuals_name_their_place(engine: Engine) -> None:
    """The report says in which column an old address has stayed, and why it may."""
    stream = engine.stream()
    # The new address is a key of the array already: renaming the old one would lose a member.
    taken = f'a:2:{{s:{len(OLD)}:"{OLD}";N;s:{len(NEW)}:"{NEW}";N;}}'.encode()
    passed(
        stream,
        b"CREATE TABLE `wp_posts` (`ID` int, `guid` text, `post_content` text, KEY `k` (`ID`));"
        b"INSERT INTO `wp_posts` VALUES (1,'https://old.example/?p=1','%s');" % taken,
    )
    report = stream.counts.as_report()
    assert report["residualWhere"] == {"wp_posts.post_content": 1}
    assert report["protectedURLs"] == 1
    assert report["values"] == 3


def test_places_are_bounded() -> None:
    """A hostile dump with thousands of tables cannot make the report endless."""
    counts = Counts()
    for number in range(5000):
        counts.leave(f"t{number}.c", 1)
    assert counts.residual == 5000
    assert len(counts.residual_where) <= 257
    assert sum(counts.residual_where.values()) == 5000


@each_engine
def test_a_statement_we_cannot_read_is_counted(engine: Engine) -> None:
    """An address in a form of INSERT that is not understood does not stay unnoticed."""
    stream = engine.stream()
    dump = b"INSERT INTO t SET v='https://old.example';UPDATE t SET v='https://old.example';"
    assert passed(stream, dump) == dump
    assert stream.counts.unsupported == 2


@each_engine
@pytest.mark.parametrize(
    "address", ["", "old.example", "ftp://old.example", "https://", "https://x:y"]
)
def test_what_is_no_address_is_refused(engine: Engine, address: str) -> None:
    """A pair that could match nothing, or everything, is an error at once."""
    with pytest.raises(InvalidSpec):
        engine.mapping([Pair(address, NEW)])


@each_engine
@pytest.mark.parametrize("host", ["old.example", "old.example:99999", "\u2100.example"])
def test_a_login_in_an_address_is_not_told(engine: Engine, host: str) -> None:
    """Whatever makes the address none, the message may end in a log or a status."""
    with pytest.raises(InvalidSpec, match="//…@") as caught:
        engine.mapping([Pair(f"https://who:hidden@{host}", NEW)])
    assert "hidden" not in str(caught.value)


@each_engine
def test_a_mapping_without_any_pair_is_refused(engine: Engine) -> None:
    """Nothing to look for is a mistake, and not a dump that has nothing to change."""
    with pytest.raises(InvalidSpec):
        engine.mapping(())


@each_engine
def test_deep_nesting_is_left_and_counted(engine: Engine) -> None:
    """Beyond a depth that no site reaches the value stays as it is, valid and counted."""
    value = OLD.encode()
    for _ in range(100):
        value = b's:%d:"%s";' % (len(value), value)
    counts = Counts()
    assert engine.rewriter.value(value, counts) == value
    assert (counts.unsupported, counts.residual, counts.invalid_after) == (1, 1, 0)


@each_engine
def test_deep_arrays_need_no_stack(engine: Engine) -> None:
    """Thousands of nested arrays are walked; more than PHP reads are left and counted."""
    for depth, unsupported in ((4000, 0), (6000, 1)):
        old, new = (
            b"a:1:{i:0;" * depth + b's:%d:"%s";' % (len(text), text) + b"}" * depth
            for text in (OLD.encode(), NEW.encode())
        )
        counts = Counts()
        assert engine.rewriter.value(old, counts) == (old if unsupported else new)
        assert counts.unsupported == unsupported


FOREIGN = {
    "UTF-16": ("\ufeff" + ROWS.decode()).encode("utf-16-le"),
    "in UTF-16": ("\ufeff" + ROWS.decode()).encode("utf-16-be"),
    "compressed": gzip.compress(ROWS, mtime=0),
}


@each_engine
@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("said", FOREIGN)
def test_what_is_no_dump_yet_is_named(engine: Engine, said: str, size: int) -> None:
    """Nothing of it is understood, so it is no success; it leaves as it came."""
    dump = FOREIGN[said]
    stream, out = engine.stream(), bytearray()
    for at in range(0, len(dump), size):
        out += b"".join(stream.feed(dump[at : at + size]))
    with pytest.raises(TruncatedDump, match=said):
        out += b"".join(stream.close())
    assert dump.startswith(bytes(out))
