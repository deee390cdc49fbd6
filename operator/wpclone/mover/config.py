# SPDX-License-Identifier: Apache-2.0
"""Reads the mover's environment and mounted Secrets once, into frozen values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wpclone.api import secrets
from wpclone.api.mover import ImportConfig
from wpclone.errors import InvalidSpec

CREDENTIALS: Final = "/run/secrets/credentials"
SOURCE_SECRET: Final = "/run/secrets/source"  # noqa: S105  a path, not a password
TERMINATION_LOG: Final = "/dev/termination-log"
MASK_SECRET: Final = "/run/secrets/mask"  # noqa: S105  a path, not a password
MASK_RULES: Final = "/etc/wpclone/mask"
CERTIFICATES: Final = "/etc/wpclone/ca"
SOURCE_CA: Final = "/etc/wpclone/source-ca"
SOURCE_FILES: Final = "/source"
# Who signed the database server's certificate; not trusted for sources, hence no `.crt`.
DATABASE_CA: Final = "database.ca"
# No password is longer; a file that is, is not one of ours.
MAX_SECRET_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Database:
    """The clone's own schema and the user that may use it, and nothing else."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    ca: Path | None = None
    """The authority that the server's certificate is verified with, if there is one."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who shall be able to log in to the clone."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Site:
    """Where an import puts what it copies."""

    database: Database
    administrator: Administrator
    document_root: Path
    state: Path


@dataclass(frozen=True, slots=True)
class Config:
    """All that a run of the mover knows about itself."""

    uid: str
    clone: str
    target_url: str
    job: ImportConfig
    secret: Mapping[str, str] = field(repr=False)
    certificates: Path
    site: Site | None
    mask_key: str = field(default="", repr=False)
    mask_rules: tuple[str, ...] = ()
    source_ca: Path = Path(SOURCE_CA)
    source_files: Path = Path(SOURCE_FILES)


def read(command: str, environment: Mapping[str, str] = os.environ) -> Config:
    """Return what `inspect` or `import` needs, or raise InvalidSpec with one sentence."""
    return Config(
        uid=_needed(environment, "WPCLONE_CLONE_UID"),
        clone=_needed(environment, "WPCLONE_CLONE_NAME"),
        target_url=_address(_needed(environment, "WPCLONE_TARGET_URL")),
        job=ImportConfig.read(_needed(environment, "WPCLONE_IMPORT")),
        secret=_folder(Path(environment.get("WPCLONE_SOURCE_SECRET", SOURCE_SECRET))),
        certificates=Path(environment.get("WPCLONE_CA", CERTIFICATES)),
        site=_site(environment) if command == "import" else None,
        mask_key=_folder(Path(environment.get("WPCLONE_MASK_SECRET", MASK_SECRET))).get("key", ""),
        mask_rules=_texts(Path(environment.get("WPCLONE_MASK_RULES", MASK_RULES))),
        source_ca=Path(environment.get("WPCLONE_SOURCE_CA", SOURCE_CA)),
        source_files=Path(environment.get("WPCLONE_SOURCE_FILES", SOURCE_FILES)),
    )


def _site(environment: Mapping[str, str]) -> Site:
    folder = environment.get("WPCLONE_CREDENTIALS", CREDENTIALS)
    credentials = _folder(Path(folder))

    def credential(key: str) -> str:
        if value := credentials.get(key):
            return value
        raise InvalidSpec(f"The credentials in {folder} lack the key {key}")

    ca = Path(environment.get("WPCLONE_CA", CERTIFICATES)) / DATABASE_CA
    return Site(
        database=Database(
            host=_needed(environment, "WPCLONE_DB_HOST"),
            port=_port(environment.get("WPCLONE_DB_PORT", "3306")),
            name=_needed(environment, "WPCLONE_DB_NAME"),
            user=credential(secrets.DB_USERNAME),
            password=credential(secrets.DB_PASSWORD),
            ca=ca if ca.is_file() else None,
        ),
        administrator=Administrator(
            username=credential(secrets.WORDPRESS_USERNAME),
            password=credential(secrets.WORDPRESS_PASSWORD),
        ),
        document_root=Path(_needed(environment, "WPCLONE_DOCUMENT_ROOT")),
        state=Path(_needed(environment, "WPCLONE_STATE_DIR")),
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name):
        return value
    raise InvalidSpec(f"The environment variable {name} is not set")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:  # noqa: PLR2004  the last port
        return int(text)
    raise InvalidSpec("WPCLONE_DB_PORT is not a port number")


def _address(url: str) -> str:
    """Return the clone's address without a slash at its end."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidSpec("WPCLONE_TARGET_URL is not an address of the web")
    return url.rstrip("/")


def _folder(folder: Path) -> dict[str, str]:
    """Return the keys of a mounted Secret; a Secret that is not there has none."""
    if not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        # kubelet keeps the real files in folders whose names begin with two dots
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.stat().st_size > MAX_SECRET_BYTES:
            raise InvalidSpec(f"The key {path.name} in {folder} is too long for a credential")
        try:
            found[path.name] = path.read_text("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise InvalidSpec(f"The key {path.name} in {folder} is not text") from None
    return found


def _texts(folder: Path) -> tuple[str, ...]:
    """Return the documents of a mounted ConfigMap, in the order of their names."""
    if not folder.is_dir():
        return ()
    paths = sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.is_file())
    try:
        return tuple(path.read_text("utf-8") for path in paths)
    except UnicodeDecodeError:
        raise InvalidSpec(f"The masking rules in {folder} are not text") from None
