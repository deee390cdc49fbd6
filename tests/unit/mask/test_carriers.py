# SPDX-License-Identifier: Apache-2.0
"""Values within values are masked by their names, and what carries them stays readable."""

from __future__ import annotations

import json

import pytest

from tests.unit.mask.masking import Desk


def serialized(*texts: str) -> str:
    """Return a serialized list of keys and values in turn."""
    items = "".join(f's:{len(text.encode())}:"{text}";' for text in texts)
    return f"a:{len(texts) // 2}:{{{items}}}"


def test_members_are_masked_by_their_names() -> None:
    """A plugin's settings know a street from a phone by the member's name."""
    desk = Desk()
    value = serialized("firstName", "Anna", "phone", "0170 1234567", "theme", "dark mode")
    want = serialized(
        "firstName",
        str(desk.meta("first_name", "Anna")),
        "phone",
        str(desk.meta("billing_phone", "0170 1234567")),
        "theme",
        "dark mode",
    )
    assert desk.meta("acme_profile", value) == want


def test_json_within_serialized_within_json_keeps_every_count() -> None:
    """Lengths and escapes are right on each level."""
    desk = Desk()
    email = str(desk.meta("billing_email", "ann@customer.example"))
    inner = json.dumps({"to": "ann@customer.example", "u": "a/b"}).replace("/", "\\/")
    value = json.dumps({"saved": serialized("k", inner)})
    got = json.loads(str(desk.meta("acme", value)))["saved"]
    want = inner.replace("ann@customer.example", email)
    assert got == serialized("k", want)


@pytest.mark.parametrize(
    "value",
    [
        'O:8:"stdClass":2:{s:1:"n";i:12;s:5:"\0*\0ab";d:0.10000000000000001;}',
        'a:2:{i:0;R:1;i:1;E:9:"Suit:Club";}',
        'C:11:"ArrayObject":21:{x:i:0;a:0:{};m:a:0:{}}',
        's:99:"broken";',
        '{"a": [1, 2.50, true, null, "x"]}',
        "{not json}",
        "",
    ],
)
def test_what_names_nobody_keeps_every_byte(value: str) -> None:
    """Floats, references, enums, private members and broken values are not touched."""
    assert Desk().meta("acme", value) == value


def test_numbers_that_are_somebodys_become_text() -> None:
    """A telephone number kept as a number is one all the same."""
    desk = Desk()
    got = str(desk.meta("acme", 'a:1:{s:5:"phone";i:491701234567;}'))
    assert got.startswith('a:1:{s:5:"phone";s:12:"0')
    assert json.loads(str(desk.meta("acme", '{"phone":491701234567}')))["phone"].startswith("0")


def test_a_value_that_only_its_class_can_read_is_left_alone() -> None:
    """Better found by the canary than broken."""
    body = 'x:i:0;a:1:{i:0;s:9:"a@b.test_";};m:a:0:{}'
    value = f'C:11:"ArrayObject":{len(body)}:{{{body}}}'
    assert Desk().meta("acme", value) == value


def test_keys_that_are_addresses_are_masked() -> None:
    """Lists of subscribers are keyed by address; names of members are not touched."""
    desk = Desk()
    email = str(desk.meta("billing_email", "ann@customer.example"))
    assert desk.meta("acme", serialized("ann@customer.example", "1")) == serialized(email, "1")
    assert desk.meta("acme", '{"ann@customer.example": true}') == f'{{"{email}": true}}'
    assert desk.meta("email", serialized("email", "")) == serialized("email", "")


def test_a_document_too_large_to_be_read_is_masked_as_text() -> None:
    """A giant of a page builder must not cost ten times its size in memory."""
    desk = Desk()
    email = str(desk.meta("billing_email", "ann@customer.example"))
    value = '{"x":"' + "y" * 4_100_000 + '","to":"ann@customer.example"}'
    assert desk.meta("acme", value) == value.replace("ann@customer.example", email)
