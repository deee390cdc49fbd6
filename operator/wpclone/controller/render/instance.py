# SPDX-License-Identifier: Apache-2.0
"""Builds the KRO instance, always with its full spec."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from wpclone.api import names
from wpclone.api.clones import CloneSpec, Metadata
from wpclone.controller import ports
from wpclone.controller.ports import Body, Kind
from wpclone.controller.render import parts
from wpclone.controller.settings import DatabaseServer, Settings

GRAPH: Final[Kind] = ports.SITE
# The generation of the graph's text that new clones use; an old clone keeps its own.
GENERATION: Final = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided for a new clone, beyond what settings and spec say."""

    host: str
    url: str
    server: DatabaseServer
    storage: str
    prefix: str
    display: str
    config: str  # the mover's, as JSON
    deadline_seconds: int
    state: str  # the guard's, as JSON
    masked: bool = False  # whether the import needs the masking key


def create(
    body_spec: dict[str, Any],
    meta: Metadata,
    settings: Settings,
    customer: str | None,
    annotations: dict[str, str],
) -> Body:
    """Return a new instance."""
    head = parts.metadata(names.base(meta), meta, settings.installation, customer)
    return {
        **parts.head(GRAPH),
        "metadata": {**head, "annotations": annotations},
        "spec": body_spec,
    }


def spec(meta: Metadata, wish: CloneSpec, settings: Settings, choice: Choice) -> dict[str, Any]:
    """Return the full spec of a new clone's instance."""
    return {
        **_identity(meta, wish, settings),
        **_content(meta, wish, settings, choice),
        **site(wish, settings),
        **_mover(settings),
        "moverEgress": parts.egress(wish.source),
        "imported": False,
        "replicas": 1,
        "routed": True,
        "host": choice.host,
        "url": choice.url,
        "state": choice.state,
        "sourceDisplay": choice.display,
    }


def _identity(meta: Metadata, wish: CloneSpec, settings: Settings) -> dict[str, Any]:
    return {
        "clone": meta.name,
        "uid": meta.uid,
        "customer": wish.customer or parts.NO_CUSTOMER,
        "installation": settings.installation,
        "name": names.base(meta),
        "gen": GENERATION,
    }


def _content(meta: Metadata, wish: CloneSpec, settings: Settings, choice: Choice) -> dict[str, Any]:
    return {
        "job": names.import_job(meta, 1),
        "importConfig": choice.config,
        "deadlineSeconds": choice.deadline_seconds,
        "sourceSecret": parts.source_secret(meta, wish.source) or names.NONE,
        "sourceClaim": wish.source.claim or "",
        "sourceCAConfigMap": wish.source.authority or names.NONE,
        "credentialsSecret": names.credentials(meta),
        "databaseHost": choice.server.host,
        "databasePort": choice.server.port,
        "databaseName": names.database(meta.uid),
        "tablePrefix": choice.prefix,
        "storage": choice.storage,
        "storageClass": settings.storage.class_name,
        "accessMode": settings.storage.access_mode,
        "caConfigMap": settings.ca_config_map,
        "maskSecret": names.mask(meta) if choice.masked else names.NONE,
        "maskRulesConfigMap": settings.privacy.rules_config_map,
    }


def site(wish: CloneSpec, settings: Settings) -> dict[str, Any]:
    """Return what the settings decide for the site, and may decide anew while it lives."""
    where = settings.placement.site
    return {
        **resources(wish, settings),
        "siteImage": (wish.site.image if wish.site else None) or settings.images.site,
        "siteNodeSelector": where.node_selector,
        "siteTolerations": where.tolerations,
        "guardConfigMap": settings.guard_config_map,
        "ingressClass": settings.ingress.class_name,
        "ingressAnnotations": settings.ingress.annotations,
        "tlsSecret": settings.ingress.tls_secret,
    }


def _mover(settings: Settings) -> dict[str, Any]:
    images, mover, where = settings.images, settings.resources.mover, settings.placement.mover
    return {
        "moverImage": images.mover,
        "imagePullPolicy": images.pull_policy,
        "pullSecret": images.pull_secret,
        "moverCPURequest": mover.cpu_request,
        "moverMemoryRequest": mover.memory_request,
        "moverMemoryLimit": mover.memory_limit,
        "moverTmpSize": mover.tmp_size,
        "moverNodeSelector": where.node_selector,
        "moverTolerations": where.tolerations,
    }


def resources(wish: CloneSpec, settings: Settings) -> dict[str, str]:
    """Return what the site's pod may use: as asked for, and else as the settings say."""
    known = settings.resources.site
    asked = {
        "siteCPURequest": known.cpu_request,
        "siteCPULimit": known.cpu_limit,
        "siteMemoryRequest": known.memory_request,
        "siteMemoryLimit": known.memory_limit,
    }
    return asked | asked_resources(wish)


def asked_resources(wish: CloneSpec) -> dict[str, str]:
    """Return only what the clone itself asks for."""
    told = wish.site.resources if wish.site else None
    requests, limits = (told.requests, told.limits) if told else (None, None)
    asked = {
        "siteCPURequest": requests.cpu if requests else None,
        "siteCPULimit": limits.cpu if limits else None,
        "siteMemoryRequest": requests.memory if requests else None,
        "siteMemoryLimit": limits.memory if limits else None,
    }
    return {field: amount for field, amount in asked.items() if amount}


def json_text(value: Any) -> str:
    """Return JSON in one spelling, so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
