# SPDX-License-Identifier: Apache-2.0
"""Masks the dump that a filter passes, by the rules that clones are masked by."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.errors import InvalidSpec

# No key is longer. One that was cut would mask as another key does, and say nothing.
_MOST_BYTES = 4096


def masker(level: str, key_file: Path, prefix: str) -> mask.Masker:
    """Return what masks the tables under a prefix; InvalidSpec or OSError if the key is none."""
    rules = resources.files(mask).joinpath("rules.yaml").read_text("utf-8")
    key = _key(key_file)
    return mask.Masker(mask.read(rules), key, Mask(level.capitalize()), prefix, mask.Seen(key))


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
