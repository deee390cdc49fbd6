# SPDX-License-Identifier: Apache-2.0
"""Which tables the database server copies by itself, and in what ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from wpclone.api.choices import Content
from wpclone.mover.choosing import Choice
from wpclone.mover.ddl import Definition
from wpclone.mover.rewriting import Rewritten
from wpclone.mover.sources.base import Table
from wpclone.mover.sources.database.columns import Column, Kind
from wpclone.mover.sources.database.tables import Shape
from wpclone.mover.sources.neighbour import ranges
from wpclone.mover.sources.neighbour.neighbour import Neighbour, Schemas
from wpclone.mover.sources.neighbour.ranges import Ranges
from wpclone.rewrite import Pair, Prefilter, Rewriter

if TYPE_CHECKING:
    from wpclone.mover.sources.database.pool import Pool

KEY = Column("meta_id", "bigint", Kind.NUMBER, "", "utf8mb4")
VALUE = Column("meta`value", "longtext", Kind.TEXT, "utf8mb4", "utf8mb4")
TABLE = Table("wp_postmeta", 100_000, 100_000_000, b"")
PLAIN = Definition(b"", b"", (), transactional=True, changes=())


class Unasked:
    """A server that nobody has a question for."""

    def ask(self, _question: object) -> None:
        """Complain."""
        raise AssertionError("nothing had to be asked")


class Takes:
    """A neighbour that takes every table."""

    def takes(self, _table: Table) -> bool:
        """Agree."""
        return True


def cut() -> Ranges:
    """Return how a table of large rows is cut."""
    shape = Shape("wp_postmeta", (KEY, VALUE), (KEY,))
    return Ranges(TABLE, shape, KEY, "1", 90, "clean", "wpctheirs", "wpcours")


def rewritten(*, masker: Any = None, **content: Any) -> Rewritten:
    """Return what streams, beside a neighbour that would take all."""
    rewriter = Rewriter([Pair("https://a.test", "https://b.test")])
    choice = Choice(Content(**content), "wp_")
    return Rewritten(cast("Any", None), rewriter, choice, masker, cast("Any", Takes()))


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (Table("wp_options", 10**6, 10**9, b""), "settings have rules of their own"),
        (Table("wp_users", 10**6, 10**9, b""), "so have logins"),
        (Table("wp_usermeta", 10**6, 10**9, b""), "and what is known of them"),
        (Table("wp_terms", 9, 16_384, b""), "it comes in a page"),
    ],
)
def test_what_is_small_or_special_is_left_to_the_guard(table: Table, reason: str) -> None:
    """Nobody is asked about such a table."""
    schemas = Schemas("wpctheirs", "wpcours", "wp_", "utf8mb4", {})
    found = Neighbour(cast("Pool", Unasked()), schemas, Prefilter((b"a.test",)))
    assert not found.takes(table), reason


def test_a_table_is_near_only_if_it_is_the_very_same_here() -> None:
    """Not masked, not left out, not changed in its definition, and with transactions."""
    changed = Definition(b"", b"", (), transactional=True, changes=("wp_postmeta: a collation",))
    loose = Definition(b"", b"", (), transactional=False, changes=())
    assert rewritten().near(TABLE, PLAIN)
    assert not rewritten(masker=object()).near(TABLE, PLAIN)
    assert not rewritten(exclude_tables=("postmeta",)).near(TABLE, PLAIN)
    assert not rewritten().near(TABLE, changed)
    assert not rewritten().near(TABLE, loose)


def test_a_range_is_copied_by_one_statement() -> None:
    """Names are quoted, and both ends are in it."""
    copy = cut().copy(-7, 20)
    within = "`meta_id`>-7 AND `meta_id`<=20"
    assert copy.sql == (
        "INSERT INTO `wpcours`.`wp_postmeta` (`meta_id`,`meta``value`) SELECT"
        " `meta_id`,`meta``value` FROM `wpctheirs`.`wp_postmeta`"
        f" WHERE {within} AND 1 AND clean"
    )
    assert copy.measured.endswith(f"FROM `wpcours`.`wp_postmeta` WHERE {within}")


def test_the_last_range_ends_at_the_mark_and_leads_to_the_rest() -> None:
    """What was written on the other clone later stays behind."""
    first, last = cut().copy(None, 20), cut().copy(20, None)
    assert first.sql.count("meta_id`>") == 0
    assert "`meta_id`<=90" in last.sql
    assert ranges.copied(None) == (False, None)
    assert ranges.copied(first.cursor) == (False, 20)
    assert ranges.copied(cut().copy(None, -3).cursor) == (False, -3)
    assert ranges.copied(last.cursor) == (True, None)
    assert ranges.streamed(last.cursor) is None
    assert ranges.streamed(ranges.rest('["MQ=="]')) == '["MQ=="]'
    assert ranges.copied(ranges.rest('["MQ=="]')) == (True, None)
    assert ranges.rest(None) is None
