# SPDX-License-Identifier: Apache-2.0
"""States what holds for every value that PHP can serialize."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.engines import Engine, each_engine
from tests.property.rewrite.php_values import NEW, OLD, Both, unhurried, values
from wpclone.rewrite import Counts, Pair
from wpclone.rewrite.serialized import looks, valid


@each_engine
@unhurried
@given(values)
def test_rewriting_equals_building_with_the_new_address(engine: Engine, both: Both) -> None:
    """A value rewritten is the value as it would have been with the new address from the start."""
    assert engine.rewriter.value(both.old, Counts()) == both.new


@each_engine
@unhurried
@given(values)
def test_there_and_back_is_where_it_began(engine: Engine, both: Both) -> None:
    """Rewriting to the new address and back gives the old bytes."""
    assert (
        engine.mapping([Pair(NEW, OLD)]).value(engine.rewriter.value(both.old, Counts()), Counts())
        == both.old
    )


@each_engine
@unhurried
@given(values)
def test_twice_is_once(engine: Engine, both: Both) -> None:
    """A second pass finds nothing, and says so."""
    counts = Counts()
    once = engine.rewriter.value(both.old, Counts())
    assert engine.rewriter.value(once, counts) == once
    assert counts.rewritten == counts.residual == 0


@each_engine
@unhurried
@given(st.binary(max_size=400))
def test_bytes_without_the_host_pass_unchanged(engine: Engine, data: bytes) -> None:
    """Where no form of the host occurs, the same object comes out."""
    if b"old.example" not in data.lower():
        assert engine.rewriter.value(data, Counts()) is data


@each_engine
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
def test_no_bytes_are_too_broken(engine: Engine, data: bytes) -> None:
    """Whatever comes in, what was valid stays valid and what was invalid stays so."""
    for rewriter in (engine.rewriter, engine.mapping([Pair(OLD, NEW)], base64=True)):
        new = rewriter.value(data, Counts())
        if looks(data):
            assert valid(new) == valid(data)
        assert rewriter.value(new, Counts()) == new
