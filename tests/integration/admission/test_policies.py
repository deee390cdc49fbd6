# SPDX-License-Identifier: Apache-2.0
"""Proves each admission policy on a real API server: whom it stops, and whom it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.integration.admission.conftest import As
from tests.integration.admission.people import ALICE, BOB, OPERATOR, accepted, refused
from wpclone.api.fields import rfc3339

pytestmark = pytest.mark.cluster
Annotate = Callable[[str, str], None]
DRY = "--dry-run=server"
MAX_TTL, IMAGES = "clones.betaweb.ai/max-ttl", "clones.betaweb.ai/images"
LEAST_MASK = "clones.betaweb.ai/least-mask"
DATABASE: dict[str, Any] = {
    "host": "db.acme.test",
    "name": "wordpress",
    "credentialsRef": {"name": "acme-admin"},
    "files": {"uri": "https://files.acme.test/site.tar"},
}


def test_one_may_only_name_what_one_may_read(someone: As) -> None:
    """The operator reads the Secret for the author, so the author must be allowed to."""
    bob = someone(BOB)
    said = "you may only name what you may read: bob may not get the Secret acme-admin in"
    refused(bob.tries(bob.clone()), f"{said} {bob.namespace}")
    accepted(someone(ALICE).tries(bob.clone(), DRY))


NAMED: dict[str, tuple[dict[str, Any], str]] = {
    "a database's login": (
        {"database": {**DATABASE, "credentialsRef": {"name": "login"}}},
        "the Secret login",
    ),
    "an archive's login": (
        {"archive": {"uri": "https://a.test/a.tar", "credentialsRef": {"name": "login"}}},
        "the Secret login",
    ),
    "a volume": (
        {"database": {**DATABASE, "files": {"claimRef": {"name": "files"}}}},
        "the PersistentVolumeClaim files",
    ),
    "an authority": (
        {"database": {**DATABASE, "tls": {"caRef": {"name": "ca"}}}},
        "the ConfigMap ca",
    ),
    "another clone": ({"clone": {"name": "other"}}, "the WordPressClone other"),
}


@pytest.mark.parametrize("case", NAMED)
def test_whatever_a_source_names_has_to_be_readable(
    someone: As, installed: Cluster, home: str, case: str
) -> None:
    """Secrets, volumes, authorities and clones alike: the pods of a clone read them."""
    source, named = NAMED[case]
    rules = [
        _may("clones.betaweb.ai", "wordpressclones", "create", "patch"),
        *([] if named.endswith("Secret login") else [_may("", "secrets", "get")]),
    ]
    installed.apply(*_person(home, "carl", rules))
    carl = someone("carl")
    said = f"you may only name what you may read: carl may not get {named} in {home}"
    refused(carl.tries(carl.clone({"spec.source": source}), DRY), said)
    accepted(someone(ALICE).tries(carl.clone({"spec.source": source}), DRY))


def _may(group: str, resource: str, *verbs: str) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def _person(namespace: str, name: str, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the role of somebody who may do so much, and its binding."""
    group = "rbac.authorization.k8s.io"
    meta = {"name": name, "namespace": namespace}
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": rules},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
            "subjects": [{"apiGroup": group, "kind": "User", "name": name}],
        },
    ]


def test_naming_nothing_needs_no_right(someone: As) -> None:
    """A blank site names no Secret."""
    bob = someone(BOB)
    accepted(bob.tries(bob.clone({"spec.source": {"blank": {}}}), DRY))


@pytest.mark.parametrize(
    "edit", [{"metadata": {"labels": {"team": "blue"}}}, {"spec": {"ttl": "5h", "suspend": True}}]
)
def test_edits_that_name_nothing_new_ask_for_nothing(someone: As, edit: dict[str, Any]) -> None:
    """Who may not read the Secret may still label, pause or extend a clone."""
    accepted(someone(ALICE).tries(someone().clone(name="edited")))
    bob = someone(BOB)
    accepted(bob.does("patch", "wpc", "edited", "--type=merge", "-p", json.dumps(edit)))


def test_a_later_ceiling_stops_no_other_edit(someone: As, annotated: Annotate) -> None:
    """Once a ceiling is lowered, older clones keep their life and can be paused."""
    alice = someone(ALICE)
    accepted(alice.tries(alice.clone({"spec.ttl": "100h"}, "older")))
    annotated(MAX_TTL, "2h")
    pause = '{"spec":{"suspend":true}}'
    accepted(alice.does("patch", "wpc", "older", "--type=merge", "-p", pause))
    longer = '{"spec":{"ttl":"101h"}}'
    done = alice.does("patch", "wpc", "older", "--type=merge", "-p", longer)
    refused(done, "ttl 101h is too long")


