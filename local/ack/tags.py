# SPDX-License-Identifier: Apache-2.0
"""Adds the controllers' own tags to those of a spec, and compares tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from local.ack.resource import Resource

# What the charts of the real controllers hand to --resource-tags; the programs alone add none.
CHART: Final = (
    "services.k8s.aws/controller-version=%CONTROLLER_SERVICE%-%CONTROLLER_VERSION%",
    "services.k8s.aws/namespace=%K8S_NAMESPACE%",
)
VERSION: Final = "local"
_KRO: Final = "kro.run/kro-version"

Tags = dict[str, str]


def defaults(templates: Sequence[str], one: Resource, service: str) -> Tags:
    """Return the tags that every resource gets, filled in for an object."""
    values = {
        "%CONTROLLER_SERVICE%": service,
        "%CONTROLLER_VERSION%": VERSION,
        "%K8S_NAMESPACE%": one.namespace,
        "%K8S_RESOURCE_NAME%": one.name,
    }
    filled: Tags = {}
    for template in templates:
        key, _, value = template.partition("=")
        for name, known in values.items():
            value = value.replace(name, known)
        if key.strip() and value.strip():
            filled[key.strip()] = value.strip()
    if _KRO in one.labels:
        filled[_KRO] = one.labels[_KRO]
    return filled


def wanted(spec: Any, extra: Tags) -> Tags:
    """Return the tags of a spec, a list or a map, and ours; those of the spec win."""
    return {**extra, **read(spec)}


def read(told: Any) -> Tags:
    """Return tags given as a map, or as a list with key and value in either case."""
    if isinstance(told, Mapping):
        return {str(key): str(value) for key, value in told.items()}
    return {
        str(one.get("key", one.get("Key"))): str(one.get("value", one.get("Value", "")))
        for one in told or []
    }


def change(want: Tags, have: Tags) -> tuple[Tags, list[str]]:
    """Return what to add and which keys to remove; tags of AWS itself are left alone."""
    mine = {key: value for key, value in have.items() if not key.startswith("aws:")}
    added = {key: value for key, value in want.items() if mine.get(key) != value}
    return added, sorted(key for key in mine if key not in want)


def own(told: Any, templates: Sequence[str]) -> Any:
    """Return tags without those of AWS and of the controllers, in the shape they came in."""
    keys = {template.partition("=")[0].strip() for template in templates} | {_KRO}
    kept = {
        key: value for key, value in read(told).items() if not _foreign(key) and key not in keys
    }
    if isinstance(told, Mapping):
        return kept
    return [{"key": key, "value": value} for key, value in kept.items()]


def _foreign(key: str) -> bool:
    return key.startswith(("aws:", "services.k8s.aws/"))


def listed(tags: Tags) -> list[dict[str, str]]:
    """Return tags as most AWS calls want them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
