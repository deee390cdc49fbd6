# SPDX-License-Identifier: Apache-2.0
"""Says when the engine has to be built again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local import native


def test_only_the_sources_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the compiler left behind is no reason to build; a changed line is."""
    shutil.copytree(native.SOURCE, tmp_path / "native", ignore=shutil.ignore_patterns("target"))
    before = native.fingerprint()
    monkeypatch.setattr(native, "SOURCE", tmp_path / "native")
    assert native.fingerprint() == before
    (tmp_path / "native" / "target").mkdir()
    (tmp_path / "native" / "target" / "made.rs").write_text("made")
    assert native.fingerprint() == before
    with (tmp_path / "native" / "engine" / "src" / "lib.rs").open("a") as file:
        file.write("// changed\n")
    assert native.fingerprint() != before
    assert native.missing() == ["native"]
