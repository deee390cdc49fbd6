# SPDX-License-Identifier: Apache-2.0
"""Compares both engines, and PHP, on values and dumps made by chance, until the time is over.

`python -m tests.fuzz.rewrite --seconds 60 [--seed N]`. The seed is printed: it makes the same
material again. The first difference ends the run with status 1 and is printed in full.
"""

from __future__ import annotations

import argparse
import base64
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.engines import ENGINES, NATIVE, REFERENCE, Engine
from tests.fuzz.material import MAPPINGS, Maker
from wpclone.errors import TruncatedDump
from wpclone.rewrite import Counts, Pair, Value, serialized
from wpclone.rewrite.values import Rewriter

# White space goes first, as WordPress does it.
_ORACLE = r"""
while ($line = fgets(STDIN)) {
    $value = trim(base64_decode($line), " \t\n\r\0\x0B");
    echo @unserialize($value, ['allowed_classes' => false]) !== false ? 'y' : 'n', "\n";
}
"""


class DifferenceError(Exception):
    """The engines, or an engine and PHP, are of different opinions."""


@dataclass(frozen=True)
class Both:
    """One mapping, compiled for both engines."""

    reference: Rewriter
    native: Rewriter


def mappings() -> list[Both]:
    """Compile every mapping, with base64 and without."""
    listed = [[Pair(*pair) for pair in pairs] for pairs in MAPPINGS]
    return [
        Both(*(engine.mapping(pairs, base64=coded) for engine in ENGINES))
        for pairs in listed
        for coded in (False, True)
    ]


def agree(what: str, given: bytes, one: object, other: object) -> None:
    """Complain unless both engines say the same."""
    if one != other:
        raise DifferenceError(
            f"{what}\n  given     {given!r}\n  reference {one!r}\n  native    {other!r}"
        )


def check_value(both: Both, data: bytes) -> bytes:
    """Compare everything that can be asked about one value; give what becomes of it."""
    counts, counted = Counts(), Counts()
    one = both.reference.value(data, counts, "t.c")
    other = both.native.value(data, counted, "t.c")
    agree("value", data, (one, counts), (other, counted))
    counts, counted = Counts(), Counts()
    text = both.reference.text(data, counts)
    agree("text", data, (text, counts), (both.native.text(data, counted), counted))
    agree("residuals", data, both.reference.residuals(data), both.native.residuals(data))
    agree("concerns", data, both.reference.concerns(data), both.native.concerns(data))
    return one


def hook(_table: str, columns: tuple[str, ...], row: list[Value]) -> list[Value] | None:
    """Drop some rows, and change some values."""
    size = sum(len(value.raw) for value in row) + len(columns)
    if size % 5 == 0:
        return None
    if size % 3 == 0:
        return [value.with_data((value.data or b"") + b"\n'\\\"x") for value in row]
    return [row[0].as_null(), *row[1:]] if size % 7 == 0 else row


def hooked(table: str) -> bool | Sequence[bytes]:
    """Have all rows of some tables shown, none of others, or those with an alarm."""
    return (False, True, (b"x", b"a:"))[len(table) % 3]


def outcome(
    engine: Engine, rewriter: Rewriter, data: bytes, size: int, mode: int
) -> tuple[list[bytes], Counts, dict[str, int], str]:
    """Pass a dump: what came out, what was counted, and how it ended."""
    on_row = hook if mode & 2 else None
    stream = engine.stream(rewriter, on_row=on_row, hooked=hooked)
    take = stream.statements if mode & 1 else stream.feed
    pieces: list[bytes] = []
    said = ""
    try:
        for low in range(0, len(data), size):
            pieces += take(data[low : low + size])
        for piece in stream.close():
            pieces.append(piece)
    except TruncatedDump as error:
        said = str(error)
    whole = pieces if mode & 1 else [b"".join(pieces)]
    return whole, stream.counts, stream.rows, said


def check_dump(both: Both, data: bytes, chance: random.Random) -> None:
    """Compare a dump in any chunking, with hooks and without, in pieces and in statements."""
    size = chance.choice([1, 7, 64, 1000, len(data) + 1])
    other = chance.choice([1, 7, 64, 1000, len(data) + 1])
    mode = chance.randrange(4)
    one = outcome(REFERENCE, both.reference, data, size, mode)
    two = outcome(NATIVE, both.native, data, other, mode)
    agree(f"dump in chunks of {size} and {other}, mode {mode}", data, one, two)


@contextmanager
def php() -> Iterator[subprocess.Popen[bytes]]:
    """Run one PHP that answers line by line."""
    command = [shutil.which("php") or "php", "-r", _ORACLE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        if process.stdin is not None:
            process.stdin.close()


def reads(process: subprocess.Popen[bytes], data: bytes) -> bool:
    """Ask PHP whether it can unserialize a value."""
    if process.stdin is None or process.stdout is None:
        raise DifferenceError("PHP does not answer")
    process.stdin.write(base64.b64encode(data) + b"\n")
    process.stdin.flush()
    return process.stdout.readline() == b"y\n"


def check_php(process: subprocess.Popen[bytes], data: bytes) -> bool:
    """Hold to PHP what we say of a value; give its verdict.

    PHP reads no case of an enumeration that it does not know, so those are left out.
    """
    verdict = reads(process, data)
    if serialized.looks(data) and b"E:" not in data and serialized.valid(data) != verdict:
        raise DifferenceError(
            f"PHP {'reads' if verdict else 'does not read'}, against us, {data!r}"
        )
    return verdict


def run(seconds: float, seed: int) -> int:
    """Fuzz for so long; give how many cases there were."""
    chance = random.Random(seed)  # noqa: S311  material, not keys
    maker, pairs = Maker(chance), mappings()
    until = time.monotonic() + seconds
    cases = 0
    with php() as process:
        while time.monotonic() < until:
            both = chance.choice(pairs)
            data = maker.value()
            new = check_value(both, data)
            # What it could not read is text, which may make a wrong length right by accident.
            if check_php(process, data) and not check_php(process, new):
                raise DifferenceError(f"PHP reads   {data!r}\n  but not  {new!r}")
            check_dump(both, maker.dump(), chance)
            cases += 2
    return cases


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.rewrite", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_007)
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    sys.stdout.flush()
    try:
        cases = run(options.seconds, options.seed)
    except DifferenceError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{cases:,} cases, no difference\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
