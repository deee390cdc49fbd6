# SPDX-License-Identifier: Apache-2.0
"""Gives the whole system a few bad inputs of each kind; the acceptance suite gives it them all."""

from __future__ import annotations

import json
import unicodedata

import pytest

from local.demo.release import CLONES
from tests.bad_input import asking
from tests.bad_input.asking import Told
from tests.bad_input.cases import ALL, REFUSED
from tests.bad_input.furniture import furnished
from tests.e2e.stage import Stage
from tests.integration.admission.people import Person, refused

pytestmark = pytest.mark.cluster
# One of each kind: a Secret, a login, a host, a name, a trouble of the site, strange content.
SOME = (
    "a Secret that is not there",
    "a wrong password",
    "a page that does not exist",
    "a certificate of another name",
    "a name that leads to the metadata service",
    "a site that forbids uploads of plugins",
    "a title with escape codes and HTML",
)


@pytest.fixture(scope="module")
def told(stage: Stage) -> dict[str, Told]:
    """Give what these clones were told, after their deletion."""
    with furnished(stage):
        told = asking.ask(stage, [asking.manifest(ALL[one]) for one in SOME], 150)
        asking.delete(stage, told)
    return told


@pytest.mark.parametrize("sentence", SOME)
def test_each_has_its_reason_and_leaves_nothing(told: dict[str, Told], sentence: str) -> None:
    """Reason and message are the right ones, harmless to show, and nothing stays."""
    case = ALL[sentence]
    one = told[case.name]
    assert one.reason == case.reason, one.message
    assert [part for part in case.says if part not in one.message] == [], one.message
    shown = json.dumps(one.manifest["status"], ensure_ascii=False) + one.row
    assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"}} == set()
    assert one.left == []


def test_the_table_says_it_at_a_glance(told: dict[str, Told]) -> None:
    """`kubectl get` shows the reason in its second column."""
    shown = {name: one.row.split()[1] for name, one in told.items()}
    assert shown == {ALL[one].name: ALL[one].reason for one in SOME}


def test_two_sources_are_refused_at_once(stage: Stage) -> None:
    """What the API server can judge never reaches the operator."""
    changes, says = REFUSED["two sources"]
    admin = Person(stage.cluster, CLONES)
    refused(admin.tries(admin.clone(changes)), says)
