# SPDX-License-Identifier: Apache-2.0
"""Specifies what the demo says where it cannot run."""

import os
import sys

import pytest

from local.demo import __main__ as demo

NAMES = ("VALUES", "SOURCE", "USERNAME")


def test_without_root_one_sentence_names_the_other_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is touched, and the sentence says what would work instead."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert demo.main([]) == 1
    said = capsys.readouterr().err
    assert "needs root" in said
    assert "CLUSTER=current" in said
    assert said.count("\n") == 1


def test_on_another_system_one_sentence_names_the_other_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The native cluster is Linux' own."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert demo.main(["--down"]) == 1
    assert "needs Linux" in capsys.readouterr().err


@pytest.mark.parametrize("missing", NAMES)
def test_on_your_own_cluster_what_is_missing_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each variable that the demo needs there is asked for by its name."""
    for name in NAMES:
        monkeypatch.setenv(f"WPCLONE_DEMO_{name}", "given")
    monkeypatch.delenv(f"WPCLONE_DEMO_{missing}")
    assert demo.main(["--cluster", "current"]) == 1
    assert f"WPCLONE_DEMO_{missing} is missing" in capsys.readouterr().err
