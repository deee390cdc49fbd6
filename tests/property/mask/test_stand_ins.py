# SPDX-License-Identifier: Apache-2.0
"""For any person: one stand-in, of the same format, that is masked already and betrays nothing."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.property.mask.people import emails, fields, names, phones
from tests.property.rewrite.php_values import unhurried
from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.mask import Kind
from wpclone.mask.maker import Maker
from wpclone.rewrite import Pair, Rewriter, SqlStream

RULES = mask.read("members: {email: [email]}")
# As mysqldump and the agent write a text.
ESCAPES = {b"\n": b"n", b"\r": b"r", b"\t": b"t", b"\0": b"0", b"\x1a": b"Z"}
TO_SQL = re.compile(rb"[\n\r\t\0\x1a'\"\\]")
REWRITER = Rewriter([Pair("https://old.example", "https://copy.clones.test")])
KEY = mask.Key(b"one customer's masking key......")
OTHER = mask.Key(b"another customer's masking key..")


def maker(key: mask.Key = KEY) -> Maker:
    """Make a masker of values, as a new clone's mover would."""
    return Maker(RULES, key, mask.Seen(key))


one_of = st.sampled_from(sorted(fields)).flatmap(
    lambda kind: st.tuples(st.just(Kind(kind)), fields[kind])
)


@unhurried
@given(one_of)
def test_a_stand_in_is_its_own_stand_in(one: tuple[Kind, str]) -> None:
    """A masked clone that is cloned again with the same key shows the same people."""
    kind, text = one
    once = maker().make(kind, text.encode())
    assert maker().make(kind, once) == once


@unhurried
@given(one_of)
def test_every_clone_shows_the_same_stand_in(one: tuple[Kind, str]) -> None:
    """The key alone decides: not the order, the table, the day."""
    kind, text = one
    busy = maker()
    for other, strategy in sorted(fields.items()):
        busy.make(Kind(other), repr(strategy).encode())
    assert busy.make(kind, text.encode()) == maker().make(kind, text.encode())


@unhurried
@given(one_of)
def test_nothing_of_the_original_is_left(one: tuple[Kind, str]) -> None:
    """What stands there afterwards is not what was there; another key gives other people."""
    kind, text = one
    made = maker().make(kind, text.encode()).decode()
    assert made.casefold() != text.casefold() or text.endswith("-01-01")


@unhurried
@given(emails)
def test_an_address_stays_one(email: str) -> None:
    """Any case of it is the same person's."""
    made = maker().make(Kind.EMAIL, email.encode())
    assert re.fullmatch(rb"[a-z2-7]{10}@masked\.invalid", made)
    assert maker().make(Kind.EMAIL, email.upper().encode()) == made or not email.isascii()
    assert maker(OTHER).make(Kind.EMAIL, email.encode()) != made


@unhurried
@given(phones)
def test_a_number_keeps_its_format(phone: str) -> None:
    """Digits for digits, the signs between them and the country's code stay; nobody has it."""
    made = maker().make(Kind.PHONE, phone.encode()).decode()
    assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", phone)
    if phone.startswith(("+49 ", "+352 ")):
        assert made.split(" ", 1)[0] == phone.split(" ", 1)[0]


@unhurried
@given(names.filter(lambda name: name[0].isupper()), names)
def test_a_whole_name_is_its_parts(first: str, last: str) -> None:
    """Display name, given name and surname of one person agree."""
    one = maker()
    whole = one.make(Kind.NAME, f"{first} {last}".encode()).decode().split()
    assert whole[-1] == one.make(Kind.LAST, last.encode()).decode()
    assert whole[0] == one.make(Kind.FIRST, first.split(maxsplit=1)[0].encode()).decode()


pieces = st.lists(
    emails
    | st.sampled_from(["0170 1234567", "+49 170 1234567", "\n", "\r", "\t", "\0", "\x1a", "'", '"'])
    | st.sampled_from(["\\", "%40", "x", "n", " ", ";", "=", "@", "\\u0040", "&#64;", "//", ":"]),
    max_size=6,
).map("".join)


@unhurried
@given(pieces)
def test_what_is_passed_unread_would_not_have_changed(text: str) -> None:
    """A row is only passed by if the masker would leave each of its values as it is."""
    literal = TO_SQL.sub(lambda sign: b"\\" + ESCAPES.get(sign[0], sign[0]), text.encode())
    sql = b"INSERT INTO `wp_someplugin` (`a`,`b`) VALUES (1,'%s');" % literal

    def through(*, everything: bool) -> bytes:
        seen = mask.Seen(KEY)
        seen.phone("491701234567", plus=True)
        masker = mask.Masker(RULES, KEY, Mask.STANDARD, "wp_", seen)
        masker.begin("wp_someplugin", b"")
        hooked = (lambda _table: True) if everything else masker.shown
        stream = SqlStream(REWRITER, prefix="wp_", on_row=masker.on_row, hooked=hooked)
        return b"".join([*stream.statements(sql), *stream.close()])

    assert through(everything=False) == through(everything=True)


@unhurried
@given(st.binary(max_size=60), st.sampled_from(sorted(Kind)))
def test_any_bytes_are_survived(data: bytes, kind: Kind) -> None:
    """A site holds whatever it holds."""
    assert isinstance(maker().make(kind, data), bytes)


around = st.text(max_size=20) | st.sampled_from(["„", "“", "»", "…", "<", ">", "\u200b", ".", "\n"])


@unhurried
@given(emails, around, around)
def test_an_address_beside_any_sign_is_masked(email: str, before: str, behind: str) -> None:
    """Typographers' signs are no part of an address, and no character is cut in two."""
    seen = mask.Seen(KEY)
    one = Maker(RULES, KEY, seen)
    one.make(Kind.EMAIL, email.encode())
    left = one.make(Kind.TEXT, f"{before}{email}{behind}".encode("utf-8", "replace"))
    assert email.encode() not in left
    left.decode("utf-8")


@unhurried
@given(emails, st.text(max_size=20), st.text(max_size=20))
def test_an_address_in_any_text_is_masked_or_found(email: str, before: str, behind: str) -> None:
    """What the masker leaves of an address it knows, the canary sees."""
    seen = mask.Seen(KEY)
    one = Maker(RULES, KEY, seen)
    one.make(Kind.EMAIL, email.encode())
    left = one.make(Kind.TEXT, f"{before} {email} {behind}".encode("utf-8", "replace"))
    assert email.encode() not in left
    assert not [hit for hit in mask.Canary(KEY, seen).hits(left, None) if hit[1]]
