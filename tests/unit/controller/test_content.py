# SPDX-License-Identifier: Apache-2.0
"""The import is followed, explained, repeated on wish, and never run twice at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, settings
from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason
from wpclone.controller import ports
from wpclone.controller.ports import Body


async def importing(world: Stage) -> Body:
    """Take a clone to a running import, and return its pod."""
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "Importing" and bool(import_pods(world)))
    return import_pods(world)[0]


def import_pods(world: Stage) -> list[Body]:
    """Return the pods of import Jobs."""
    return [p for p in world.cluster.find_kind("Pod") if "-import-" in p["metadata"]["name"]]


async def test_progress_moves_in_steps_of_five() -> None:
    """What the mover says becomes 10 to 90 percent, written once per five of them."""
    world = Stage()
    pod = await importing(world)
    name = pod["metadata"]["name"]
    world.controllers.progress(name, 50, "wp_posts: 41,000 of 230,000 rows")
    await world.ahead(seconds=6)
    assert world.status()["progress"] == {
        "percent": 50,
        "detail": "wp_posts: 41,000 of 230,000 rows",
    }
    before = len(world.cluster.writes)
    world.controllers.progress(name, 52, "wp_posts: 42,000 of 230,000 rows")
    await world.ahead(seconds=6)
    assert world.cluster.writes[before:] == []
    world.controllers.progress(name, 100, "done")
    await world.ahead(seconds=6)
    assert world.status()["progress"]["percent"] == 90


async def test_a_log_is_read_at_most_every_poll() -> None:
    """Passes that come sooner use what was read last."""
    world = Stage()
    pod = await importing(world)
    await world.ahead(seconds=6)
    world.controllers.progress(pod["metadata"]["name"], 50, "half")
    await world.ahead(seconds=1)
    assert world.status()["progress"]["percent"] == 10
    await world.ahead(seconds=5)
    assert world.status()["progress"]["percent"] == 50


async def test_a_failed_import_keeps_everything_for_diagnosis() -> None:
    """The mover's reason shows, Stalled, with Secret and database still there."""
    world = Stage()
    lost = Outcome.failed(Reason.SOURCE_LOST, "The source went away at 50 %")
    world.controllers.outcomes["import"] = lost
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceLost")
    assert world.message().startswith("The source went away at 50 %. To try again: kubectl")
    assert world.condition("Stalled")
    assert world.status()["credentialsRef"] == {"name": "acme-credentials"}
    assert not world.database.empty
    assert "deployments" not in {plural for plural, _ in world.cluster.objects}
    well_told(world)


async def test_a_retry_waits_for_the_pods_of_the_last_attempt() -> None:
    """Two imports never run at once, however hard somebody asks."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome.failed(Reason.SOURCE_LOST, "Gone")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceLost")
    pod = import_pods(world)[0]
    pod["status"]["phase"] = "Running"
    world.annotate(reconcile="1")
    await world.once()
    instance = world.cluster.find_one("SharedDatabaseSite")
    assert "-import-1-" in instance["spec"]["job"]
    assert "waits for the pods" in world.message()
    pod["status"]["phase"] = "Failed"
    world.controllers.outcomes.clear()
    await world.run(lambda world: world.reason() == "Available")
    instance = world.cluster.find_one("SharedDatabaseSite")
    assert "-import-2-" in instance["spec"]["job"]
    assert '"attempt":2' in instance["spec"]["importConfig"]


async def test_one_wish_is_one_attempt() -> None:
    """The same value of the annotation never starts a third attempt."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome.failed(Reason.SOURCE_LOST, "Gone")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceLost")
    world.annotate(reconcile="1")
    await world.run(
        lambda world: "-import-2-" in world.cluster.find_one("SharedDatabaseSite")["spec"]["job"]
    )
    await world.run(lambda world: world.reason() == "SourceLost")
    world.restart()
    for _ in range(3):
        await world.once()
    assert "-import-2-" in world.cluster.find_one("SharedDatabaseSite")["spec"]["job"]


