# SPDX-License-Identifier: Apache-2.0
"""One person is one stand-in, wherever the person is met, in the format the field had."""

from __future__ import annotations

import re

import pytest

from tests.unit.mask.masking import KEY, Desk
from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.errors import InvalidSpec

USER = {
    "ID": "7",
    "user_login": "Anna M.",
    "user_pass": "$P$BabcdefghijklmnopqrstuvwxyzABCDE",
    "user_nicename": "anna-m",
    "user_email": "Anna@Customer.example",
    "user_url": "https://anna.example/",
    "user_activation_key": "1700000000:$P$Bxyz",
    "display_name": "Anna von der Heide",
}


def test_an_account_is_masked_from_its_login_to_its_name() -> None:
    """No column of an account keeps what it said, and each keeps its format."""
    got = Desk().row("wp_users", **USER)
    assert got["ID"] == "7"
    assert got["user_login"] == got["user_nicename"]
    assert re.fullmatch(r"user-[a-z2-7]{10}", str(got["user_login"]))
    assert re.fullmatch(r"[a-z2-7]{10}@masked\.invalid", str(got["user_email"]))
    assert re.fullmatch(r"https://[a-z2-7]{10}\.masked\.invalid/", str(got["user_url"]))
    assert got["user_activation_key"] == ""
    assert re.fullmatch(r"[A-Z][a-z]+x [A-Z][a-z]+x", str(got["display_name"]))


@pytest.mark.parametrize(
    ("mode", "shape"), [(Mask.STANDARD, r"\$P\$[./0-9A-Za-z]{31}"), (Mask.STRICT, r"\*")]
)
def test_passwords_open_nothing_in_either_mode(mode: Mask, shape: str) -> None:
    """A hash of no password, and under Strict no hash."""
    got = Desk(mode).row("wp_users", **USER)
    assert re.fullmatch(shape, str(got["user_pass"]))
    assert got["user_pass"] != USER["user_pass"]


def test_the_same_person_is_the_same_in_every_table() -> None:
    """Account, profile, comment, order in either storage, customer table and subscription agree."""
    desk = Desk()
    user = desk.row("wp_users", **USER)
    first, last = str(user["display_name"]).split()
    email = user["user_email"]
    assert desk.meta("first_name", "Anna") == first
    assert desk.meta("billing_last_name", "Heide") == last
    assert desk.meta("_billing_email", "anna@customer.example", "wp_postmeta") == email
    assert desk.meta("_billing_first_name", "Anna", "wp_postmeta") == first
    order = desk.row(
        "wp_wc_order_addresses",
        first_name="Anna",
        last_name="von der Heide",
        email="ANNA@customer.example",
        phone="+49 170 1234567",
    )
    assert (order["first_name"], order["last_name"], order["email"]) == (first, last, email)
    customer = desk.row("wp_wc_customer_lookup", username="Anna M.", email="anna@customer.example")
    assert (customer["username"], customer["email"]) == (user["user_login"], email)
    comment = desk.row(
        "wp_comments",
        comment_author="Anna von der Heide",
        comment_author_email="anna@customer.example",
        comment_content="Yours, Anna",
        comment_type="comment",
    )
    assert comment["comment_author"] == user["display_name"]
    assert comment["comment_content"] == f"Yours, {first}"
    assert desk.row("wp_mailpoet_subscribers", email="anna@customer.example")["email"] == email


def test_a_number_is_known_however_it_is_written() -> None:
    """Country's code, length and signs stay; the digits behind are the same person's."""
    desk = Desk()
    abroad = desk.meta("billing_phone", "+49 170 1234567")
    home = desk.meta("shipping_phone", "0170/1234567")
    zeros = desk.meta("billing_phone", "0049 (170) 12345-67")
    assert re.fullmatch(r"\+49 000 \d{7}", str(abroad))
    assert re.fullmatch(r"0000/\d{7}", str(home))
    assert re.fullmatch(r"0049 \(000\) \d{5}-\d\d", str(zeros))
    tails = {re.sub(r"\D", "", str(text))[-7:] for text in (abroad, home, zeros)}
    assert len(tails) == 1


def test_other_customers_see_other_people() -> None:
    """Keys derived for two customers give stand-ins that nobody can match."""
    master = b"m" * 32
    one, two = (mask.Key(mask.derived(master, name)) for name in ("acme", "globex"))
    assert Desk(key=one).row("wp_users", **USER) != Desk(key=two).row("wp_users", **USER)
    again = mask.Key(mask.derived(master, "acme"))
    assert Desk(key=one).row("wp_users", **USER) == Desk(key=again).row("wp_users", **USER)


def test_both_modes_name_a_person_alike() -> None:
    """A strict clone beside a standard one shows the same people."""
    standard, strict = (Desk(mode).row("wp_users", **USER) for mode in (Mask.STANDARD, Mask.STRICT))
    assert {**standard, "user_pass": ""} == {**strict, "user_pass": ""}


# RFC 5737: three networks that nobody has.
DOCUMENTED = r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}"


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("203.0.113.9", r"203\.0\.113\.9"),
        ("10.1.2.3", DOCUMENTED),
        ("2003:e8::1", r"2001:db8:[0-9a-f:]+"),
        ("84.1.2.3, 10.0.0.1", f"{DOCUMENTED}, {DOCUMENTED}"),
    ],
)
def test_network_addresses_become_those_of_documentation(text: str, pattern: str) -> None:
    """An address stays one, and is nobody's."""
    got = Desk().row("wp_wc_orders", ip_address=text)["ip_address"]
    assert re.fullmatch(pattern, str(got))


def test_a_short_column_holds_its_stand_in() -> None:
    """What is longer than its column is cut, an address before its `@`."""
    ddl = b"CREATE TABLE `wp_users` (\n  `user_email` varchar(20) NOT NULL,\n  `x` int(11)\n)"
    got = Desk().row("wp_users", ddl, user_email="a@b.example")["user_email"]
    assert re.fullmatch(r"[a-z2-7]{5}@masked\.invalid", str(got))


@pytest.mark.parametrize("name", ["ANNA HEIDE", "anna heide", "Heide, Anna", "Anna Heide"])
def test_case_and_order_of_a_name_stay(name: str) -> None:
    """The stand-in is written as the name was."""
    got = str(Desk().row("wp_comments", comment_author=name, comment_content="")["comment_author"])
    assert (got.isupper(), got.islower(), "," in got) == (
        name.isupper(),
        name.islower(),
        "," in name,
    )
    assert sorted(got.replace(",", "").casefold().split()) == sorted(
        str(Desk().meta(key, text)).casefold()
        for key, text in (("first_name", "anna"), ("last_name", "heide"))
    )


@pytest.mark.parametrize("blank", ["\u00a0", " ", "\u2003\u2003"])
def test_a_name_of_spaces_only_stays(blank: str) -> None:
    """People leave fields empty in many ways."""
    assert Desk().meta("first_name", blank) == blank
    assert Desk().meta("last_name", f"Heide{blank}") != f"Heide{blank}"


def test_a_key_too_short_is_none() -> None:
    """An empty Secret must not mask with a key that everybody knows."""
    with pytest.raises(InvalidSpec):
        mask.Key(b"short")
    assert KEY.number("a", "x") != KEY.number("b", "x")
