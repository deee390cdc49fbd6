# SPDX-License-Identifier: Apache-2.0
"""A source's pieces on their way through the rewriter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wpclone import mask
from wpclone.api.choices import Content
from wpclone.api.mover import Mask
from wpclone.errors import ImportFailed, SourceError
from wpclone.mover import rewriting
from wpclone.mover.blank import BlankSource
from wpclone.mover.choosing import Choice
from wpclone.mover.sources.base import Piece, Table
from wpclone.mover.spool import Spooled, Sql, view
from wpclone.rewrite import Pair, Rewriter

POSTS = Table("wp_posts", 2, 100, b"")
HEAD = b"INSERT INTO `wp_posts` (`ID`,`post_content`,`guid`) VALUES\n"

ALL = Choice(Content(), "wp_")


class Pieces(BlankSource):
    """A source of the given pieces."""

    def __init__(self, *pieces: Sql) -> None:
        """Offer them as rows of one table."""
        self._pieces = pieces

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:  # noqa: ARG002  seam
        """Give them."""
        return (Piece(sql, 1, cursor) for sql in self._pieces)


def spooled(sql: bytes) -> Spooled:
    """Put SQL into a file."""
    file = Spooled()
    file.write(sql)
    return file


def through(*pieces: bytes, table: Table = POSTS) -> tuple[list[bytes], rewriting.Rewritten]:
    """Send pieces through; what comes out, and who counted."""
    rewriter = Rewriter([Pair("https://a.test", "https://copy.clones.test")])
    rewritten = rewriting.Rewritten(Pieces(*pieces), rewriter, ALL)
    return [bytes(view(piece.sql)) for piece in rewritten.pieces(table, None)], rewritten


def test_each_piece_comes_out_whole_and_counted() -> None:
    """Whatever a stream would hold back for later, a piece's rows leave with their piece."""
    giant = HEAD + b"(1,'https://a.test/" + b"x" * 700_000 + b"','https://a.test/?p=1');\n"
    small = HEAD + b"(2,'https://a.test','g');\n"
    out, rewritten = through(giant, small)
    assert (
        out[0].rstrip()
        == giant.replace(b"https://a.test/x", b"https://copy.clones.test/x").rstrip()
    )
    assert out[1].rstrip() == small.replace(b"a.test", b"copy.clones.test").rstrip()
    seen = rewritten.seen()
    assert (seen.rewritten, seen.protected, seen.residual) == (2, 1, 0)


def test_counters_begin_anew_with_each_table() -> None:
    """A table that is begun again is not counted twice."""
    _, rewritten = through(HEAD + b"(2,'https://a.test','g');\n")
    list(rewritten.pieces(POSTS, None))
    assert rewritten.seen().rewritten == 1


def test_a_piece_that_ends_in_mid_statement_is_the_sources_fault() -> None:
    """Cut streams are named and worth another try."""
    with pytest.raises(SourceError, match="wp_posts") as caught:
        through(HEAD + b"(2,'https://a.t")
    assert (caught.value.reason, caught.value.retryable) == ("SourceLost", True)


def test_long_sql_stays_on_disk() -> None:
    """What the source could not hold in memory leaves the rewriter as a file, byte for byte."""
    sql = HEAD + b"(1,'https://a.test/" + b"x" * 1000 + b"','https://a.test/?p=1');\n"
    rewriter = Rewriter([Pair("https://a.test", "https://copy.clones.test")])
    rewritten = rewriting.Rewritten(Pieces(spooled(sql)), rewriter, ALL)
    (piece,) = rewritten.pieces(POSTS, None)
    assert isinstance(piece.sql, Spooled)
    assert bytes(view(piece.sql)) == sql.replace(b"a.test/x", b"copy.clones.test/x")
    assert len(piece.sql) == len(sql) + 10
    seen = rewritten.seen()
    assert (seen.rewritten, seen.protected, seen.residual) == (1, 1, 0)


def test_long_sql_that_ends_in_mid_statement_is_the_sources_fault() -> None:
    """A file may be cut like any other piece."""
    cut = Pieces(spooled(HEAD + b"(2,'https://a.t"))
    rewriter = Rewriter([Pair("https://a.test", "https://copy.clones.test")])
    with pytest.raises(SourceError, match="wp_posts"):
        list(rewriting.Rewritten(cut, rewriter, ALL).pieces(POSTS, None))


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_row_too_large_to_be_masked_is_refused(
    monkeypatch: pytest.MonkeyPatch, *, on_disk: bool
) -> None:
    """A named reason instead of a pod that is killed for its memory."""
    monkeypatch.setattr(rewriting, "MAX_MASKED", 1000)
    sql = (
        b"INSERT INTO `wp_users` (`ID`,`user_email`) VALUES (1,'a@b.example" + b"x" * 1000 + b"');"
    )
    with pytest.raises(SourceError, match=r"wp_users .* can be masked") as caught:
        masked(spooled(sql) if on_disk else sql)
    assert caught.value.reason == "SourceTooLarge"


def test_a_long_row_is_masked_like_any_other() -> None:
    """Up to that size it is read from its file to be masked."""
    sql = b"INSERT INTO `wp_users` (`ID`,`user_email`) VALUES (1,'a@b.example');"
    (piece,), rewritten = masked(spooled(sql))
    assert b"a@b.example" not in bytes(view(piece.sql))
    assert rewritten.seen().masked == 1


def test_sessions_of_visitors_are_not_even_asked_for() -> None:
    """Of some tables only the structure comes."""
    out, _ = through(b"never read", table=Table("wp_woocommerce_sessions", 9, 9, b""))
    assert out == []


def masked(sql: Sql, table: str = "wp_users") -> tuple[list[Piece], rewriting.Rewritten]:
    """Send a piece of one row through a masker; what comes out, and who counted."""
    key = mask.Key(b"k" * 32)
    rules = mask.read("rules: [{table: users, columns: {user_email: email}}]")
    masker = mask.Masker(rules, key, Mask.STANDARD, "wp_", mask.Seen(key))
    rewriter = Rewriter([Pair("https://a.test", "https://copy.clones.test")])
    rewritten = rewriting.Rewritten(Pieces(sql), rewriter, ALL, masker)
    return list(rewritten.pieces(Table(table, 1, 1, b""), None)), rewritten


def test_rows_are_masked_and_counted_on_their_way() -> None:
    """What the masker did is told with the table's other counters."""
    sql = b"INSERT INTO `wp_users` (`ID`,`user_email`) VALUES (1,'a@b.example');"
    (piece,), rewritten = masked(sql)
    assert b"a@b.example" not in bytes(view(piece.sql))
    assert piece.rows == 1
    assert (rewritten.seen().masked, rewritten.seen().dropped) == (1, 0)


def test_a_row_that_the_masker_was_not_shown_stops_the_import() -> None:
    """Whatever the reason: a row that was not masked is never copied."""
    sql = b"INSERT INTO `wp_users` (`ID`,`user_email`) VALUES (1,'a@b.example'),(2,NOW(1,2));"
    with pytest.raises(ImportFailed, match="wp_users could not be read") as caught:
        masked(sql)
    assert caught.value.reason == "VerificationFailed"
