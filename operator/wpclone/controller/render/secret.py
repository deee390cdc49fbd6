# SPDX-License-Identifier: Apache-2.0
"""Builds the clone's Secret, apart from what only chance may choose."""

from __future__ import annotations

from typing import Any, Final

from wpclone.api import names, secrets
from wpclone.api.clones import Metadata
from wpclone.controller import ports
from wpclone.controller.render import parts

# Every key whose value is random; `visit-url` follows from `gate-key`.
CHANCE: Final = (
    secrets.WORDPRESS_PASSWORD,
    secrets.DB_PASSWORD,
    secrets.GATE_KEY,
    secrets.SALT,
)
ADMINISTRATOR: Final = "wpclone-admin"
GATE: Final = "wpclone-key"
NEEDED: Final = frozenset(
    {*CHANCE, secrets.URL, secrets.WORDPRESS_USERNAME, secrets.DB_NAME, secrets.DB_USERNAME}
)


def manifest(
    meta: Metadata, installation: str, customer: str | None, *, url: str, database_host: str
) -> dict[str, Any]:
    """Return the Secret without its random values."""
    database = names.database(meta.uid)
    head = parts.metadata(names.credentials(meta), meta, installation, customer)
    return {
        **parts.head(ports.SECRET),
        "metadata": {**head, "ownerReferences": parts.owner(meta)},
        "type": "Opaque",
        "stringData": {
            secrets.URL: url,
            secrets.WORDPRESS_USERNAME: ADMINISTRATOR,
            secrets.DB_HOST: database_host,
            secrets.DB_NAME: database,
            secrets.DB_USERNAME: database,
        },
    }


def filled(body: dict[str, Any], chance: dict[str, str]) -> dict[str, Any]:
    """Return the Secret with its random values, and with the address that opens the gate."""
    visit = f"{body['stringData'][secrets.URL]}/?{GATE}={chance[secrets.GATE_KEY]}"
    data = {**body["stringData"], **chance, secrets.VISIT_URL: visit}
    return {**body, "stringData": data}
