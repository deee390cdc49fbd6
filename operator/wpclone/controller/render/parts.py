# SPDX-License-Identifier: Apache-2.0
"""Builds what several manifests share: metadata, owner, the mover's configuration."""

from __future__ import annotations

from typing import Any, Final

from wpclone.api import clones, labels, names
from wpclone.api.choices import Plugins
from wpclone.api.clones import CloneSpec, Metadata
from wpclone.api.mover import (
    ImageConfig,
    ImportConfig,
    ImportSource,
    Inspection,
    Limits,
    NetworkConfig,
    ParentClone,
    S3Config,
    SafetyConfig,
)
from wpclone.api.origins import Source
from wpclone.api.quantities import amount
from wpclone.api.spec import Updates
from wpclone.controller.ports import Kind
from wpclone.controller.settings import Settings

NO_CUSTOMER: Final = ""
SOURCE: Final = "source-files"
SOURCE_FILES: Final = "/source"


def owner(meta: Metadata) -> list[dict[str, Any]]:
    """Return the owner reference of what goes with the clone, whoever is there to remove it."""
    return [
        {
            "apiVersion": clones.API_VERSION,
            "kind": clones.KIND,
            "name": meta.name,
            "uid": meta.uid,
            "controller": True,
            "blockOwnerDeletion": False,
        }
    ]


def metadata(name: str, meta: Metadata, installation: str, customer: str | None) -> dict[str, Any]:
    """Return name, place and labels of something made for a clone."""
    return {
        "name": name,
        "namespace": meta.namespace,
        "labels": labels.of(meta, installation, customer),
    }


def head(kind: Kind) -> dict[str, Any]:
    """Return the first two fields of an object."""
    return {"apiVersion": kind.api_version, "kind": kind.name}


def import_config(  # noqa: PLR0913  the parts of one order
    spec: CloneSpec,
    settings: Settings,
    *,
    attempt: int,
    inspection: Inspection | None,
    updates: Updates,
    parent: ParentClone | None = None,
) -> ImportConfig:
    """Return what the mover is told of its source and its limits."""
    site, blank = spec.source.site, spec.source.blank
    source = ImportSource(
        kind=spec.source.kind,
        url=site.url if site else None,
        title=blank.title if blank else None,
        database=spec.source.database,
        archive=spec.source.archive,
        clone=parent,
    )
    if site:
        source = source.model_copy(update={"agent": site.agent})
    return ImportConfig(
        attempt=attempt,
        source=source,
        network=NetworkConfig(
            allow=settings.source_allow_cidrs,
            http=settings.allow_http_sources,
            proxy=settings.proxy_url or None,
            databases=settings.source_databases if spec.source.database else None,
        ),
        limits=_limits(settings),
        inspection=inspection,
        safety=SafetyConfig(updates=updates.value),
        content=spec.content,
        additional=spec.rewrite.additional if spec.rewrite else (),
        plugins_off=plugins_off(spec, settings),
        image=_image(spec, settings),
        s3=_s3(spec, settings),
    )


def _limits(settings: Settings) -> Limits:
    """Return how patient the mover is with its source, and how much it asks of it at a time."""
    return Limits(
        source_budget_seconds=max(1, int(settings.source_budget.total_seconds())),
        parallel_files=settings.source_parallel,
        rate=max(1, int(amount(settings.source_rate))) if settings.source_rate else None,
    )


def plugins_off(spec: CloneSpec, settings: Settings) -> tuple[str, ...]:
    """Return which plugins are switched off: the installation's list, as the clone changes it."""
    asked = (spec.site.plugins if spec.site else None) or Plugins()
    named = {*settings.plugins.deactivate, *asked.deactivate}
    return tuple(sorted(named - {*asked.keep_active}))


def source_secret(meta: Metadata, source: Source) -> str | None:
    """Return the name of the Secret that opens a source: a person's, or the one we make."""
    return names.copy_key(meta) if source.clone else source.secret


def egress(source: Source) -> str:
    """Return how far the mover's pods reach: to the outside, or to other clones only."""
    return labels.COPIER if source.clone else labels.MOVER


def source_volumes(source: Source) -> list[dict[str, Any]]:
    """Return the volumes that hold files of a source, for a pod that only reads them."""
    claim = {"claimName": source.claim, "readOnly": True}
    return [{"name": SOURCE, "persistentVolumeClaim": claim}] if source.claim else []


def source_mounts(source: Source) -> list[dict[str, Any]]:
    """Return where the mover finds the files of a source that are on a volume."""
    mount = {"name": SOURCE, "mountPath": SOURCE_FILES, "readOnly": True}
    return [mount] if source.claim else []


def _s3(spec: CloneSpec, settings: Settings) -> S3Config | None:
    """Return where buckets are, for a source that is in one."""
    source = spec.source
    files = source.database.files.uri if source.database else None
    uri = source.archive.uri if source.archive else files
    if not (uri or "").startswith("s3://"):
        return None
    return S3Config(endpoint=settings.s3.endpoint, region=settings.s3.region)


def _image(spec: CloneSpec, settings: Settings) -> ImageConfig | None:
    """Return what is known of the site's image: nothing of one that the clone itself names."""
    images = settings.images
    if spec.site and spec.site.image:
        return None
    known = ImageConfig(
        wordpress_version=images.site_wordpress or None,
        php_extensions=images.site_php_extensions or None,
    )
    return known if known != ImageConfig() else None
