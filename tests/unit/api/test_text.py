# SPDX-License-Identifier: Apache-2.0
"""Specifies how text of strangers is cleaned."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpclone.api.text import clean


@pytest.mark.parametrize(
    ("raw", "shown", "reason"),
    [
        ("My site", "My site", "plain text stays as it is"),
        ("Café 日本語 🎉", "Café 日本語 🎉", "letters of every script stay"),
        ("\x1b[31mred\x1b[0m", "red", "colours go with their whole sequence"),
        ("\x1b]0;pwned\x07title", "title", "a sequence that sets the window's title goes"),
        ("\x1b]8;;http://evil.example\x1b\\link", "link", "a hidden link goes, its text stays"),
        ("\x9b2Jgone", "gone", "the one-byte form of the sequence goes too"),
        ("a\nb\tc\r\nd", "a b c d", "it stays on one line"),
        ("\u202egpj.exe", "gpj.exe", "characters that turn the direction go"),
        ("zero\u200bwidth\ufeff", "zerowidth", "invisible characters go"),
        ("nul\x00bell\x07", "nulbell", "control characters go"),
        ("\ud800lone", "lone", "a lone surrogate could not be encoded"),
        ("  padded  ", "padded", "spaces around go"),
        ("", "", "nothing stays nothing"),
    ],
)
def test_what_a_person_is_shown(raw: str, shown: str, reason: str) -> None:
    """Text loses what could harm a terminal or mislead a reader, and nothing else."""
    assert clean(raw) == shown, reason


def test_a_long_text_ends_in_an_ellipsis() -> None:
    """A text over the limit is cut, visibly, to exactly the limit."""
    assert clean("x" * 500, 10) == "x" * 9 + "…"


@given(st.text(max_size=2000), st.integers(1, 300))
def test_any_text_becomes_harmless(raw: str, limit: int) -> None:
    """Whatever comes in, the result is short, printable, encodable and stable."""
    shown = clean(raw, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char).startswith("C") for char in shown)
    shown.encode()
    assert clean(shown, limit) == shown
