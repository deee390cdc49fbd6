# SPDX-License-Identifier: Apache-2.0
"""Replaces references to other objects by what they stand for; nothing of it is ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.ack import conditions, errors
from local.ack.kube import Kind
from local.ack.resource import Resource
from local.ack.scope import Scope


@dataclass(frozen=True)
class Reference:
    """A field of references, the field it fills, and where the value is in the other object."""

    field: str
    target: str
    kind: Kind
    value: tuple[str, ...]
    many: bool = False


def used(references: tuple[Reference, ...], one: Resource) -> list[Reference]:
    """Return the references that an object has."""
    return [each for each in references if one.spec.get(each.field)]


async def resolve(references: tuple[Reference, ...], one: Resource, scope: Scope) -> bool:
    """Fill in what the references stand for; tell whether there are any."""
    found = used(references, one)
    for each in found:
        if one.spec.get(each.target):
            raise errors.Unresolved(
                f"'{each.target}' field should not be present when using reference field:"
                f" '{each.field}'"
            )
        given = one.spec[each.field]
        if each.many:
            one.spec[each.target] = [await _value(each, item, one, scope) for item in given]
        else:
            one.spec[each.target] = await _value(each, given, one, scope)
    return bool(found)


def cleared(references: tuple[Reference, ...], one: Resource) -> Resource:
    """Return a copy without what references have filled in."""
    bare = one.copy()
    for each in used(references, one):
        bare.spec.pop(each.target, None)
    return bare


async def _value(each: Reference, given: dict[str, Any], one: Resource, scope: Scope) -> str:
    origin = given.get("from") or {}
    name = origin.get("name", "")
    if not name:
        raise errors.Unresolved(f"provided resource reference is nil or empty: {each.field}")
    try:
        namespace = scope.crossing(
            one, origin.get("namespace", ""), "resource reference", f"{each.kind.name} {name}"
        )
    except errors.Refused as error:
        raise errors.Unresolved(f"{error}", hopeless=True) from error
    other = await scope.kube.get(each.kind, namespace, name)
    where = f"{each.kind.name} {namespace}/{name}"
    if other is None:
        raise errors.Unresolved(f"the referenced resource is not found: {where}")
    if conditions.holds(other, conditions.TERMINAL):
        raise errors.Unresolved(
            f"the referenced resource is in terminal condition: {where}", hopeless=True
        )
    if not conditions.holds(other, conditions.SYNCED):
        raise errors.Unresolved(f"the referenced resource is not synced yet: {where}")
    value: Any = other.body
    for key in each.value:
        value = (value or {}).get(key)
    if not value:
        path = ".".join(each.value)
        raise errors.Unresolved(f"the referenced resource is missing {path}: {where}")
    return str(value)
