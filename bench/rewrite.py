# SPDX-License-Identifier: Apache-2.0
"""Times the rewriter on generated dumps, beside a sed that replaces the same addresses wrongly."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wpclone.rewrite import Counts, Pair, Rewriter, SqlStream

OLD = "https://www.acme.test"
NEW = "https://blog.clones.test"
PAIRS = [Pair(OLD, NEW)]
# The variants that the rewriter knows, as one script: either scheme, plain and escaped slashes.
SED = [
    f"-es#{scheme}{slashes}www.acme.test#{'https:' if scheme else ''}{slashes}blog.clones.test#g"
    for slashes in ("//", r"\\/\\/")
    for scheme in ("https:", "http:", "")
]
CHUNK = 256 * 1024
WORDS = ["lorem", "ipsum", "dolor", "sit", "amet", "grüße", "it's", '"eiusmod"', "sed"]
_ESCAPES = str.maketrans({"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n"})


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _serialized(chance: random.Random, address: str) -> str:
    parts = []
    for number in range(chance.randint(2, 8)):
        text = f"{address}/{number}" if number % 3 == 0 else _text(chance, 3)
        parts.append(f'i:{number};s:{len(text.encode())}:"{text}";')
    return f"a:{len(parts)}:{{{''.join(parts)}}}"


def _post(chance: random.Random, address: str) -> str:
    blocks = (
        f'<!-- wp:image {{"id":7}} -->\n<img src="{address}/wp-content/uploads/{number}.jpg"/>\n'
        f"<p>{_text(chance, 60)}</p>\n"
        for number in range(chance.randint(1, 6))
    )
    return "".join(blocks)


def realistic(chance: random.Random, number: int) -> str:
    """Make the value of a usual site: many small ones, some posts, one in six with an address."""
    kind = number % 12
    if kind == 0:
        return _post(chance, OLD)
    if kind == 1:
        return _serialized(chance, OLD)
    return _text(chance, chance.choice([1, 2, 5, 30]))


def all_serialized(chance: random.Random, _number: int) -> str:
    """Make a serialized value with addresses, every time."""
    return _serialized(chance, OLD)


def no_match(chance: random.Random, number: int) -> str:
    """Make the same mix without any address of the source."""
    return realistic(chance, number).replace(OLD, "https://elsewhere.test")


def dump(size: int, make: Callable[[random.Random, int], str]) -> bytes:
    """Make a dump of about a size, the same one every time."""
    chance = random.Random(7)  # noqa: S311  a dump, not a key
    sample = [make(chance, number).translate(_ESCAPES) for number in range(2000)]
    statements: list[bytes] = []
    written = number = 0
    while written < size:
        rows = []
        for _ in range(400):
            number += 1
            rows.append(f"({number},{number % 97},'key_{number % 13}','{sample[number % 2000]}')")
        text = f"INSERT INTO `wp_postmeta` VALUES {','.join(rows)};\n".encode()  # noqa: S608  a dump
        statements.append(text)
        written += len(text)
    return b"".join(statements)


def chunks(data: bytes) -> Iterator[bytes]:
    """Cut as a pipe would."""
    return (data[low : low + CHUNK] for low in range(0, len(data), CHUNK))


@dataclass(frozen=True)
class Figure:
    """What one program made of one dump."""

    seconds: float
    written: int

    def rate(self, size: int) -> float:
        """Return megabytes of the dump per second of processor time."""
        return size / 1e6 / self.seconds


def rewritten(data: bytes) -> tuple[Figure, Counts]:
    """Pass a dump through the rewriter."""
    stream = SqlStream(Rewriter(PAIRS))
    begin = time.process_time()
    written = sum(len(piece) for chunk in chunks(data) for piece in stream.feed(chunk))
    written += sum(map(len, stream.close()))
    return Figure(time.process_time() - begin, written), stream.counts


def substituted(data: bytes) -> Figure:
    """Pass a dump through sed, which breaks serialized values: only its speed is of interest."""
    begin = _children()
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        ["sed", *SED], input=data, capture_output=True, check=True, env=environment, timeout=600
    )
    return Figure(_children() - begin, len(done.stdout))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(megabytes: int = 50) -> None:
    """Print one line per dump, and what the figures mean."""
    print("  dump              size     rewriter          sed   ratio   values changed")
    for make in (realistic, all_serialized, no_match):
        data = dump(megabytes * 1_000_000, make)
        ours, counts = rewritten(data)
        sed = substituted(data)
        if counts.residual or counts.invalid_after:
            raise SystemExit(f"{make.__name__}: the rewriter left addresses or broke values")
        print(
            f"  {make.__name__:14} {len(data) / 1e6:5.0f} MB {ours.rate(len(data)):7.1f} MB/s"
            f" {sed.rate(len(data)):7.1f} MB/s {ours.rate(len(data)) / sed.rate(len(data)):7.2f}"
            f"   {counts.rewritten:,} of {counts.values:,}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"  peak memory {peak} MiB, most of it the dump itself, which a stream never holds")
