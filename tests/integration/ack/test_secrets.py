# SPDX-License-Identifier: Apache-2.0
"""How a master password gets from a Secret to AWS: section 2.1, 2.2 and 2.5."""

from __future__ import annotations

from typing import Any

from local.ack.conditions import RECOVERABLE, TERMINAL
from local.ack.wishes import LAST_SECRET
from tests.integration.ack.stage import Stage, database, says, silence

KIND = "DBInstance"


def spec(stage: Stage, name: str = "master", **more: Any) -> dict[str, Any]:
    """Return a database whose password is in a Secret."""
    wanted = database(stage, masterUserPassword={"name": name, "key": "password", **more})
    del wanted["manageMasterUserPassword"]
    return wanted


async def test_2_2_the_reference_in_use_is_remembered(stage: Stage) -> None:
    """The password goes to AWS, its reference into an annotation."""
    await stage.secret("master", password="first-password")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", spec(stage))
        found = await stage.synced(KIND, "db")
    assert stage.front.last("CreateDBInstance")["MasterUserPassword"] == "first-password"
    assert found.annotations[LAST_SECRET] == "/master.password", "the namespace as it is given"


async def test_2_2_only_another_reference_changes_the_password(stage: Stage) -> None:
    """Editing the Secret does nothing; naming another one does."""
    await stage.secret("master", password="first-password")
    await stage.secret("second", password="second-password")
    async with stage.controller("rds", "--reconcile-default-resync-seconds=1"):
        await stage.create(KIND, "db", spec(stage))
        await stage.synced(KIND, "db")
        await stage.edit_secret("master", password="edited-password")
        await silence(1.5)
        assert stage.front.calls["ModifyDBInstance"] == 0
        await stage.patch(KIND, "db", {"spec": {"masterUserPassword": {"name": "second"}}})
        remembered = "/second.password"
        await stage.until(KIND, "db", lambda one: one.annotations[LAST_SECRET] == remembered)
        await stage.synced(KIND, "db")
    assert stage.front.last("ModifyDBInstance")["MasterUserPassword"] == "second-password"
    assert stage.front.calls["ModifyDBInstance"] == 1


async def test_2_1_a_missing_secret_is_waited_for(stage: Stage) -> None:
    """It is recoverable, and the finalizer stays, since AWS has not said no."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", spec(stage))
        found = await stage.until(KIND, "db", says(RECOVERABLE, "True", "secret not found"))
        assert found.finalizers
        assert stage.front.calls["CreateDBInstance"] == 0
        await stage.secret("master", password="late-password")
        await stage.synced(KIND, "db")


async def test_2_2_a_secret_of_another_type_is_not_read(stage: Stage) -> None:
    """Secrets have to be Opaque."""
    await stage.secret("master", kind="example.com/other", password="x")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", spec(stage))
        await stage.until(KIND, "db", says(RECOVERABLE, "True", "only opaque secrets"))


async def test_2_5_another_namespace_is_refused_if_told_so(stage: Stage) -> None:
    """With --enable-cross-namespace=false such a reference can never work."""
    async with stage.controller("rds", "--enable-cross-namespace=false"):
        await stage.create(KIND, "db", spec(stage, namespace="default"))
        await stage.until(KIND, "db", says(TERMINAL, "True", "cross-namespace"))
    assert stage.front.calls["CreateDBInstance"] == 0


async def test_2_5_another_namespace_is_read_by_default(stage: Stage) -> None:
    """By default a Secret may be anywhere that the controller can read."""
    name = stage.named("master")
    await stage.secret(name, namespace="default", password="far-password")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", spec(stage, name, namespace="default"))
        await stage.synced(KIND, "db")
    assert stage.front.last("CreateDBInstance")["MasterUserPassword"] == "far-password"
