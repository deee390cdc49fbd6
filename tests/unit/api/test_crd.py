# SPDX-License-Identifier: Apache-2.0
"""Restates the rules of Kubernetes for API types over the generated schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wpclone.api import clones, crd
from wpclone.api.spec import CloneSpec
from wpclone.api.status import CloneStatus

Node = tuple[str, dict[str, Any]]


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[Node]:
    """Yield every node of a schema with its path."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}".lstrip("."))
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")


ALL = [node for node in nodes(crd.schema()) if node[0] not in ("apiVersion", "kind", "metadata")]
VALUES = [(path, node) for path, node in ALL if not path.startswith("metadata")]


@pytest.mark.parametrize(("path", "node"), VALUES, ids=[path for path, _ in VALUES])
def test_every_field_is_described_and_bounded(path: str, node: dict[str, Any]) -> None:
    """People find something to read in each, and nobody can store a megabyte."""
    assert node.get("description"), path
    kind = node.get("type")
    if kind == "string" and "enum" not in node:
        assert node["maxLength"] <= 2048
    if kind == "integer":
        assert node["minimum"] in {0, 1}
    if kind == "array":
        assert node["maxItems"] <= 64
        assert node["x-kubernetes-list-type"] in ("map", "atomic")
    assert kind != "number", "floats are not portable"
    assert "nullable" not in node
    assert "x-kubernetes-preserve-unknown-fields" not in node


@pytest.mark.parametrize(("path", "node"), VALUES, ids=[path for path, _ in VALUES])
def test_every_rule_has_a_sentence(path: str, node: dict[str, Any]) -> None:
    """Whoever is refused reads a sentence, not an expression."""
    for rule in node.get("x-kubernetes-validations", ()):
        assert len(rule["message"]) >= 10, path
        assert rule["rule"] not in rule["message"]


def test_enums_are_camel_case() -> None:
    """Values look like those of Kubernetes' own types."""
    for _, node in ALL:
        for value in node.get("enum", ()):
            assert value[0].isupper()


def test_conditions_merge_by_type() -> None:
    """Server-side apply of one condition leaves the others alone."""
    conditions = crd.schema()["properties"]["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert "type" in conditions["items"]["required"]


def test_no_default_where_the_operator_decides() -> None:
    """A default of the schema would hide a changed setting; the exceptions have no setting."""
    found = {path for path, node in ALL if "default" in node}
    assert found == {
        "spec.source.archive.format",
        "spec.source.database.port",
        "spec.source.database.tls.mode",
        "spec.source.site.agent",
    }


def test_references_stay_in_their_namespace() -> None:
    """Nothing in a spec can name another namespace."""
    assert not [path for path, _ in ALL if path.endswith(".namespace")]


def test_the_schema_knows_exactly_the_models_fields() -> None:
    """An operator never writes what the schema lacks: that is a server error for ever."""
    properties = crd.schema()["properties"]
    for name, model in (("spec", CloneSpec), ("status", CloneStatus)):
        fields = {field.alias for field in model.model_fields.values()}
        assert fields == set(properties[name]["properties"])


def test_the_columns_people_see() -> None:
    """STATUS is the reason of Ready; EXPIRES is a string, since a time to come shows as invalid."""
    (version,) = crd.definition()["spec"]["versions"]
    narrow = [c["name"] for c in version["additionalPrinterColumns"] if not c["priority"]]
    assert narrow == ["Status", "Progress", "URL", "Expires", "Age"]
    kinds = {c["name"]: c["type"] for c in version["additionalPrinterColumns"]}
    assert kinds["Expires"] == "string"
    assert version["subresources"] == {"status": {}}
    assert version["name"] == clones.VERSION