def test_a_protected_clone_is_deleted_by_nobody(someone: As) -> None:
    """Not by its owner, nor by an administrator or the operator, until somebody lifts it."""
    alice = someone(ALICE)
    accepted(alice.tries(alice.clone({"spec.deletionProtection": True}, name="kept")))
    tries = [someone(who).does("delete", "wpc", "kept") for who in (ALICE, "", OPERATOR)]
    for done in tries:
        refused(done, "this clone is protected: kubectl -n")
    lift = re.search(r"patch wordpressclone kept (--type=merge) -p '(\S+)'", tries[0].stderr)
    assert lift is not None
    accepted(alice.does("patch", "wordpressclone", "kept", lift[1], "-p", lift[2]))
    accepted(alice.does("delete", "wpc", "kept", "--wait=false"))


def _status(someone: As, who: str) -> Any:
    status = {"observedGeneration": 1, "url": "https://acme.clones.test"}
    body = {"apiVersion": "clones.betaweb.ai/v1alpha1", "kind": "WordPressClone"}
    named = {**body, "metadata": {"name": "told"}, "status": status}
    return someone(who).does(
        "apply",
        "--server-side",
        "--subresource=status",
        "--field-manager=wpclone-status",
        "-f-",
        stdin=json.dumps(named),
    )


def test_only_the_operator_tells(someone: As) -> None:
    """Not even an administrator writes a status; the operator does, with its chart's rights."""
    accepted(someone(ALICE).tries(someone().clone(name="told")))
    refused(_status(someone, ""), "the status of a clone is written by its operator only")
    accepted(_status(someone, OPERATOR))
    url = someone().does("get", "wpc", "told", "-o", "jsonpath={.status.url}")
    assert url.stdout == "https://acme.clones.test"


def test_instances_are_written_by_the_operator(someone: As, instance: dict[str, Any]) -> None:
    """Whoever could write an instance could run any image with any Secret."""
    sentence = "instances are written by the operator and kro only; edit the WordPressClone instead"
    refused(someone().tries(instance), sentence)
    accepted(someone(OPERATOR).tries(instance, DRY))


@pytest.mark.parametrize(
    ("ceiling", "ttl", "sentence"),
    [
        (None, "168h", None),
        (None, "169h", "ttl 169h is too long; the longest ttl in namespace {} is 168h"),
        (None, "Never", "ttl Never is not allowed in namespace {}; the longest ttl is 168h"),
        ("2h", "3h", "ttl 3h is too long; the longest ttl in namespace {} is 2h"),
        ("2h", "120m", None),
        ("Never", "Never", None),
        ("Never", "9999h", None),
        ("1w", "1h", "the annotation clones.betaweb.ai/max-ttl of namespace {} must be a duration"),
    ],
)
def test_lifetimes_have_a_ceiling(
    someone: As, annotated: Annotate, ceiling: str | None, ttl: str, sentence: str | None
) -> None:
    """The chart's ceiling holds, unless the namespace names its own."""
    if ceiling:
        annotated(MAX_TTL, ceiling)
    alice = someone(ALICE)
    done = alice.tries(alice.clone({"spec.ttl": ttl}), DRY)
    if sentence is None:
        accepted(done)
    else:
        refused(done, sentence.format(alice.namespace))


@pytest.mark.parametrize(
    ("ceiling", "hours", "sentence"),
    [
        (None, 167, None),
        (None, 169, "is too late; in namespace {} a clone lives at most 168h, this one until 20"),
        ("2h", 3, "is too late; in namespace {} a clone lives at most 2h, this one until 20"),
        ("Never", 9999, None),
        ("1w", 1, "the annotation clones.betaweb.ai/max-ttl of namespace {} must be a duration"),
    ],
)
def test_no_extension_passes_the_ceiling(
    someone: As, annotated: Annotate, ceiling: str | None, hours: int, sentence: str | None
) -> None:
    """Whoever may not ask for a long ttl gets it by extendUntil neither; from the creation on."""
    if ceiling:
        annotated(MAX_TTL, ceiling)
    until = datetime.now(UTC) + timedelta(hours=hours)
    alice = someone(ALICE)
    done = alice.tries(alice.clone({"spec.extendUntil": rfc3339(until)}), DRY)
    if sentence is None:
        accepted(done)
    else:
        refused(done, sentence.format(alice.namespace))


def test_an_older_extension_stops_no_other_edit(someone: As, annotated: Annotate) -> None:
    """Once a ceiling is lowered, a clone that was extended before can still be paused."""
    alice = someone(ALICE)
    until = rfc3339(datetime.now(UTC) + timedelta(hours=100))
    accepted(alice.tries(alice.clone({"spec.extendUntil": until}, "longer")))
    annotated(MAX_TTL, "2h")
    patch = ("patch", "wpc", "longer", "--type=merge", "-p")
    accepted(alice.does(*patch, '{"spec":{"suspend":true}}'))
    later = rfc3339(datetime.now(UTC) + timedelta(hours=101))
    done = alice.does(*patch, json.dumps({"spec": {"extendUntil": later}}))
    refused(done, f"extendUntil {later} is too late")


