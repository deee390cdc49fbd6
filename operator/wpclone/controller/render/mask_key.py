# SPDX-License-Identifier: Apache-2.0
"""Builds the Secret that brings a customer's masking key to an import, and no other key."""

from __future__ import annotations

from typing import Any, Final

from wpclone import mask
from wpclone.api import names
from wpclone.api.clones import Metadata
from wpclone.controller import ports
from wpclone.controller.render import parts

KEY: Final = "key"


def manifest(meta: Metadata, installation: str, customer: str | None) -> dict[str, Any]:
    """Return the Secret without the key."""
    head = parts.metadata(names.mask(meta), meta, installation, customer)
    return {
        **parts.head(ports.SECRET),
        "metadata": {**head, "ownerReferences": parts.owner(meta)},
        "type": "Opaque",
    }


def filled(body: dict[str, Any], master: bytes, customer: str | None) -> dict[str, Any]:
    """Return the Secret with the key derived for the customer."""
    return {**body, "stringData": {KEY: mask.derived(master, customer or "").hex()}}
