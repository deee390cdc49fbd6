# SPDX-License-Identifier: Apache-2.0
"""What the port `Cluster` promises, on the strict fake and on a real API server alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Subject
from tests.fakes.cluster import graph_fields
from wpclone import errors
from wpclone.api import labels
from wpclone.controller import ports
from wpclone.controller.ports import Body, Kind, Ref


def clone(**metadata: Any) -> Body:
    """Return a clone as a person writes it."""
    return {
        "apiVersion": ports.CLONE.api_version,
        "kind": "WordPressClone",
        "metadata": {"name": "acme", **metadata},
        "spec": {"source": {"blank": {}}},
    }


def site(**spec: Any) -> Body:
    """Return an instance of the graph."""
    values: dict[str, Any] = {"string": "x", "integer": 1, "boolean": False}
    full = {
        name: values[text.split(" ")[0]]
        for name, text in graph_fields().items()
        if text.split(" ")[0] in values
    }
    return {
        "apiVersion": ports.SITE.api_version,
        "kind": "SharedDatabaseSite",
        "metadata": {"name": "acme", "labels": {labels.UID: "1"}, "annotations": {"ours": "1"}},
        "spec": {**full, **spec},
    }


def status(message: str) -> Body:
    """Return a small status."""
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": "Pending",
        "message": message,
        "observedGeneration": 1,
        "lastTransitionTime": "2026-11-25T12:00:00Z",
    }
    return {"observedGeneration": 1, "conditions": [ready]}


async def test_what_is_not_there_is_none(subject: Subject) -> None:
    """A missing object is an answer; a missing kind is an error."""
    assert await subject.cluster.get(ports.SECRET, "nothing") is None
    assert await subject.cluster.list(ports.JOB, labelled=f"{labels.UID}=nobody") == []
    if not hasattr(subject.cluster, "missing"):
        with pytest.raises(ports.KindMissing):
            await subject.cluster.get(Kind("nobody.example/v1", "No", "nos"), "x")


async def test_a_name_is_taken_once(subject: Subject) -> None:
    """A second creation is AlreadyThere, not a change."""
    await subject.cluster.create(site())
    with pytest.raises(ports.AlreadyThere):
        await subject.cluster.create(site(job="other"))
    found = await subject.cluster.get(ports.SITE, "acme")
    assert found is not None
    assert found["spec"]["job"] == "x"


async def test_a_field_nobody_declared_is_refused(subject: Subject) -> None:
    """Creating with a misspelled field is an error for ever, not a silent loss."""
    with pytest.raises(errors.Refused):
        await subject.cluster.create(site(misspelled="1"))


async def test_secrets_come_back_with_their_data(subject: Subject) -> None:
    """What is created as text is read as encoded data."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "acme", "labels": {labels.UID: "1"}},
        "stringData": {"key": "value"},
    }
    await subject.cluster.create(body)
    found = await subject.cluster.get(ports.SECRET, "acme")
    assert found is not None
    assert found["data"] == {"key": "dmFsdWU="}
    assert ports.is_ours(found, "1")


async def test_an_apply_changes_what_it_names(subject: Subject) -> None:
    """Fields change, a dropped annotation goes, a stranger's stays, nothing else moves."""
    made = await subject.cluster.create(site())
    body = site(state="{}")
    body["metadata"] |= {"uid": made["metadata"]["uid"], "annotations": {"new": "2"}}
    first = await subject.cluster.apply(body)
    assert first["spec"]["state"] == "{}"
    assert first["metadata"]["annotations"]["new"] == "2"
    body["metadata"]["annotations"] = {"newer": "3"}
    second = await subject.cluster.apply(body)
    assert "new" not in second["metadata"]["annotations"]
    assert second["metadata"]["generation"] == first["metadata"]["generation"] == 2


async def test_an_apply_without_a_change_is_none(subject: Subject) -> None:
    """Applied again, the object keeps its version."""
    made = await subject.cluster.create(site())
    body = site(state="{}")
    body["metadata"]["uid"] = made["metadata"]["uid"]
    first = await subject.cluster.apply(body)
    second = await subject.cluster.apply(body)
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


