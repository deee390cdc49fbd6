# SPDX-License-Identifier: Apache-2.0
"""Finds the definitions of ACK's kinds, ours or the real ones, and compares the two.

`python -m local.ack.definitions DIRECTORY` names every point in which ours say something that the
real ones in the directory do not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from local import paths
from local.errors import LocalError

Body = dict[str, Any]

OWN: Final = paths.REPOSITORY / "local" / "aws" / "crds"
VARIABLE: Final = "WPCLONE_ACK_CRDS"
# What must be equal wherever both speak of the same field.
_EQUAL: Final = ("type", "format", "enum")


def real() -> Path | None:
    """Return the directory with the real definitions, if a person has named one."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def load(directory: Path) -> dict[str, Body]:
    """Return the definitions in a directory by their names."""
    found: dict[str, Body] = {}
    for file in sorted(directory.glob("*.yaml")):
        for body in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if body and body.get("kind") == "CustomResourceDefinition":
                found[body["metadata"]["name"]] = body
    return found


def chosen() -> list[Body]:
    """Return the definitions that a cluster gets: the real ones if named, of the kinds we use."""
    own, directory = load(OWN), real()
    if directory is None:
        return list(own.values())
    there = load(directory)
    missing = sorted(own.keys() - there.keys())
    if missing:
        raise LocalError(f"{VARIABLE}={directory} has no {', '.join(missing)}.")
    return [there[name] for name in own]


def misfits(own: Body, truth: Body) -> list[str]:
    """Return, a sentence each, what our definition says and the real one does not."""
    name = own["metadata"]["name"]
    found = [
        f"{name}: spec.{key} differs"
        for key in ("group", "scope", "names")
        if own["spec"][key] != truth["spec"][key]
    ]
    there = {version["name"]: version for version in truth["spec"]["versions"]}
    for version in own["spec"]["versions"]:
        other = there.get(version["name"])
        if other is None:
            found.append(f"{name}: there is no version {version['name']}")
            continue
        if version["subresources"] != other.get("subresources"):
            found.append(f"{name}: the subresources differ")
        for part in ("spec", "status"):
            found += _compare(_schema(version, part), _schema(other, part), f"{name}: {part}")
    return found


def _schema(version: Body, part: str) -> Body:
    found: Body = version["schema"]["openAPIV3Schema"]["properties"][part]
    return found


def _compare(own: Body, truth: Body, path: str) -> list[str]:
    found = [
        f"{path}: {key} is {own.get(key)}, really {truth.get(key)}"
        for key in _EQUAL
        if own.get(key) != truth.get(key)
    ]
    if set(own.get("required", [])) != set(truth.get("required", [])):
        found.append(f"{path}: other fields are required")
    if _rules(own) != _rules(truth):
        found.append(f"{path}: other rules hold")
    there = truth.get("properties", {})
    for name, below in own.get("properties", {}).items():
        if name in there:
            found += _compare(below, there[name], f"{path}.{name}")
        else:
            found.append(f"{path}.{name} does not exist")
    for inner in ("items", "additionalProperties"):
        if inner in own:
            found += _compare(own[inner], truth.get(inner) or {}, f"{path}[]")
    return found


def _rules(schema: Body) -> set[str]:
    return {one["rule"] for one in schema.get("x-kubernetes-validations", [])}


def main(words: list[str]) -> int:
    """Compare our definitions with those of a directory; 1 if they do not fit."""
    if len(words) != 1:
        print(f"usage: python -m local.ack.definitions DIRECTORY (or set {VARIABLE} for the tests)")
        return 2
    there = load(Path(words[0]))
    found: list[str] = []
    for name, own in load(OWN).items():
        found += misfits(own, there[name]) if name in there else [f"{name}: is not there"]
    print("\n".join(found) or "Every field of ours exists in the real definitions.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