async def test_success_without_an_import_is_no_success() -> None:
    """A Job that ended well but does not say `Imported` never starts a site."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome.model_validate({"outcome": "Inspected"})
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "ImportFailed")
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["imported"] is False


async def test_the_site_starts_only_after_success_is_written_down() -> None:
    """`imported` goes into the instance after the Job has succeeded, and stays."""
    world = Stage()
    pod = await importing(world)
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["imported"] is False
    world.controllers.outcomes.clear()
    await world.run(lambda world: world.reason() == "Available")
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["imported"] is True
    assert pod


async def test_a_job_deleted_after_success_changes_nothing() -> None:
    """The graph brings it back suspended: no pod, no new import, no status."""
    world = Stage()
    await world.available()
    (job,) = [j for j in world.cluster.find_kind("Job") if "-import-" in j["metadata"]["name"]]
    world.cluster.remove(ports.JOB, job["metadata"]["name"])
    world.controllers.step()
    world.controllers.step()
    before = len(world.cluster.writes)
    await world.once()
    assert world.cluster.writes[before:] == []
    assert import_pods(world) == []


WAITS: dict[str, tuple[dict[str, Any], Reason]] = {
    "no node has room": (
        {
            "phase": "Pending",
            "conditions": [
                {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}
            ],
        },
        Reason.WAITING_FOR_NODE,
    ),
    "a volume cannot be bound": (
        {
            "phase": "Pending",
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "message": "pod has unbound immediate PersistentVolumeClaims",
                }
            ],
        },
        Reason.VOLUME_PENDING,
    ),
    "the image cannot be pulled": (
        {
            "phase": "Pending",
            "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}],
        },
        Reason.IMAGE_PULL_FAILED,
    ),
}


@pytest.mark.parametrize("case", WAITS)
async def test_pods_that_do_not_start_are_explained(case: str) -> None:
    """Waiting has a cause, and the cause is the reason; it heals by itself."""
    status, reason = WAITS[case]
    world = Stage()
    pod = await importing(world)
    pod["status"] = status
    await world.once()
    assert world.reason() == reason, case
    assert world.condition("Reconciling")
    well_told(world)


async def test_refused_pods_are_explained_by_the_cluster_s_own_words() -> None:
    """Half a minute without a pod is a refusal; its event says why."""
    world = Stage()
    world.controllers.outcomes["import"] = None
    world.controllers.kubelet = True
    world.login()
    world.apply()
    await world.run(lambda world: bool(world.cluster.find_kind("SharedDatabaseSite")))
    world.controllers.kubelet = False
    for pod in import_pods(world):
        world.cluster.remove(ports.POD, pod["metadata"]["name"])
    world.controllers.step()
    (job,) = [j for j in world.cluster.find_kind("Job") if "-import-" in j["metadata"]["name"]]
    world.cluster.put(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "why"},
            "involvedObject": {"uid": job["metadata"]["uid"]},
            "reason": "FailedCreate",
            "message": "pods is forbidden: exceeded quota: tight",
        }
    )
    await world.ahead(seconds=40)
    assert world.reason() == "PodQuotaExceeded"
    assert "exceeded quota: tight" in world.message()


async def test_without_kro_the_instance_s_silence_is_named() -> None:
    """A minute without a Job means that nobody takes the instance up."""
    world = Stage()
    world.controllers.kro = False
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "OrchestratorMissing")
    assert "kro has not taken it up" in world.message()
    world.controllers.kro = True
    await world.run(lambda world: world.reason() == "Available")


async def test_without_the_graph_s_kind_nothing_is_made() -> None:
    """Where the cluster chart is not installed, one sentence says so."""
    world = Stage()
    world.cluster.missing.add("SharedDatabaseSite")
    world.login()
    world.apply()
    await world.once()
    assert world.reason() == "OrchestratorMissing"
    world.delete()
    await world.run(lambda world: world.gone())


async def test_a_foreign_object_of_the_instance_s_name_is_left_alone() -> None:
    """What is not ours by its UID label is reported and never touched."""
    world = Stage()
    world.login()
    body = world.apply()
    uid8 = body["metadata"]["uid"][:8]
    other = {name: "x" for name, text in world.cluster.fields.items() if "string" in text}
    foreign = {
        "apiVersion": ports.SITE.api_version,
        "kind": ports.SITE.name,
        "metadata": {"name": f"acme-{uid8}", "labels": {}},
        "spec": {**other, "gen": 1, "job": "other", "uid": "other"},
    }
    world.controllers.kro = False
    world.cluster.put(foreign)
    await world.once()
    assert world.reason() == "NameConflict"
    world.delete()
    await world.run(lambda world: world.gone())
    assert ("shareddatabasesites", f"acme-{uid8}") in world.cluster.objects


async def test_a_kubelet_that_is_away_does_not_stop_the_clock() -> None:
    """Progress is a courtesy: without logs the clone still meets its deadline."""
    world = Stage(settings(provisioningDeadline="20m"))
    await importing(world)
    world.cluster.mute = True
    await world.ahead(seconds=6)
    assert world.reason() == "Importing"
    await world.ahead(minutes=20)
    assert world.reason() == "ProvisioningDeadline"
