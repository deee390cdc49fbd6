# SPDX-License-Identifier: Apache-2.0
"""Gives the whole system every bad input there is: a sentence for each, and nothing left behind."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local.demo import native
from local.demo.release import CLONES
from local.sample.profiles import SMALL
from tests import cluster as clusters
from tests.bad_input import asking, faults
from tests.bad_input.asking import Told
from tests.bad_input.cases import ALL, REFUSED
from tests.bad_input.furniture import furnished, troubles
from tests.cluster import Cluster
from tests.e2e.stage import Stage
from tests.integration.admission.people import BOB, Person, accepted, refused

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster, pytest.mark.timeout(1500)]
NAME = "bad-input"
# Forty movers start at once: the lease keeps its ordinary patience.
SETTINGS = {
    "timing": {"poll": "2s", "resync": "20s"},
    "sourceBudget": "8s",
    "inspections": {"slots": 12},
    "imports": {"slots": 4},
    "resources": {"mover": {"cpuRequest": "50m"}},
}


@pytest.fixture(scope="module")
def own(cluster: Cluster) -> Iterator[Cluster]:
    """Give a cluster of its own: its live site is in trouble, its volumes are full."""
    assert cluster.native.world.net.name != NAME
    yield clusters.started(NAME, "--fresh")
    clusters.purge(NAME)


@pytest.fixture(scope="module")
def stage(own: Cluster) -> Iterator[Stage]:
    """Give an installation whose volumes can be full, and the live site."""
    here = own.native
    storage = {"className": here.limited_storage_class, "minimum": "200Mi"}
    release = native.install(here.cluster, {**SETTINGS, "storage": storage})
    stage = Stage(own, release, native.source(here.cluster, SMALL, release))
    yield stage
    stage.close()


@dataclass(frozen=True)
class Heard:
    """What all clones of the table were told, and how often the live site was in trouble."""

    told: dict[str, Told]
    troubles: dict[str, int]


@pytest.fixture(scope="module")
def heard(stage: Stage) -> Heard:
    """Ask for all clones of the table, and delete them."""
    with furnished(stage):
        told = asking.ask(stage, map(asking.manifest, ALL.values()), 600)
        asking.delete(stage, told)
        return Heard(told, troubles(stage))


@pytest.fixture
def told(heard: Heard) -> dict[str, Told]:
    """Give what each clone was told."""
    return heard.told


@pytest.mark.parametrize("sentence", ALL)
def test_each_has_its_reason(told: dict[str, Told], sentence: str) -> None:
    """The reason is the right one, the message says what happened and what helps, in time."""
    case = ALL[sentence]
    one = told[case.name]
    assert one.settled, f"{one.reason}: {one.message}"
    assert one.reason == case.reason, one.message
    assert [part for part in case.says if part not in one.message] == [], one.message
    assert one.seconds < case.seconds


@pytest.mark.parametrize("sentence", ALL)
def test_each_leaves_nothing(told: dict[str, Told], sentence: str) -> None:
    """After the deletion there is no object, schema, user, volume or directory."""
    assert told[ALL[sentence].name].left == []


@pytest.mark.parametrize("sentence", ALL)
def test_each_is_shown_harmlessly(told: dict[str, Told], sentence: str) -> None:
    """Neither status nor table holds a character that does anything to a terminal."""
    one = told[ALL[sentence].name]
    shown = json.dumps(one.manifest["status"], ensure_ascii=False) + one.row
    assert one.row
    assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"}} == set()


def test_no_two_sentences_are_the_same(told: dict[str, Told]) -> None:
    """Who reads a sentence knows which trouble it is."""
    failures = [one.message for one in told.values() if one.reason != "Available"]
    assert len(set(failures)) == len(failures)


@pytest.mark.parametrize(("name", "what"), [("cut-tables", "rows"), ("cut-files", "fetch")])
def test_what_was_cut_is_whole(heard: Heard, name: str, what: str) -> None:
    """Replies were cut, and the copy that passed its own proof has all there was before."""
    assert heard.troubles[what] >= 3
    whole = heard.told["hostile"].manifest["status"]["import"]
    done = heard.told[name].manifest["status"]["import"]
    assert (done["tables"], done["files"]) == (whole["tables"], whole["files"])
    assert done["fileBytes"] > 0


def test_hostile_names_arrive_as_they_are(heard: Heard) -> None:
    """Tables with escape codes and HTML in their names are copied like any other."""
    skipped = heard.told["hostile"].manifest["status"]["import"].get("skipped", [])
    assert [one for one in skipped if "bold" in one["what"] or "red" in one["what"]] == []


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_the_api_server_refuses(stage: Stage, sentence: str) -> None:
    """Nothing of it is stored: the author reads the sentence at once."""
    changes, says = REFUSED[sentence]
    admin = Person(stage.cluster, CLONES)
    refused(admin.tries(admin.clone({"spec.ttl": "1h", **changes})), says)


def test_a_secret_that_the_author_may_not_read(stage: Stage) -> None:
    """Whoever may make clones, but read no Secret, cannot make the operator read it."""
    bob = Person(stage.cluster, CLONES, BOB)
    role = ["--clusterrole=wpclone-edit", f"--user={BOB}", f"--namespace={CLONES}"]
    stage.cluster.kubectl("create", "rolebinding", "bob-makes-clones", *role)
    try:
        says = "you may only name what you may read: bob may not get the Secret acme-admin"
        refused(bob.does("create", "-f-", stdin=json.dumps(bob.clone())), says)
    finally:
        stage.cluster.kubectl("delete", "rolebinding", "bob-makes-clones", f"--namespace={CLONES}")


def test_an_edit_of_what_never_changes(stage: Stage) -> None:
    """The content is copied once."""
    admin = Person(stage.cluster, CLONES)
    paused = admin.clone(name="edited")
    paused["metadata"]["annotations"] = {"clones.betaweb.ai/paused": "true"}
    accepted(admin.tries(paused))
    edited = admin.clone({"spec.source.site.url": "https://other.test"}, "edited")
    refused(admin.tries(edited), "Content is copied once; make a new clone.")
    accepted(admin.does("delete", "wordpressclone", "edited", "--timeout=20s"))


@pytest.mark.parametrize("fault", faults.ALL)
def test_the_cluster_is_not_well(stage: Stage, fault: str) -> None:
    """What the cluster lacks is named while it lasts; what can heal does, and nothing is left."""
    trouble = faults.ALL[fault]
    with trouble.here(stage):
        told = faults.ask_until(stage, trouble)
        one = told[trouble.name]
        assert one.reason == trouble.reason, one.message
        assert [part for part in trouble.says if part not in one.message] == [], one.message
    if trouble.heals:
        faults.await_available(stage, trouble.name, 150)
    asking.delete(stage, told)
    assert told[trouble.name].left == []
