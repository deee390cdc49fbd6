# SPDX-License-Identifier: Apache-2.0
"""Our small definitions of ACK's kinds, held against the real ones where those are at hand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.ack import definitions, kinds
from local.ack.kinds.manager import Manager
from local.errors import LocalError

OWN = definitions.load(definitions.OWN)


@pytest.mark.parametrize("name", OWN)
def test_every_field_of_ours_exists_in_the_real_definition(name: str) -> None:
    """With the same type; what the real one requires or rules, ours does too."""
    directory = definitions.real()
    if directory is None:
        pytest.skip(f"{definitions.VARIABLE} names no directory with ACK's real definitions")
    assert definitions.misfits(OWN[name], definitions.load(directory)[name]) == []


def test_every_kind_is_defined() -> None:
    """And nothing that no controller looks after."""
    assert {f"{one.kind.plural}.{one.kind.group}" for one in kinds.ALL} == set(OWN)


@pytest.mark.parametrize("manager", kinds.ALL, ids=lambda one: one.kind.name)
def test_the_definitions_have_all_that_the_controllers_write(manager: Manager) -> None:
    """A field that the API server drops would be written again with every pass."""
    body = OWN[f"{manager.kind.plural}.{manager.kind.group}"]
    spec = body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    used = {
        *manager.late,
        *(name for one in manager.references for name in (one.field, one.target)),
    }
    assert used <= spec["properties"].keys()


def _first(change: dict[str, Any]) -> list[str]:
    """Return what is said of our first definition if the real one is changed so."""
    own = next(iter(OWN.values()))
    real = copy.deepcopy(own)
    schema = real["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema.update(change)
    return definitions.misfits(own, real)


def test_a_definition_fits_itself() -> None:
    """Nothing is said about equal ones."""
    assert _first({}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"properties": {}}, "does not exist"),
        ({"type": "string"}, "type is object, really string"),
        ({"required": []}, "other fields are required"),
        ({"x-kubernetes-validations": [{"rule": "false"}]}, "other rules hold"),
    ],
)
def test_a_misfit_is_named(change: dict[str, Any], said: str) -> None:
    """By its path and in words."""
    assert any(said in one for one in _first(change))


def test_the_real_definitions_take_the_place_by_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only of the kinds that we use, and all of them have to be there."""
    monkeypatch.setenv(definitions.VARIABLE, str(tmp_path))
    with pytest.raises(LocalError, match="has no"):
        definitions.chosen()
    for name, body in OWN.items():
        marked = {**body, "metadata": {"name": name, "labels": {"from": "there"}}}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(marked), encoding="utf-8")
    other = {"kind": "CustomResourceDefinition", "metadata": {"name": "other"}}
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    found = definitions.chosen()
    assert {one["metadata"]["name"] for one in found} == set(OWN)
    assert all(one["metadata"]["labels"] for one in found)


def test_the_comparison_is_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 1 and the misfits, or with 0."""
    assert definitions.main([str(definitions.OWN)]) == 0
    assert definitions.main([str(tmp_path)]) == 1
    assert "is not there" in capsys.readouterr().out
    assert definitions.main([]) == 2
