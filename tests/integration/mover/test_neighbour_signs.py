# SPDX-License-Identifier: Apache-2.0
"""What SQL calls untouched on a real server is what the rewriter would pass through untouched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wpclone import rewrite
from wpclone.mover.sources.database import tables
from wpclone.mover.sources.database.pool import Pool
from wpclone.mover.sources.database.wire import Server as Place
from wpclone.mover.sources.neighbour import signs
from wpclone.rewrite import Counts, Pair, Prefilter, Rewriter, values

if TYPE_CHECKING:
    from tests import mariadb

pytestmark = pytest.mark.database

PAIRS = (
    Pair("https://acme-preview.clones.test/blog", "https://copy.clones.test"),
    Pair("http://müller--söhne.example", "https://copy.clones.test"),
    Pair("https://10.0.0.7:8443", "https://copy.clones.test"),
)
# As they are stored: one charset each, and bytes without any.
COLUMNS = {
    "body": ("LONGTEXT CHARACTER SET utf8mb4", "utf-8"),
    "old": ("TEXT CHARACTER SET utf8mb3", "utf-8"),
    "latin": ("VARCHAR(2000) CHARACTER SET latin1", "latin-1"),
    "turkish": ("TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_turkish_ci", "utf-8"),
    "packed": ("LONGBLOB", None),
    "short": ("VARBINARY(2000)", None),
}
ENGINES = (Rewriter, values.Rewriter)


@dataclass
class Desk:
    """A table on a real server, and the condition for it."""

    wire: Any
    condition: str

    def untouched(self, row: dict[str, bytes | None]) -> bool:
        """Store a row, and ask the server about it."""
        with self.wire.cursor() as cursor:
            cursor.execute("DELETE FROM t")
            literals = [
                "NULL" if v is None else f"0x{v.hex()}" if v else "''" for v in row.values()
            ]
            cursor.execute(f"INSERT INTO t ({','.join(row)}) VALUES ({','.join(literals)})")
            cursor.execute(f"SELECT ({self.condition}) IS TRUE FROM t")
            return bool(cursor.fetchone()[0])

    def stored(self) -> list[bytes]:
        """Return the bytes of all values, as the server has them."""
        with self.wire.cursor() as cursor:
            cursor.execute(
                "SELECT " + ",".join(f"CAST({name} AS BINARY)" for name in COLUMNS) + " FROM t"
            )
            return [value for value in cursor.fetchone() if value is not None]


def condition(server: mariadb.Server, login: mariadb.Login, prefilter: Prefilter) -> str:
    """Return the condition as the mover makes it."""
    place = Place(
        server.host, server.port, (server.host,), login.schema, login.user, login.password, None
    )
    pool = Pool(place, "utf8mb4", 1.0)
    with pool.lent() as wire:
        found = signs.untouched(tables.shape(wire, "t", "utf8mb4").columns, prefilter)
    pool.close()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def desk(server: mariadb.Server) -> Iterator[Desk]:
    """Make the table."""
    login = server.schema()
    columns = ",".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    server.execute(
        f"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, {columns})", schema=login.schema
    )
    with server.root(login.schema) as wire, wire.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")
        wire.use_unicode = False
        cursor.execute("SET NAMES binary")
        yield Desk(wire, condition(server, login, Rewriter(PAIRS).prefilter))


PIECES = (
    *(
        "https://",
        "http:\\/\\/",
        "//",
        "%2F%2F",
        "www.",
        "/blog",
        "/blog/x",
        ":8443",
        "u002d",
        "--",
    ),
    *("acme-preview.clones.test", "müller--söhne.example", "10.0.0.7", "clones.test", "ller", ""),
    *("xn--mller--shne-yhb5j.example", "10.0.0.71", "acme-preview", ".example", "é", "\x00", "'"),
    *("\\", "\n", "İ", "\u017f", "\u212a", "s:5:", '"', "a:1:{", "&#x2f;", "😀"),
)


def shouted(text: str, seed: int) -> str:
    """Change the case of some letters."""
    return "".join(c.upper() if seed >> n % 17 & 1 else c.lower() for n, c in enumerate(text))


TEXT = st.builds(
    lambda parts, seed: shouted("".join(parts), seed),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6),
    st.integers(0, 2**17),
)


@st.composite
def stored(draw: st.DrawFn) -> dict[str, bytes | None]:
    """Draw a row; most of its columns hold nothing."""
    row: dict[str, bytes | None] = dict.fromkeys(COLUMNS)
    for name in draw(st.sets(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=2)):
        charset = COLUMNS[name][1]
        text = draw(TEXT)
        if charset is None:
            row[name] = text.encode("utf-8", "replace") + draw(st.binary(max_size=6))
        else:
            row[name] = text.encode(charset, "replace")
    return row


@given(row=stored())
@settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_untouched_row_is_one_that_the_rewriter_does_not_touch(
    desk: Desk, row: dict[str, bytes | None]
) -> None:
    """Both engines return it as it is and count nothing; and none is streamed without cause."""
    untouched = desk.untouched(row)
    held = desk.stored()
    for engine in ENGINES:
        rewriter = engine(PAIRS)
        assert untouched == (not any(rewriter.concerns(value) for value in held))
        if not untouched:
            continue
        for value in held:
            counts = Counts()
            assert rewriter.value(value, counts) == value
            assert (counts.rewritten, counts.residual, counts.serialized) == (0, 0, 0)


def test_both_engines_go_by_the_same_texts() -> None:
    """The condition holds for whichever is in use."""
    for base64 in (False, True):
        one, other = (engine(PAIRS, base64=base64).prefilter for engine in ENGINES)
        assert one == other
        assert bool(one.exact) is base64


def test_base64_counts_where_it_is_looked_into(server: mariadb.Server) -> None:
    """Its texts stand in one letter case only."""
    login = server.schema()
    server.execute("CREATE TABLE t (id INT PRIMARY KEY, body TEXT)", schema=login.schema)
    told = condition(server, login, rewrite.Rewriter(PAIRS, base64=True).prefilter)
    rows = {1: "aHR0cHM6Ly9hY21lLXByZXZpZXcuY2xvbmVzLnRlc3QvYmxvZw==", 2: "aHR0cHM6Ly9lbHNl"}
    for number, body in rows.items():
        server.execute(f"INSERT INTO t VALUES ({number}, '{body}')", schema=login.schema)
    assert server.execute(f"SELECT id FROM t WHERE {told}", schema=login.schema) == [(2,)]


def test_a_value_too_long_to_be_looked_into_is_streamed(server: mariadb.Server) -> None:
    """The server would turn it into NULL, and NULL is no promise."""
    login = server.schema()
    server.execute("CREATE TABLE t (id INT PRIMARY KEY, body LONGTEXT)", schema=login.schema)
    told = condition(server, login, Rewriter(PAIRS).prefilter)
    for number, size in ((1, signs.LONGEST), (2, signs.LONGEST + 1)):
        server.execute(f"INSERT INTO t VALUES ({number}, REPEAT('a', {size}))", schema=login.schema)
    assert server.execute(f"SELECT id FROM t WHERE {told}", schema=login.schema) == [(1,)]


@pytest.mark.parametrize(
    "column",
    [
        "TEXT CHARACTER SET utf16",
        "TEXT CHARACTER SET ucs2",
        "TEXT CHARACTER SET sjis",
        "UUID",
        "INET6",
        "GEOMETRY",
    ],
)
def test_what_hides_an_address_is_no_question_for_sql(server: mariadb.Server, column: str) -> None:
    """The rewriter sees other bytes than those that are stored: such a table is streamed."""
    login = server.schema()
    server.execute(f"CREATE TABLE t (id INT PRIMARY KEY, body {column})", schema=login.schema)
    with pytest.raises(AssertionError):
        condition(server, login, Rewriter(PAIRS).prefilter)
