# SPDX-License-Identifier: Apache-2.0
"""Says who may name a database as a source, and which sentence a wrong one gets."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.admission.conftest import As
from tests.integration.admission.people import ALICE, BOB, accepted, refused

pytestmark = pytest.mark.cluster
DRY = "--dry-run=server"
EXAMPLES = Path(__file__).parents[3] / "examples"
DATABASE: dict[str, Any] = {
    "host": "db.acme.example",
    "name": "acme",
    "credentialsRef": {"name": "acme-database"},
    "files": {"claimRef": {"name": "acme-files"}},
}
TLS = {"tls": {"caRef": {"name": "acme-ca"}}}

GOOD: dict[str, dict[str, Any]] = {
    "the shortest one": {},
    "files in an archive": {"files": {"uri": "https://files.acme.example/site.tar.gz"}},
    "files in a bucket": {"files": {"uri": "s3://acme-backups/site.tar"}},
    "an address": {"host": "10.20.3.4", "port": 3307},
    "an address of IPv6": {"host": "fd00::7"},
    "every field": {
        "port": 3307,
        "tablePrefix": "acme_",
        "siteURL": "https://www.acme.example",
        "tls": {"mode": "VerifyCA", "caRef": {"name": "acme-ca"}},
    },
}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no host": ({"host": None}, "spec.source.database.host: Required value"),
    "a port in the host": ({"host": "db.acme.example:3306/x"}, "must be a host name"),
    "port 0": ({"port": 0}, "spec.source.database.port"),
    "no schema": ({"name": None}, "spec.source.database.name: Required value"),
    "a schema with a quote": ({"name": "a`b"}, "must be the name of a schema"),
    "a prefix with a hyphen": ({"tablePrefix": "wp-"}, "spec.source.database.tablePrefix"),
    "no login": ({"credentialsRef": None}, "credentialsRef: Required value"),
    "no files": ({"files": None}, "spec.source.database.files: Required value"),
    "files nowhere": ({"files": {}}, "name exactly one of uri, claimRef"),
    "files in two places": (
        {"files": {"uri": "https://files.acme.example/a.tar", "claimRef": {"name": "x"}}},
        "name exactly one of uri, claimRef",
    ),
    "a login in the address of files": (
        {"files": {"uri": "https://me:pw@files.acme.example/site.tar"}},
        "without user name, query or fragment",
    ),
    "an unknown way of TLS": ({"tls": {"mode": "Preferred"}}, "spec.source.database.tls.mode"),
    "a password in the open": ({"password": "x"}, "password: field not declared in schema"),
}


def source(**changes: Any) -> dict[str, Any]:
    """Return the changes to a good clone that make it one of a database; None takes one away."""
    database = {**copy.deepcopy(DATABASE), **changes}
    told = {name: value for name, value in database.items() if value is not None}
    return {"spec.source": {"database": told}}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_database_is_accepted(someone: As, case: str) -> None:
    """What the documentation shows can be applied."""
    alice = someone(ALICE)
    accepted(alice.tries(alice.clone(source(**GOOD[case])), DRY))


def test_the_example_is_accepted(someone: As) -> None:
    """The file that the documentation shows is applied as it is."""
    example = yaml.safe_load((EXAMPLES / "database.yaml").read_text("utf-8"))
    alice = someone(ALICE)
    example["metadata"]["namespace"] = alice.namespace
    accepted(alice.tries(example, DRY))


@pytest.mark.parametrize("case", BAD)
def test_a_bad_database_gets_its_own_sentence(someone: As, case: str) -> None:
    """The API server says which field is wrong, and how it should be."""
    changes, sentence = BAD[case]
    refused(someone(ALICE).tries(someone().clone(source(**changes)), DRY), sentence)


def test_two_sources_are_one_too_many(someone: As) -> None:
    """A clone has one origin."""
    changes = source()
    changes["spec.source"]["blank"] = {}
    refused(
        someone(ALICE).tries(someone().clone(changes), DRY),
        "name exactly one of site, database, archive, clone, blank",
    )


@pytest.mark.parametrize(
    ("kind", "name", "allowed"),
    [
        ("Secret", "acme-database", []),
        ("PersistentVolumeClaim", "acme-files", ["secrets"]),
        ("ConfigMap", "acme-ca", ["secrets", "persistentvolumeclaims"]),
    ],
)
def test_all_that_a_database_names_has_to_be_readable(
    someone: As, kind: str, name: str, allowed: list[str]
) -> None:
    """Login, volume and authority: the pods read them in the author's stead."""
    bob = someone(BOB)
    role = f"reads-{kind.lower()}"
    make = ["create", "role", role, "--verb=get", f"--resource={','.join(allowed)}"]
    bind = ["create", "rolebinding", role, f"--role={role}", f"--user={BOB}"]
    if allowed:
        accepted(someone().does(*make))
        accepted(someone().does(*bind))
    try:
        said = f"you may only name what you may read: bob may not get the {kind} {name}"

        def told() -> bool:  # rights take a moment until they are in force
            done = bob.tries(bob.clone(source(**TLS)), DRY)
            return done.returncode != 0 and said in " ".join(done.stderr.split())

        someone().cluster.eventually(told, 10)
    finally:
        if allowed:
            someone().does("delete", "role,rolebinding", role)


def test_a_source_of_this_kind_never_changes_either(someone: As) -> None:
    """Content is copied once; another schema is another clone."""
    alice = someone(ALICE)
    accepted(alice.tries(alice.clone(source(), "settled")))
    refused(
        alice.tries(alice.clone(source(name="other"), "settled"), DRY),
        "Content is copied once; make a new clone",
    )
