# SPDX-License-Identifier: Apache-2.0
"""Specifies the names and labels of what is made for a clone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from wpclone.api import labels, names

LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Named:
    """Just enough of a clone."""

    name: str
    uid: str


ACME = Named("acme", "4f0e1c2d-aaaa-4bbb-8ccc-0123456789ab")
CLONE_NAMES = st.from_regex(r"[a-z]([a-z0-9]|-[a-z0-9]){0,19}", fullmatch=True).filter(
    lambda name: len(name) <= names.MAX_CLONE_NAME
)
CLONES = st.builds(Named, CLONE_NAMES, st.uuids(version=4).map(str))


def test_the_names_of_one_clone() -> None:
    """Names are made from the clone's name and UID alone, so that a repeated write meets itself."""
    assert names.base(ACME) == "acme-4f0e1c2d"
    assert names.inspect_job(ACME, 2) == "acme-inspect-2-4f0e1c2d"
    assert names.import_job(ACME, 1) == "acme-import-1-4f0e1c2d"
    assert names.credentials(ACME) == "acme-credentials"
    assert names.database(ACME.uid) == "wpc4f0e1c2daaaa4bbb8ccc"
    assert names.host(ACME, "clones.test") == "acme.clones.test"
    assert names.host(ACME, "clones.test", "shop.clones.test") == "shop.clones.test"
    assert names.url("acme.clones.test") == "https://acme.clones.test"


@given(CLONES, st.integers(1, 999))
def test_every_name_is_a_label(clone: Named, attempt: int) -> None:
    """Every object's name is a DNS label, however long the clone's own name is."""
    for made in (
        names.base(clone),
        names.inspect_job(clone, attempt),
        names.import_job(clone, attempt),
        names.credentials(clone),
    ):
        assert LABEL.fullmatch(made), made


@given(st.uuids(version=4))
def test_a_database_name_suits_mysql(uid: UUID) -> None:
    """A user name has at most 32 characters, and no wildcard of GRANT is in a schema's name."""
    made = names.database(str(uid))
    assert re.fullmatch(r"wpc[0-9a-f]{20}", made)


@given(CLONE_NAMES, st.uuids(version=4), st.uuids(version=4))
def test_a_new_clone_of_an_old_name_meets_none_of_the_old_things(
    name: str, first: UUID, second: UUID
) -> None:
    """Another UID gives other names, wherever two clones could meet."""
    if str(first)[:8] == str(second)[:8]:
        return
    one, two = Named(name, str(first)), Named(name, str(second))
    assert names.base(one) != names.base(two)
    assert names.import_job(one, 1) != names.import_job(two, 1)
    assert names.database(one.uid) != names.database(two.uid)


def test_labels_lead_back_to_the_clone() -> None:
    """Everything carries its clone's name, UID, tenant and installation, and is found by it."""
    found = labels.of(ACME, "example-staging", "acme-eu")
    assert found["clones.betaweb.ai/clone"] == "acme"
    assert found["clones.betaweb.ai/customer"] == "acme-eu"
    assert found["clones.betaweb.ai/installation"] == "example-staging"
    key, _, value = labels.selector(ACME.uid).partition("=")
    assert found[key] == value
    assert labels.of(ACME, "x")["clones.betaweb.ai/customer"] == ""
