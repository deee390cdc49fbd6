# SPDX-License-Identifier: Apache-2.0
"""Masks personal data: rows in, rows out, no file, no clock, no chance but the key's.

Rules    say which columns and keys hold what (`read`; ours are in `rules.yaml`)
Key      is a customer's, derived from the namespace's (`derived`)
Masker   is the row hook of `wpclone.rewrite.SqlStream`
Seen     remembers the originals as keyed hashes
Canary   looks for them in the finished copy
"""

from __future__ import annotations

from wpclone.mask.canary import Canary
from wpclone.mask.keys import Key, derived
from wpclone.mask.kinds import Kind
from wpclone.mask.masker import Masker, Tally
from wpclone.mask.rules import Rules, read
from wpclone.mask.seen import Seen, Trait

__all__ = [
    "Canary",
    "Key",
    "Kind",
    "Masker",
    "Rules",
    "Seen",
    "Tally",
    "Trait",
    "derived",
    "read",
]
