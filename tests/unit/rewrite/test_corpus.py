# SPDX-License-Identifier: Apache-2.0
"""Runs every case of the corpus: exact bytes, counters, and PHP's own opinion of the result."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Engine, each_engine
from wpclone.rewrite import Counts, Pair
from wpclone.rewrite.sql import SqlStream
from wpclone.rewrite.values import Rewriter

CORPUS = Path(__file__).parents[2] / "corpus" / "rewrite"
DEFAULT_PAIRS = [["https://old.example", "https://copy.clones.test"]]
ORACLE = r"""
foreach (file('php://stdin') as $line) {
    $value = base64_decode($line);
    $read = @unserialize(trim($value), ['allowed_classes' => ['ArrayObject']]);
    json_decode($value);
    echo json_encode([$read !== false, json_last_error() === JSON_ERROR_NONE]), "\n";
}
"""


@dataclass(frozen=True)
class Case:
    """One file of the corpus."""

    name: str
    why: str
    kind: str
    old: bytes
    new: bytes
    pairs: list[Pair]
    base64: bool
    prefix: str
    counts: dict[str, int]

    @property
    def arrives(self) -> bool:
        """Tell whether what has been rewritten is at its end: no target is another's source."""
        return {pair.source for pair in self.pairs}.isdisjoint(pair.target for pair in self.pairs)

    def rewriter(self, engine: Engine) -> Rewriter:
        """Compile the case's mapping."""
        return engine.mapping(self.pairs, base64=self.base64)

    def stream(self, engine: Engine) -> SqlStream:
        """Begin the case's dump."""
        return engine.stream(self.rewriter(engine), prefix=self.prefix)


def load(path: Path) -> Case:
    """Read one file of the corpus."""
    raw: dict[str, Any] = tomllib.loads(path.read_text())
    encoding = raw.get("encoding", "utf-8")
    pairs = [Pair(*pair) for pair in raw.get("pairs", DEFAULT_PAIRS)]
    return Case(
        name=path.stem,
        why=raw["why"],
        kind=raw.get("kind", "value"),
        old=raw["old"].encode(encoding),
        new=(raw["old"] if raw.get("unchanged") else raw["new"]).encode(encoding),
        pairs=pairs,
        base64=raw.get("base64", False),
        prefix=raw.get("prefix", "wp_"),
        counts=raw.get("counts", {}),
    )


CASES = [load(path) for path in sorted(CORPUS.glob("*.toml"))]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def rewritten(engine: Engine, case: Case, data: bytes) -> tuple[bytes, Counts]:
    """Pass bytes through the part of the library that the case is about."""
    counts = Counts()
    if case.kind == "value":
        return case.rewriter(engine).value(data, counts), counts
    if case.kind == "text":
        return case.rewriter(engine).text(data, counts), counts
    stream = case.stream(engine)
    return b"".join([*stream.feed(data), *stream.close()]), stream.counts


@each_engine
@each_case
def test_every_case_comes_out_byte_for_byte(engine: Engine, case: Case) -> None:
    """The bytes are those of the file, and so are the counters that it names."""
    new, counts = rewritten(engine, case, case.old)
    assert new == case.new, case.why
    assert {name: getattr(counts, name) for name in case.counts} == case.counts, case.why


@each_engine
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.arrives], ids=lambda case: case.name
)
def test_a_second_pass_changes_nothing(engine: Engine, case: Case) -> None:
    """Nothing rewritten is rewritten again, unless a target is a source as well."""
    assert rewritten(engine, case, case.new)[0] == case.new, case.why


@each_engine
@pytest.mark.parametrize("size", [1, 2, 3, 5, 17, 64])
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind == "sql"], ids=lambda case: case.name
)
def test_every_dump_may_be_cut_anywhere(engine: Engine, case: Case, size: int) -> None:
    """Chunks of any size give the same bytes, counters and row counts."""
    whole, cut = (case.stream(engine) for _ in range(2))
    parts = [case.old[low : low + size] for low in range(0, len(case.old), size)]
    pieces = [piece for part in parts for piece in cut.feed(part)]
    assert b"".join([*pieces, *cut.close()]) == case.new, case.why
    assert b"".join([*whole.feed(case.old), *whole.close()]) == case.new, case.why
    assert (cut.counts, cut.rows) == (whole.counts, whole.rows)


def test_php_reads_exactly_what_it_read_before() -> None:
    """Whatever PHP could unserialize or decode as JSON before, it still can, and nothing more."""
    if shutil.which("php") is None:
        pytest.skip("php is not installed (Debian: php-cli)")
    values = [case for case in CASES if case.kind == "value"]
    lines = [base64.b64encode(data) for case in values for data in (case.old, case.new)]
    run = subprocess.run(
        ["php", "-r", ORACLE], input=b"\n".join(lines), capture_output=True, check=True, timeout=60
    )
    verdicts = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(verdicts) == 2 * len(values)
    for case, before, after in zip(values, verdicts[::2], verdicts[1::2], strict=True):
        assert before == after, case.name
    assert sum(read for read, _ in verdicts) > 50


def test_every_case_says_why_it_exists() -> None:
    """A case without a sentence teaches nobody, and a small corpus proves little."""
    assert len(CASES) >= 80
    assert [case.name for case in CASES if not case.why.endswith(".")] == []
