# SPDX-License-Identifier: Apache-2.0
"""Specifies how an API object becomes a clone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wpclone import errors
from wpclone.api import clones, secrets
from wpclone.api.fields import Forever
from wpclone.api.sourcekinds import SourceKind
from wpclone.api.spec import Access


def body(spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a clone as the API server gives it."""
    meta = {
        "name": "acme",
        "namespace": "wordpress-staging",
        "uid": "4f0e1c2d-aaaa-4bbb-8ccc-0123456789ab",
        "generation": 2,
        "resourceVersion": "77",
        "creationTimestamp": "2030-01-01T10:00:00Z",
        **more.pop("metadata", {}),
    }
    return {"metadata": meta, "spec": spec, **more}


SITE = {"site": {"url": "https://www.acme.test", "credentialsRef": {"name": "acme-admin"}}}


def test_a_clone_is_read() -> None:
    """Fields become values: enums, lengths, times."""
    spec = {
        "source": SITE,
        "ttl": "4h",
        "extendUntil": "2030-01-02T00:00:00+02:00",
        "safety": {"access": "Public"},
        "site": {"resources": {"requests": {"cpu": 1}}},
    }
    clone = clones.parse(body(spec))
    assert clone.spec.source.kind is SourceKind.SITE
    assert clone.spec.ttl == timedelta(hours=4)
    assert clone.spec.extend_until == datetime(2030, 1, 1, 22, tzinfo=UTC)
    assert clone.spec.safety is not None
    assert clone.spec.safety.access is Access.PUBLIC
    assert clone.spec.site is not None
    assert clone.spec.site.to_json() == {"resources": {"requests": {"cpu": "1"}}}
    assert (clone.meta.generation, clone.meta.resource_version) == (2, "77")


def test_a_lifetime_may_be_endless() -> None:
    """Never is a value of its own, not a very long time."""
    assert clones.parse(body({"source": {"blank": {}}, "ttl": "Never"})).spec.ttl is Forever.NEVER


@pytest.mark.parametrize(
    ("spec", "said", "reason"),
    [
        ({}, "spec.source: field required", "nothing is asked for"),
        ({"source": {}}, "name exactly one of site, database, archive, clone, blank", "no source"),
        (
            {"source": {**SITE, "blank": {}}},
            "name exactly one of site, database, archive, clone, blank",
            "two sources",
        ),
        ({"source": SITE, "ttl": "1d"}, "spec.ttl: '1d' is not a duration", "a bad duration"),
        (
            {"source": SITE, "identity": {"grants": ["s3"]}},
            "spec.identity: extra inputs are not permitted",
            "a wish this operator is too old to fulfil must not be overlooked",
        ),
    ],
)
def test_a_spec_that_cannot_be_read_says_why(spec: dict[str, Any], said: str, reason: str) -> None:
    """One sentence names the field; the value, which may be secret, is not repeated."""
    with pytest.raises(errors.InvalidSpec) as caught:
        clones.parse(body(spec))
    assert said in str(caught.value), reason


def test_an_unreadable_clone_can_still_be_torn_down() -> None:
    """What tearing down needs is in the metadata alone."""
    ending = {
        "deletionTimestamp": "2030-01-01T11:00:00Z",
        "finalizers": ["clones.betaweb.ai/reap"],
    }
    meta = clones.metadata(body({"source": "nonsense"}, metadata=ending))
    assert meta.held
    assert meta.deleting_since == datetime(2030, 1, 1, 11, tzinfo=UTC)


def test_an_unknown_status_is_overlooked() -> None:
    """A status of a newer operator, or a broken one, stops nothing."""
    spec: dict[str, Any] = {"source": {"blank": {}}}
    newer = clones.parse(body(spec, status={"url": "https://acme.test", "shiny": 1}))
    assert newer.status.url == "https://acme.test"
    broken = clones.parse(body(spec, status={"conditions": "none"}))
    assert broken.status.conditions == ()


@pytest.mark.parametrize(
    ("metadata", "kept", "reason"),
    [
        ({}, False, "applied by hand"),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, True, "made by Helm"),
        ({"labels": {"argocd.argoproj.io/instance": "clones"}}, True, "tracked by Argo CD"),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}, True, "tracked by Argo CD 3"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, True, "tracked by Flux"),
    ],
)
def test_whose_record_is_kept(metadata: dict[str, Any], *, kept: bool, reason: str) -> None:
    """What GitOps or Helm keeps would come back if we deleted it."""
    meta = clones.metadata(body({}, metadata=metadata))
    assert meta.kept_by_others is kept, reason


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (["username", "password"], None),
        (["username", "application-password"], None),
        (["agent-key"], None),
        (["username"], "'password'"),
        (["password"], "'username'"),
        ([], "'username'"),
    ],
)
def test_a_source_secret_is_judged_by_its_keys(keys: list[str], problem: str | None) -> None:
    """A Secret that cannot serve is named with what it lacks."""
    said = secrets.source_problem(keys)
    if problem is None:
        assert said is None
    else:
        assert said is not None
        assert problem in said