async def test_an_apply_brings_nothing_back(subject: Subject) -> None:
    """The UID that was seen protects what came after it, and what is gone."""
    made = await subject.cluster.create(site())
    body = site(state="{}")
    body["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(errors.Refused):
        await subject.cluster.apply(body)
    await subject.cluster.delete(Ref(ports.SITE, "acme", made["metadata"]["uid"]))
    body["metadata"]["uid"] = made["metadata"]["uid"]
    with pytest.raises(errors.Conflict):
        await subject.cluster.apply(body)
    assert await subject.cluster.get(ports.SITE, "acme") is None


async def test_what_is_immutable_is_refused(subject: Subject) -> None:
    """The graph's fixed fields cannot be changed by mistake."""
    made = await subject.cluster.create(site())
    body = site(host="other.test")
    body["metadata"]["uid"] = made["metadata"]["uid"]
    with pytest.raises(errors.Refused):
        await subject.cluster.apply(body)


async def test_a_status_needs_the_version_that_was_seen(subject: Subject) -> None:
    """A stale writer is told so; an equal status moves nothing."""
    made = subject.people(clone())
    version = made["metadata"]["resourceVersion"]
    first = await subject.cluster.apply_status("acme", version, status("one"))
    with pytest.raises(errors.Conflict):
        await subject.cluster.apply_status("acme", version, status("two"))
    now = first["metadata"]["resourceVersion"]
    again = await subject.cluster.apply_status("acme", now, status("one"))
    assert again["metadata"]["resourceVersion"] == now
    found = await subject.cluster.get(ports.CLONE, "acme")
    assert found is not None
    assert found["status"] == status("one")
    assert found["metadata"]["generation"] == 1


async def test_a_status_drops_what_is_no_longer_said(subject: Subject) -> None:
    """The whole status is ours: a field left out is gone."""
    made = subject.people(clone())
    long = {**status("one"), "url": "https://acme.test"}
    first = await subject.cluster.apply_status("acme", made["metadata"]["resourceVersion"], long)
    second = await subject.cluster.apply_status(
        "acme", first["metadata"]["resourceVersion"], status("one")
    )
    assert second["status"] == status("one")


async def test_a_status_of_nobody_is_not_found(subject: Subject) -> None:
    """A clone that is gone gets no status, and is not brought back."""
    with pytest.raises(errors.NotFound):
        await subject.cluster.apply_status("acme", "1", status("one"))
    assert await subject.cluster.get(ports.CLONE, "acme") is None


async def test_finalizers_need_the_version_that_was_seen(subject: Subject) -> None:
    """Nobody's finalizer is lost to a stale writer; the last one lets a dying clone go."""
    made = subject.people(clone())
    version = made["metadata"]["resourceVersion"]
    held = await subject.cluster.set_finalizers("acme", version, (labels.FINALIZER,))
    with pytest.raises(errors.Conflict):
        await subject.cluster.set_finalizers("acme", version, ())
    await subject.cluster.delete(Ref(ports.CLONE, "acme", made["metadata"]["uid"]))
    dying = await subject.cluster.get(ports.CLONE, "acme")
    assert dying is not None
    assert dying["metadata"]["deletionTimestamp"]
    assert held["metadata"]["finalizers"] == [labels.FINALIZER]
    now = dying["metadata"]["resourceVersion"]
    await subject.cluster.set_finalizers("acme", now, ())
    assert await subject.cluster.get(ports.CLONE, "acme") is None


async def test_a_delete_touches_only_what_was_seen(subject: Subject) -> None:
    """Another UID is a conflict; what is gone already is fine."""
    made = await subject.cluster.create(site())
    with pytest.raises(errors.Conflict):
        await subject.cluster.delete(Ref(ports.SITE, "acme", "other"))
    ref = Ref(ports.SITE, "acme", made["metadata"]["uid"])
    await subject.cluster.delete(ref)
    await subject.cluster.delete(ref)
    assert await subject.cluster.get(ports.SITE, "acme") is None


async def test_lists_choose_by_label_and_field(subject: Subject) -> None:
    """Only what carries the UID, only what is about the object."""
    await subject.cluster.create(site())
    assert len(await subject.cluster.list(ports.SITE, labelled=f"{labels.UID}=1")) == 1
    assert await subject.cluster.list(ports.SITE, labelled=f"{labels.UID}=2") == []
    fields = "involvedObject.uid=nobody,reason=FailedCreate"
    assert await subject.cluster.list(ports.EVENT, fields=fields) == []


async def test_the_log_of_no_pod_is_empty(subject: Subject) -> None:
    """A pod that is gone, or not there yet, has said nothing."""
    assert await subject.cluster.tail("nobody", 5) == ""
