# SPDX-License-Identifier: Apache-2.0
"""Holds the native engine to the reference: the same bytes and counters for whatever comes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines import NATIVE, REFERENCE
from tests.fuzz import rewrite as fuzz
from tests.fuzz.material import Maker
from tests.property.rewrite.php_values import Both, unhurried, values
from wpclone.rewrite import engine

MAPPINGS = fuzz.mappings()
each_mapping = st.sampled_from(range(len(MAPPINGS)))
chances = st.integers(0, 2**32).map(random.Random)


def test_tests_run_with_the_native_engine() -> None:
    """Whoever imports the library gets the engine that is built."""
    assert engine.NAME == "native"
    assert engine.Rewriter is NATIVE.rewriters
    assert NATIVE.streams is not REFERENCE.streams


@unhurried
@given(values, each_mapping)
def test_serialized_values_come_out_the_same(both: Both, number: int) -> None:
    """Values as PHP serializes them, by every mapping."""
    fuzz.check_value(MAPPINGS[number], both.old)


@unhurried
@given(st.binary(max_size=300), each_mapping)
def test_any_bytes_come_out_the_same(data: bytes, number: int) -> None:
    """Bytes that are nothing at all."""
    fuzz.check_value(MAPPINGS[number], data)


@unhurried
@given(chances, each_mapping)
def test_broken_formats_come_out_the_same(chance: random.Random, number: int) -> None:
    """Pieces of real formats, glued and damaged, as values and as dumps in any chunking."""
    maker = Maker(chance)
    fuzz.check_value(MAPPINGS[number], maker.value())
    fuzz.check_dump(MAPPINGS[number], maker.dump(), chance)


def test_a_difference_would_be_noticed() -> None:
    """The comparison can fail."""
    different = fuzz.Both(MAPPINGS[0].reference, MAPPINGS[2].native)
    with pytest.raises(fuzz.DifferenceError):
        fuzz.check_value(different, b"https://old.example/shop")
