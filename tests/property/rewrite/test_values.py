# SPDX-License-Identifier: Apache-2.0
"""States what holds for every value that PHP can serialize."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.property.rewrite.php_values import NEW, OLD, Both, unhurried, values
from wpclone.rewrite import Counts, Pair, Rewriter
from wpclone.rewrite.serialized import looks, valid

FORTH = Rewriter([Pair(OLD, NEW)])
BACK = Rewriter([Pair(NEW, OLD)])
CODED = Rewriter([Pair(OLD, NEW)], base64=True)


@unhurried
@given(values)
def test_rewriting_equals_building_with_the_new_address(both: Both) -> None:
    """A value rewritten is the value as it would have been with the new address from the start."""
    assert FORTH.value(both.old, Counts()) == both.new


@unhurried
@given(values)
def test_there_and_back_is_where_it_began(both: Both) -> None:
    """Rewriting to the new address and back gives the old bytes."""
    assert BACK.value(FORTH.value(both.old, Counts()), Counts()) == both.old


@unhurried
@given(values)
def test_twice_is_once(both: Both) -> None:
    """A second pass finds nothing, and says so."""
    counts = Counts()
    once = FORTH.value(both.old, Counts())
    assert FORTH.value(once, counts) == once
    assert counts.rewritten == counts.residual == 0


@unhurried
@given(st.binary(max_size=400))
def test_bytes_without_the_host_pass_unchanged(data: bytes) -> None:
    """Where no form of the host occurs, the same object comes out."""
    if b"old.example" not in data.lower():
        assert FORTH.value(data, Counts()) is data


@unhurried
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [
                    b"https://old.example",
                    b"a:1:{",
                    b"i:0;",
                    b's:19:"',
                    b'";',
                    b"}",
                    b'"',
                    b"\\",
                    b'C:1:"A":',
                    b'O:1:"A":1:{',
                    b'S:3:"',
                    b"%2F",
                    b"//",
                    b"\\u002f",
                    b"{",
                    b"[",
                    b"&#47;",
                    b"aHR0cHM6Ly9v",
                    b"bGQuZXhhbXBsZQ==",
                    b"@",
                    b":80",
                ]
            ),
        ),
        max_size=25,
    ).map(b"".join)
)
def test_no_bytes_are_too_broken(data: bytes) -> None:
    """Whatever comes in, what was valid stays valid and what was invalid stays so."""
    for rewriter in (FORTH, CODED):
        new = rewriter.value(data, Counts())
        if looks(data):
            assert valid(new) == valid(data)
        assert rewriter.value(new, Counts()) == new
