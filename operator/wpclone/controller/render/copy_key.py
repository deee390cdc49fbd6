# SPDX-License-Identifier: Apache-2.0
"""Builds the Secret that lets one import read one other clone, and nothing else."""

from __future__ import annotations

from typing import Any

from wpclone.api import names, secrets
from wpclone.api.clones import Metadata
from wpclone.controller import ports
from wpclone.controller.render import parts


def manifest(meta: Metadata, installation: str, customer: str | None) -> dict[str, Any]:
    """Return the Secret without the key."""
    head = parts.metadata(names.copy_key(meta), meta, installation, customer)
    return {
        **parts.head(ports.SECRET),
        "metadata": {**head, "ownerReferences": parts.owner(meta)},
        "type": "Opaque",
    }


def filled(body: dict[str, Any], salt: str, uid: str) -> dict[str, Any]:
    """Return the Secret with the key of the clone with this UID for one with this salt."""
    return {**body, "stringData": {secrets.COPY_KEY: secrets.copy_key(salt, uid)}}
