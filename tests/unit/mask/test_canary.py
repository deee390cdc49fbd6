# SPDX-License-Identifier: Apache-2.0
"""The canary finds what was missed, wherever it is, and stays silent over a clean copy."""

from __future__ import annotations

import pytest

from tests.unit.mask.masking import RULES, Desk
from wpclone import mask
from wpclone.mask import Kind, Trait


@pytest.fixture
def desk() -> Desk:
    """Have seen one person."""
    desk = Desk()
    desk.row("wp_users", user_email="Anna@Customer.example", display_name="Anna Heidenreich")
    desk.meta("billing_phone", "+49 170 1234567")
    return desk


def found(desk: Desk, text: str, kind: Kind | None = None) -> set[tuple[Trait, bool]]:
    """Return what the canary finds in a value."""
    return set(desk.canary.hits(text.encode(), kind))


@pytest.mark.parametrize(
    "text",
    [
        "anna@customer.example",
        "<a href='mailto:ANNA@customer.example?subject=x'>",
        "email=anna%40customer.example&x",
        r'{"to":"\nanna@customer.example"}',
        r"\u003canna@customer.example\u003e",
        "anna&#64;customer.example.",
        "list:x,anna@customer.example;y",
        "sub-anna@customer.example",
        "2024/01/anna@customer.example.pdf",
        "„anna@customer.example“",
        "»anna@customer.example«",
    ],
)
def test_an_original_address_is_found_anywhere(desk: Desk, text: str) -> None:
    """In any spelling and company."""
    assert found(desk, text) == {(Trait.EMAIL, True)}


@pytest.mark.parametrize(
    "text",
    [
        "+49 170 1234567",
        "0049170 1234567",
        "01701234567",
        "tel:+49-170-123-4567",
        "0170 1234567, 5",
    ],
)
def test_an_original_number_is_found_anywhere(desk: Desk, text: str) -> None:
    """In any spelling, also without the country's code."""
    assert found(desk, text) == {(Trait.PHONE, True)}


def test_a_surname_is_a_leak_where_names_belong(desk: Desk) -> None:
    """As a whole value of a column of names; elsewhere it is told, within text it is a word."""
    assert found(desk, "Heidenreich", Kind.LAST) == {(Trait.SURNAME, True)}
    assert found(desk, "heidenreich", Kind.KEEP) == {(Trait.SURNAME, True)}
    assert found(desk, "Heidenreich", Kind.DATA) == {(Trait.SURNAME, True)}
    assert found(desk, "heidenreich", Kind.DATA) == {(Trait.SURNAME, False)}
    assert found(desk, "Heidenreich") == {(Trait.SURNAME, False)}
    assert found(desk, "At the Heidenreich") == set()


@pytest.mark.parametrize(
    "text",
    [
        "hanna@customer.example",
        "anna@customer.example.org",
        "anna@other.example",
        "170123456",
        "9901701234567",
        "1700000000",
        "",
    ],
)
def test_others_are_not_taken_for_somebody(desk: Desk, text: str) -> None:
    """A longer name, another domain, other digits are nobody that was seen."""
    assert found(desk, text) == set()


def test_numbers_that_nobody_has_are_not_looked_for() -> None:
    """Fillers would be met in any database."""
    desk = Desk()
    for filler in ("00000000", "123456789", "11111111", "5551234", "19800131"):
        desk.meta("billing_phone", filler)
    assert desk.seen.count(Trait.PHONE) == 0


def test_what_was_seen_survives_as_hashes() -> None:
    """A mover that was killed goes on with what the first had seen; no text is kept."""
    first = Desk()
    first.row("wp_users", user_email="anna@customer.example")
    kept = first.seen.fresh()
    first.seen.stored(len(kept))
    assert first.seen.fresh() == []
    assert [trait for trait, number in kept if number < 2**63] == ["EMAIL"]
    second = Desk()
    second.seen.recall(kept)
    assert found(second, "anna@customer.example") == {(Trait.EMAIL, True)}


def test_a_broken_rule_is_caught() -> None:
    """A column that a rule leaves alone by mistake is found by what it holds."""
    own = "rules: [{table: users, columns: {user_email: keep, display_name: keep}}]"
    desk = Desk(rules=mask.read(RULES, own))
    row = desk.row("wp_users", user_email="anna@customer.example", display_name="Anna Heide")
    assert row["user_email"] == "anna@customer.example"
    assert found(desk, str(row["user_email"]), Kind.KEEP) == {(Trait.EMAIL, True)}