@pytest.mark.parametrize(
    ("listed", "image", "good"),
    [
        (None, "wordpress:6.8", False),
        ("wordpress:6.8", "wordpress:6.8", True),
        ("wordpress:6.8", "wordpress:6.8-evil", False),
        ("a.example/x:1, b.example/team/*", "b.example/team/wp:1", True),
        ("b.example/team/*", "c.example/b.example/team/wp:1", False),
    ],
)
def test_images_come_from_a_list(
    someone: As,
    annotated: Annotate,
    listed: str | None,
    image: str,
    good: bool,  # noqa: FBT001
) -> None:
    """Only listed images run; an entry is exact unless it ends in a star."""
    if listed:
        annotated(IMAGES, listed)
    alice = someone(ALICE)
    done = alice.tries(alice.clone({"spec.site": {"image": image}}), DRY)
    if good:
        accepted(done)
    else:
        refused(done, f"image {image} is not on the allow-list of namespace {alice.namespace}")


def test_a_public_copy_makes_one_think(someone: As) -> None:
    """An unmasked copy for everybody is possible, with a warning; an empty site is no copy."""
    alice = someone(ALICE)
    done = alice.tries(alice.clone({"spec.safety": {"access": "Public"}}), DRY)
    assert done.returncode == 0
    assert "access Public shows everybody a copy whose personal data is not masked" in done.stderr
    blank = {"spec.safety": {"access": "Public"}, "spec.source": {"blank": {}}}
    accepted(alice.tries(alice.clone(blank), DRY))
    masked = {"spec.safety": {"access": "Public"}, "spec.privacy": {"mask": "Standard"}}
    accepted(alice.tries(alice.clone(masked), DRY))


@pytest.mark.parametrize(
    ("least", "mask", "sentence"),
    [
        (None, None, None),
        (None, "None", None),
        ("Standard", None, "set spec.privacy.mask to Standard or Strict"),
        ("Standard", "None", "namespace {} holds no copy with personal data"),
        ("Standard", "Standard", None),
        ("Standard", "Strict", None),
        ("Strict", "Standard", "set spec.privacy.mask to Strict"),
        ("Strict", "Strict", None),
        ("strict", "Strict", "the annotation clones.betaweb.ai/least-mask of namespace {} must be"),
    ],
)
def test_a_namespace_may_demand_that_copies_are_masked(
    someone: As, annotated: Annotate, least: str | None, mask: str | None, sentence: str | None
) -> None:
    """Where nobody may copy customers, a clone has to say how it masks them."""
    if least:
        annotated(LEAST_MASK, least)
    alice = someone(ALICE)
    done = alice.tries(alice.clone({"spec.privacy": {"mask": mask}} if mask else {}), DRY)
    if sentence is None:
        accepted(done)
    else:
        refused(done, sentence.format(alice.namespace))


def test_a_demand_for_masks_stops_no_empty_site_and_no_old_clone(
    someone: As, annotated: Annotate
) -> None:
    """There is nobody in an empty site; what was copied before can still be paused."""
    alice = someone(ALICE)
    accepted(alice.tries(alice.clone(name="unmasked")))
    annotated(LEAST_MASK, "Strict")
    accepted(alice.tries(alice.clone({"spec.source": {"blank": {}}}), DRY))
    pause = '{"spec":{"suspend":true}}'
    accepted(alice.does("patch", "wpc", "unmasked", "--type=merge", "-p", pause))


def test_a_namespace_with_clones_stays(installed: Cluster, home: str) -> None:
    """A labelled namespace is not deleted, whoever asks and however; the message says how."""
    installed.kubectl("label", "namespace", home, "clones.betaweb.ai/managed=true")
    for how in (["--wait=false"], ["--force", "--grace-period=0", "--wait=false"], [DRY]):
        done = installed.attempt("delete", "namespace", home, *how)
        refused(done, f"namespace {home} holds WordPress clones: delete them first")
    installed.kubectl("label", "namespace", home, "clones.betaweb.ai/managed-")
    accepted(installed.attempt("delete", "namespace", home, DRY))


@pytest.mark.parametrize(
    "what",
    [
        "crd/wordpressclones.clones.betaweb.ai",
        "crd/shareddatabasesites.sites.clones.betaweb.ai",
        "rgd/shared-database-site",
    ],
)
def test_our_kinds_stay(installed: Cluster, what: str) -> None:
    """Deleting a kind would delete every clone of the cluster."""
    done = installed.attempt("delete", what, DRY)
    refused(done, "holds up every WordPress clone of this cluster")


def test_kinds_of_others_are_none_of_our_business(installed: Cluster) -> None:
    """Our guard stops at our own kinds."""
    accepted(installed.attempt("delete", "crd/resourcegraphdefinitions.kro.run", DRY))
