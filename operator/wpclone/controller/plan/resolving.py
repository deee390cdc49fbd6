# SPDX-License-Identifier: Apache-2.0
"""Decides once what a person left open: from settings and inspection, for new clones only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from wpclone.api import durations, names
from wpclone.api.clones import CloneSpec
from wpclone.api.fields import Forever
from wpclone.api.mover import Inspection, Mask
from wpclone.api.quantities import amount
from wpclone.api.spec import Access, Updates
from wpclone.api.status import ResolvedStatus
from wpclone.api.text import clean
from wpclone.controller.settings import Settings

MEBI: Final = 2**20
# WordPress itself, unpacked by the image into the same volume.
CORE_BYTES: Final = 160 * MEBI


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was decided once and is in no field of the graph."""

    ttl: timedelta | Forever
    server: str
    access: Access
    updates: Updates
    mask: Mask

    def to_json(self) -> dict[str, str]:
        """Return the form that the instance keeps."""
        ttl = self.ttl.value if isinstance(self.ttl, Forever) else durations.text(self.ttl)
        return {
            "ttl": ttl,
            "server": self.server,
            "access": self.access.value,
            "updates": self.updates.value,
            "mask": self.mask.value,
        }


def fresh(spec: CloneSpec | None, settings: Settings, inherited: Mask | None = None) -> Resolution:
    """Return what a new clone gets; one of another clone inherits that one's mask."""
    safety = spec.safety if spec else None
    return Resolution(
        ttl=(spec.ttl if spec else None) or settings.ttl.default,
        server=settings.databases[0].name,
        access=(safety.access if safety else None) or settings.safety.access,
        updates=(safety.updates if safety else None) or settings.safety.updates,
        mask=_mask(spec, settings, inherited),
    )


def _mask(spec: CloneSpec | None, settings: Settings, inherited: Mask | None) -> Mask:
    """Return how much is masked: as asked for, and never less than the installation demands.

    Nor less than the clone that is copied: what was masked there cannot be brought back.
    """
    if spec is not None and spec.source.blank is not None:
        return Mask.NONE  # there is nobody in it
    asked = spec.privacy.mask if spec and spec.privacy else None
    wanted = asked or inherited or settings.privacy.mask
    return wanted.at_least(settings.privacy.least).at_least(inherited or Mask.NONE)


def read(kept: dict[str, str], otherwise: Resolution) -> Resolution:
    """Return what was decided once; what the record lacks is as for a new clone."""
    ttl = kept.get("ttl")
    return Resolution(
        ttl=_lifetime(ttl) if ttl else otherwise.ttl,
        server=kept.get("server") or otherwise.server,
        access=Access(kept.get("access") or otherwise.access),
        updates=Updates(kept.get("updates") or otherwise.updates),
        # A clone of a time without masking is not masked, whatever the settings say by now.
        mask=Mask(kept.get("mask") or Mask.NONE),
    )


def told(stored: ResolvedStatus | None, otherwise: Resolution) -> Resolution:
    """Return what the status still tells of a decision whose record is out of sight."""
    if stored is None:
        return otherwise
    return replace(
        otherwise,
        ttl=stored.ttl or otherwise.ttl,
        server=stored.database_server or otherwise.server,
        mask=Mask(stored.mask) if stored.mask else otherwise.mask,
    )


def _lifetime(text: str) -> timedelta | Forever:
    return Forever.NEVER if text == Forever.NEVER.value else durations.parse(text)


def storage(spec: CloneSpec, settings: Settings, inspection: Inspection | None) -> str:
    """Return the size of the volume: as asked for, or what the files need and a reserve."""
    asked = spec.site.storage if spec.site else None
    if asked:
        return asked
    files = inspection.file_bytes if inspection else 0
    needed = (files + CORE_BYTES) * settings.storage.factor
    if needed <= amount(settings.storage.minimum):
        return settings.storage.minimum
    return f"{math.ceil(needed / MEBI)}Mi"


def grown(stored: str, asked: str | None) -> str:
    """Return the larger of two sizes: a volume only grows."""
    return asked if asked and amount(asked) > amount(stored) else stored


def display(spec: CloneSpec) -> str:
    """Return the source in short, for people."""
    source = spec.source
    if source.database:
        return clean(f"{source.database.name} on {source.database.host}", 120)
    if source.clone:
        return clean(f"clone {source.clone.name}", 120)
    address = source.archive.uri if source.archive else source.site.url if source.site else None
    if address is None:
        return "An empty WordPress"
    split = urlsplit(address)
    return clean(f"{split.hostname or ''}{split.path.rstrip('/')}", 120)


def host(name: str, spec: CloneSpec | None, settings: Settings) -> str:
    """Return the host name under which a new clone is served."""
    override = spec.site.host if spec and spec.site else None
    return override or f"{name}.{settings.domain}"


def url(host_name: str, inspection: Inspection | None) -> str:
    """Return a clone's public address: below the path of its source, where there is one."""
    return names.url(host_name, urlsplit(inspection.home_url).path if inspection else "")
