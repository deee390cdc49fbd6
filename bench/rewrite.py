# SPDX-License-Identifier: Apache-2.0
"""Times the rewriter on generated dumps: `uv run python bench/rewrite.py [megabytes]`."""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable, Iterator

from wpclone.rewrite import Pair, Rewriter, SqlStream

OLD = "https://www.acme.test"
PAIRS = [Pair(OLD, "https://blog.clones.test")]
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


def main() -> None:
    """Print one line per dump."""
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 50_000_000
    for make in (realistic, all_serialized, no_match):
        data = dump(size, make)
        stream = SqlStream(Rewriter(PAIRS))
        begin = time.process_time()
        written = sum(len(piece) for chunk in chunks(data) for piece in stream.feed(chunk))
        written += sum(map(len, stream.close()))
        rate = len(data) / 1e6 / (time.process_time() - begin)
        counts = stream.counts
        print(
            f"{make.__name__:15} {len(data) / 1e6:6.0f} MB {rate:7.1f} MB/s of CPU time"
            f"  rows {stream.rows['wp_postmeta']:,}  rewritten {counts.rewritten:,}"
            f"  residual {counts.residual}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory with the dump itself held: {peak} MiB")


if __name__ == "__main__":
    main()
