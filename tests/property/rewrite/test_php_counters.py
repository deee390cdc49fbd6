# SPDX-License-Identifier: Apache-2.0
"""Holds the proof counters to PHP: what they call serialized, or broken, PHP reads, or does not."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines import Engine, each_engine
from tests.fuzz import rewrite as fuzz
from tests.fuzz.material import Maker
from tests.property.rewrite.php_values import unhurried
from tests.unit.rewrite.test_corpus import CASES, Case, rewritten
from wpclone.rewrite import Counts, Value, serialized

HOST = b"old.example"
chances = st.integers(0, 2**32).map(random.Random)


@pytest.fixture(scope="module")
def php() -> Iterator[subprocess.Popen[bytes]]:
    """Start one PHP that answers line by line."""
    if shutil.which("php") is None:
        pytest.skip("php is not installed (Debian: php-cli)")
    with fuzz.php() as process:
        yield process


@dataclass
class Verdicts:
    """What PHP says of many values, in the words of our counters."""

    serialized: int = 0
    invalid: int = 0


def asked(php: subprocess.Popen[bytes], values: Iterable[bytes]) -> Verdicts:
    """Count the values that PHP reads, and those that only begin like what it reads."""
    said = Verdicts()
    for value in values:
        if serialized.looks(value):
            reads = fuzz.reads(php, value)
            said.serialized += reads
            said.invalid += not reads
    return said


def counted(values: Iterable[bytes]) -> list[bytes]:
    """Give the values that the counters speak of; PHP knows no enumeration of ours."""
    return [value for value in values if HOST in value.lower() and b"E:" not in value]


@each_engine
@unhurried
@given(chance=chances)
def test_php_agrees_about_every_value(
    engine: Engine, php: subprocess.Popen[bytes], chance: random.Random
) -> None:
    """Whole, nested, glued and damaged values, before they are rewritten and after."""
    for old in counted([Maker(chance).value()]):
        counts = Counts()
        new = engine.rewriter.value(old, counts)
        before, after = asked(php, [old]), asked(php, [new])
        assert counts.serialized == before.serialized
        assert counts.invalid_before == before.invalid
        assert counts.invalid_after == after.invalid


@each_engine
@unhurried
@given(chance=chances)
def test_php_agrees_about_whole_dumps(
    engine: Engine, php: subprocess.Popen[bytes], chance: random.Random
) -> None:
    """Dumps of many values: the totals are those of PHP over what a reader of the dump sees."""
    maker = Maker(chance)
    values = counted(maker.value() for _ in range(6))
    rows = b",".join(b"(%d,%s)" % (at, maker.literal(data)) for at, data in enumerate(values))
    dump = b"INSERT INTO `wp_x` (`a`,`b`) VALUES (0,0)," + rows + b";" if values else b""
    after: list[bytes] = []

    def read(_table: str, _columns: tuple[str, ...], row: list[Value]) -> list[Value]:
        after.append(row[1].data or b"")
        return row

    stream, seen = engine.stream(), engine.stream(on_row=read)
    written = [*seen.feed(dump), *seen.close()]
    assert b"".join(written) == b"".join([*stream.feed(dump), *stream.close()])
    said = asked(php, values)
    assert (stream.counts.serialized, stream.counts.invalid_before) == (
        said.serialized,
        said.invalid,
    )
    assert stream.counts.invalid_after == asked(php, after[1:]).invalid


@each_engine
def test_php_agrees_about_the_corpus(engine: Engine, php: subprocess.Popen[bytes]) -> None:
    """Every value of the corpus, by its own mapping."""

    def is_counted(case: Case) -> bool:
        counts = rewritten(engine, case, case.old)[1]
        return case.kind == "value" and (counts.serialized or counts.invalid_before) > 0

    cases = [case for case in CASES if b"E:" not in case.old and is_counted(case)]
    for case in cases:
        counts = rewritten(engine, case, case.old)[1]
        before, after = asked(php, [case.old]), asked(php, [case.new])
        assert counts.serialized == before.serialized, case.name
        assert counts.invalid_before == before.invalid, case.name
        assert counts.invalid_after == after.invalid, case.name
    assert len(cases) > 60
