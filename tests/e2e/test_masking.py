# SPDX-License-Identifier: Apache-2.0
"""Tells of masked clones: nobody is in them, everybody is the same in both, a leak is caught."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local import shared_database
from local.demo.release import CLONES, SYSTEM
from local.sample.site import PREFIX
from tests.e2e.stage import Clone, Stage

pytestmark = pytest.mark.cluster
RULES = "wpclone-mask-rules"


def rows(clone: Clone, query: str) -> list[str]:
    """Ask the shared server about a clone's schema; `{}` stands for it and the site's prefix."""
    server = shared_database.server(clone.stage.cluster.native.world)
    return server.sql(query.replace("{}", f"{clone.database}.{PREFIX}")).splitlines()


def people(clone: Clone) -> list[str]:
    """Return what the clone says of its accounts, its own administrator apart."""
    return rows(
        clone,
        "SELECT u.user_login, u.user_email, u.display_name, m.meta_value FROM {}users u"
        " JOIN {}usermeta m ON m.user_id = u.ID AND m.meta_key = 'last_name'"
        " WHERE u.user_login <> 'wpclone-admin' ORDER BY u.ID",
    )


def secrets(stage: Stage, namespace: str) -> dict[str, dict[str, str]]:
    """Return the values of all Secrets of a namespace."""
    found = stage.cluster.get("secrets", f"--namespace={namespace}")["items"]
    return {one["metadata"]["name"]: one.get("data", {}) for one in found}


def test_a_person_is_nobody_and_the_same_nobody_in_two_clones(stage: Stage) -> None:
    """Two clones of one customer, masked on their way: their people agree, the source's do not."""
    wish: dict[str, Any] = {"ttl": "1h", "customer": "acme", "privacy": {"mask": "Standard"}}
    one, two = stage.clone("masked-one", **wish), stage.clone("masked-two", **wish)
    for clone in (one, two):
        clone.wait_available()
        status = clone.manifest["status"]
        assert status["resolved"]["mask"] == "Standard"
        assert status["import"]["proof"]["valuesMasked"] > 100
        proof = status["import"]["proof"]
        assert proof["invalidSerializedAfter"] == proof["invalidSerializedBefore"]
        emails = rows(clone, "SELECT user_email FROM {}users UNION SELECT comment_author_email"
                      " FROM {}comments UNION SELECT meta_value FROM {}postmeta"
                      " WHERE meta_key = '_billing_email'")  # fmt: skip
        assert len(emails) > 20
        outside = [email for email in emails if email and not email.endswith(".invalid")]
        assert outside == []
        assert [child for child in clone.children() if child.endswith("-mask")] == []
    assert len(people(one)) > 20
    assert people(one) == people(two)
    assert clone.answer() == 401  # the gate is shut, the site is there
    master = secrets(stage, SYSTEM)[f"wpclone-mask-{_installation(stage)}"]["key"]
    everywhere = [v for data in secrets(stage, CLONES).values() for v in data.values()]
    assert master not in everywhere
    assert base64.b64encode(base64.b64decode(master).hex().encode()).decode() not in everywhere
    one.delete()
    two.delete()


def _installation(stage: Stage) -> str:
    (name,) = [n for n in secrets(stage, SYSTEM) if n.startswith("wpclone-mask-")]
    return name.removeprefix("wpclone-mask-")


@pytest.fixture
def broken_rule(stage: Stage) -> Iterator[None]:
    """Have a rule of the user's that lets addresses pass, until the test takes it away."""
    document = "rules: [{table: users, columns: {user_email: keep}}]"
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": RULES, "namespace": CLONES},
        "data": {"rules.yaml": document},
    }
    stage.cluster.kubectl("apply", "-f-", stdin=json.dumps(manifest))
    yield
    stage.cluster.kubectl(
        "delete", "configmap", RULES, f"--namespace={CLONES}", "--ignore-not-found"
    )


@pytest.mark.usefixtures("broken_rule")
def test_a_rule_that_lets_somebody_pass_is_caught(stage: Stage) -> None:
    """Nothing of such a copy is served; with the rule repaired, another attempt makes it good."""
    clone = stage.clone("leaky", ttl="1h", privacy={"mask": "Strict"})
    told = clone.wait_for("VerificationFailed", seconds=180)
    assert f"{PREFIX}users.user_email" in told.message
    assert "@" not in told.message
    content = [c for c in clone.manifest["status"]["conditions"] if c["type"] == "ContentReady"]
    assert [(c["status"], c["reason"]) for c in content] == [("False", "VerificationFailed")]
    assert clone.pods("site") == []
    stage.cluster.kubectl("delete", "configmap", RULES, clone.where)
    stage.cluster.kubectl(
        "annotate", "wordpressclone", clone.name, clone.where, "clones.betaweb.ai/reconcile=1"
    )
    ready = ["wait", "--for=condition=Ready", f"wordpressclone/{clone.name}", clone.where]
    stage.cluster.kubectl(*ready, "--timeout=150s", timeout=160)
    emails = rows(clone, "SELECT user_email FROM {}users")
    assert [email for email in emails if not email.endswith(".invalid")] == []
    clone.delete()
