# SPDX-License-Identifier: Apache-2.0
"""Masks the dump that a filter passes, by the rules that clones are masked by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed, InvalidSpec
from wpclone.rewrite import Hooked

# No key is longer. One that was cut would mask as another key does, and say nothing.
_MOST_BYTES = 4096
# Every site has these tables, under whatever prefix; no rule would speak of them under another.
_CORE = re.compile(r"(?P<prefix>.*_|)(?:users|usermeta|options)", re.DOTALL | re.IGNORECASE)


def masker(level: str, key_file: Path, prefix: str) -> mask.Masker:
    """Return what masks the tables under a prefix; InvalidSpec or OSError if the key is none."""
    rules = resources.files(mask).joinpath("rules.yaml").read_text("utf-8")
    key = _key(key_file)
    return mask.Masker(mask.read(rules), key, Mask(level.capitalize()), prefix, mask.Seen(key))


def careful(masker: mask.Masker, prefix: str) -> Hooked:
    """Return the masker's answer about tables, with ImportFailed for those it would overlook."""

    def shown(table: str) -> bool | Sequence[bytes]:
        problem = _overlooked(table, prefix)
        if problem:
            sentence = f"Table {clean(table, 64)} {problem}: nothing of it was passed"
            raise ImportFailed(Reason.VERIFICATION_FAILED, sentence)
        return masker.shown(table)

    return shown


def _overlooked(table: str, prefix: str) -> str | None:
    """Say why no rule speaks of a table that is about people."""
    if re.match(re.escape(prefix) + "[0-9]+_", table):
        return "is one of a network of sites, which cannot be masked"
    core = _CORE.fullmatch(table)
    if core is None or table.startswith(prefix):
        return None
    return f"is not under the prefix {clean(prefix, 64)} (--prefix {clean(core['prefix'], 64)})"


def _key(path: Path) -> mask.Key:
    with path.open("rb") as file:
        text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise InvalidSpec(f"{path} is too long for a key")
    try:
        secret = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        raise InvalidSpec(f"{path} does not hold a key: hexadecimal digits, 32 at least") from None
    return mask.Key(secret)
