# SPDX-License-Identifier: Apache-2.0
"""Long values put together from what an agent sends, which may be anything."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

import pytest

from wpclone.errors import SourceError
from wpclone.mover.sources.site import giants
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.frames import Damaged, Frame
from wpclone.mover.spool import MOST, Spool, TooLong, view

HEAD = b"INSERT INTO `t` (`id`,`v`) VALUES\n"
FORM = {
    "head": base64.b64encode(HEAD).decode(),
    "key": ["MQ=="],
    "parts": [{"sql": base64.b64encode(b"1").decode()}, {"column": "v", "form": ""}],
}
GONE = [Frame("J", b'{"gone":true}')]


def page(facts: dict[str, Any], pieces: list[bytes], at: int | None) -> list[Frame]:
    """Return one reply."""
    cursor = json.dumps({"cursor": None if at is None else {"offset": at}}).encode()
    values = [Frame("V", piece) for piece in pieces]
    return [Frame("J", json.dumps(facts).encode()), *values, Frame("C", cursor)]


class Replies:
    """Gives prepared replies, and keeps what was asked for."""

    def __init__(self, *pages: list[Frame]) -> None:
        """Take the replies."""
        self._pages = list(pages)
        self.offsets: list[int] = []

    def call(self, _route: str, args: dict[str, Any]) -> list[Frame]:
        """Give the next one."""
        self.offsets.append(args["offset"])
        return self._pages.pop(0)


def written(agent: Replies) -> tuple[bool, bytes]:
    """Write a row behind other SQL; whether it was there, and what was written."""
    sql = Spool()
    sql.write(b"before;")
    there = giants.write(cast("Agent", agent), "t", FORM, sql)
    return there, bytes(view(sql.done())).removeprefix(b"before;")


def test_the_pieces_of_all_replies_make_one_literal() -> None:
    """Escaped piece by piece, resumed where the last reply ended."""
    facts = {"bytes": 6, "crc": 1}
    agent = Replies(page(facts, [b"a'", b"\\"], 3), page(facts, [b'\0"\n'], None))
    assert written(agent) == (True, HEAD + b"(1,'a\\'\\\\\\0\\\"\\n');\n")
    assert agent.offsets == [0, 3]


def test_stored_bytes_are_written_as_such() -> None:
    """What the connection could not hold comes in hex, under its own character set."""
    agent = Replies(page({"bytes": 2, "crc": 1, "stored": "cp932"}, [b"\xed\x40"], None))
    assert written(agent) == (True, HEAD + b"(1,_cp932 0xed40);\n")


def test_a_value_that_changes_is_read_anew() -> None:
    """Half of the old and half of the new one would be neither."""
    old, new = {"bytes": 4, "crc": 1}, {"bytes": 4, "crc": 2}
    agent = Replies(page(old, [b"ol"], 2), page(new, [b"ww"], None), page(new, [b"neww"], None))
    assert written(agent) == (True, HEAD + b"(1,'neww');\n")
    assert agent.offsets == [0, 2, 0]


def test_a_value_that_never_rests_is_worth_another_try() -> None:
    """Three beginnings are enough for one run; the message names the place."""
    replies = [page({"bytes": 4, "crc": n}, [b"ab"], 2) for n in range(6)]
    with pytest.raises(SourceError, match=r"t\.v changes faster") as caught:
        written(Replies(*replies))
    assert caught.value.retryable


def test_a_row_that_has_gone_meanwhile_leaves_nothing() -> None:
    """Also if half of it has come."""
    facts = {"bytes": 4, "crc": 1}
    assert written(Replies(page(facts, [b"ab"], 2), GONE)) == (False, b"")


def test_a_value_that_has_become_empty_is_empty() -> None:
    """It was long when its row was read."""
    agent = Replies(page({"bytes": 0, "crc": 0}, [], None))
    assert written(agent) == (True, HEAD + b"(1,'');\n")


@pytest.mark.parametrize(
    ("pieces", "at", "reason"),
    [
        ([], 0, "nothing came, for ever"),
        ([b"ab"], 4, "bytes are missing between two replies"),
        ([b"ab"], None, "it ends before it is whole"),
        ([b"abcdef"], None, "there is more than was told"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(
    pieces: list[bytes], at: int | None, reason: str
) -> None:
    """An agent cannot make us wait, fill the disk or lose bytes."""
    with pytest.raises(Damaged):
        written(Replies(page({"bytes": 4, "crc": 1}, pieces, at)))
    assert reason


def test_a_value_for_which_there_is_no_room_is_not_fetched() -> None:
    """One reply tells its size; no second one is asked for."""
    agent = Replies(page({"bytes": MOST, "crc": 1}, [b"ab"], 2))
    with pytest.raises(TooLong):
        written(agent)
    assert agent.offsets == [0]
