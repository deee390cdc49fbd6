# SPDX-License-Identifier: Apache-2.0
"""Specifies what operator and mover tell each other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpclone import errors
from wpclone.api import mover
from wpclone.api.mover import ExitCode, Outcome, OutcomeKind
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import SourceKind


def test_a_configuration_survives_the_journey() -> None:
    """What the operator writes is what the mover reads."""
    sent = mover.ImportConfig(
        attempt=2,
        source=mover.ImportSource(kind=SourceKind.SITE, url="https://www.acme.test"),
        network=mover.NetworkConfig(allow=("10.78.0.0/16",)),
        inspection=mover.Inspection(site_url="https://www.acme.test", rows=3),
    )
    assert mover.ImportConfig.read(sent.text()) == sent
    assert json.loads(sent.text())["inspection"]["siteURL"] == "https://www.acme.test"


@pytest.mark.parametrize("text", ["", "{}", '{"attempt":1,"source":{"kind":"site"},"typo":1}'])
def test_a_configuration_that_cannot_be_read_is_named(text: str) -> None:
    """A mover that does not understand its orders says so, and does nothing."""
    with pytest.raises(errors.InvalidSpec, match=r"^WPCLONE_IMPORT: "):
        mover.ImportConfig.read(text)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(outcome=OutcomeKind.INSPECTED), ExitCode.DONE),
        (Outcome(outcome=OutcomeKind.IMPORTED), ExitCode.DONE),
        (Outcome.failed(Reason.SOURCE_REFUSED_LOGIN, "x"), ExitCode.NEVER),
        (Outcome.failed(Reason.SOURCE_LOST, "x", retryable=True), ExitCode.AGAIN),
    ],
)
def test_the_exit_code_says_whether_to_try_again(outcome: Outcome, code: ExitCode) -> None:
    """The Job's podFailurePolicy sees the exit code only."""
    assert outcome.exit_code is code


@given(
    st.text(max_size=1024),
    st.lists(st.tuples(st.text(max_size=200), st.text(max_size=200)), max_size=32),
    st.lists(st.text(max_size=40), max_size=64),
    st.text(max_size=2048),
)
def test_a_report_always_fits(
    message: str, skipped: list[tuple[str, str]], extensions: list[str], url: str
) -> None:
    """However much there is to tell, the message is valid JSON of at most 3 KiB."""
    outcome = Outcome(
        outcome=OutcomeKind.FAILED,
        reason=Reason.IMPORT_FAILED,
        message=message,
        inspection=mover.Inspection(site_url=url, php_extensions=tuple(extensions)),
        import_=mover.ImportResult(
            skipped=tuple(mover.Skipped(what=what, why=why) for what, why in skipped)
        ),
    )
    text = outcome.termination_message()
    assert len(text) <= mover.MAX_REPORT_BYTES
    read = Outcome.read(text)
    assert read is not None
    assert (read.outcome, read.reason) == (OutcomeKind.FAILED, Reason.IMPORT_FAILED)


def test_an_ordinary_report_loses_nothing() -> None:
    """Nothing is cut off while it fits."""
    outcome = Outcome(
        outcome=OutcomeKind.IMPORTED,
        import_=mover.ImportResult(rows=5, skipped=(mover.Skipped(what="cache", why="a cache"),)),
        proof=mover.Proof(values_rewritten=7),
    )
    assert Outcome.read(outcome.termination_message()) == outcome


@pytest.mark.parametrize("text", ["", "Killed", "{", '{"outcome":"Won"}', "null"])
def test_what_is_no_report_counts_as_none(text: str) -> None:
    """A killed pod leaves rubbish or nothing behind; nobody stumbles over it."""
    assert Outcome.read(text) is None


def test_progress_is_told_from_other_lines() -> None:
    """Only progress lines of the log are progress."""
    told = mover.Progress(percent=41, detail="wp_posts: 41,000 of 230,000 rows")
    assert mover.Progress.read(json.dumps(told.to_json())) == told
    assert mover.Progress.read('{"event":"report","percent":100}') is None
    assert mover.Progress.read("Traceback (most recent call last):") is None
    assert mover.Progress.read('{"event":"progress","percent":101}') is None
