# SPDX-License-Identifier: Apache-2.0
"""Specifies the program that writes generated files."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools import generate


def test_what_is_committed_is_current() -> None:
    """Nobody edited a generated file, or a source without generating."""
    files = generate.wanted(generate.ROOT)
    assert list(generate.stale(generate.ROOT, files)) == []


def test_what_differs_is_written_and_what_is_too_much_goes(tmp_path: Path) -> None:
    """Writing makes the tree current, whatever was there before."""
    files = {Path("crds/a.yaml"): b"a: 1\n", Path("charts/x/README.md"): b"# x\n"}
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds/a.yaml").write_bytes(b"a: 2\n")
    (tmp_path / "crds/old.yaml").write_bytes(b"b: 1\n")
    assert set(generate.stale(tmp_path, files)) == {*files, Path("crds/old.yaml")}
    generate.write(tmp_path, files)
    assert list(generate.stale(tmp_path, files)) == []
    assert not (tmp_path / "crds/old.yaml").exists()


def test_kinds_outlive_their_release() -> None:
    """Helm and Argo CD leave our kinds alone: deleting one deletes every clone."""
    made = yaml.safe_load(generate.kept("kind: X\nmetadata:\n  name: x\nspec:\n  a: 1\n"))
    assert made["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert (made["metadata"]["name"], made["spec"]) == ("x", {"a": 1})


@pytest.mark.parametrize(
    "document", ["kind: X\n", "kind: X\nmetadata:\n  annotations:\n    a: b\nspec: {}\n"]
)
def test_an_unexpected_manifest_is_an_error(document: str) -> None:
    """A manifest is never broken silently."""
    with pytest.raises(ValueError, match="metadata without annotations"):
        generate.kept(document)
