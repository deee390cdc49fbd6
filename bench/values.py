# SPDX-License-Identifier: Apache-2.0
"""Makes the values of a site by chance: texts, posts and serialized PHP with addresses in them."""

from __future__ import annotations

import random

WORDS = ["lorem", "ipsum", "dolor", "sit", "amet", "grüße", "it's", '"eiusmod"', "sed"]
_ESCAPES = str.maketrans({"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n"})


def escaped(value: str) -> str:
    """Write a value as it stands between the quotes of a dump."""
    return value.translate(_ESCAPES)


def words(chance: random.Random, count: int) -> str:
    """Make a text of so many words."""
    return " ".join(chance.choices(WORDS, k=count))


def serialized(chance: random.Random, address: str) -> str:
    """Make a serialized array; one in three of its values begins with the address."""
    parts = []
    for number in range(chance.randint(2, 8)):
        value = f"{address}/{number}" if number % 3 == 0 else words(chance, 3)
        parts.append(f'i:{number};s:{len(value.encode())}:"{value}";')
    return f"a:{len(parts)}:{{{''.join(parts)}}}"


def post(chance: random.Random, address: str) -> str:
    """Make the blocks of a post, a picture in each."""
    blocks = (
        f'<!-- wp:image {{"id":7}} -->\n<img src="{address}/wp-content/uploads/{number}.jpg"/>\n'
        f"<p>{words(chance, 60)}</p>\n"
        for number in range(chance.randint(1, 6))
    )
    return "".join(blocks)
