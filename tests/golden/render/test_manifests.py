# SPDX-License-Identifier: Apache-2.0
"""The manifests that the operator makes, exactly; a reviewer reads the diff of what will run.

UPDATE_GOLDEN=1 renews the files.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.world import SITE, settings
from wpclone.api.clones import CloneSpec, Metadata
from wpclone.controller.render import event, inspect_job, instance, secret
from wpclone.controller.settings import Settings

HERE = Path(__file__).parent
META = Metadata(
    namespace="wordpress-staging",
    name="acme",
    uid="01234567-89ab-cdef-0123-456789abcdef",
    generation=1,
    resource_version="1",
    created=datetime(2026, 11, 25, tzinfo=UTC),
)
SPEC = CloneSpec.model_validate({"source": SITE, "customer": "acme-corp"})
FULL = settings(
    images={"site": "site:1", "mover": "mover:1", "pullSecret": "registry"},
    placement={
        "mover": {"nodeSelector": {"pool": "spot"}, "tolerations": [{"operator": "Exists"}]},
    },
)


def inspection(chosen: Settings) -> dict[str, Any]:
    """Return the inspect Job."""
    attempt = inspect_job.Attempt(1, "https://acme.clones.test", "{}", {"mark": "1"})
    return inspect_job.manifest(META, SPEC, chosen, attempt)


def credentials() -> dict[str, Any]:
    """Return the Secret, its random values replaced."""
    body = secret.manifest(
        META, "test", "acme-corp", url="https://acme.clones.test", database_host="db.test"
    )
    return secret.filled(body, {key: f"random-{key}" for key in secret.CHANCE})


def graph() -> dict[str, Any]:
    """Return the instance."""
    choice = instance.Choice(
        host="acme.clones.test",
        url="https://acme.clones.test",
        server=FULL.databases[0],
        storage="2Gi",
        prefix="wp_",
        display="www.acme.example",
        config="{}",
        deadline_seconds=3600,
        state="{}",
    )
    body = instance.spec(META, SPEC, FULL, choice)
    return instance.create(body, META, FULL, "acme-corp", {"mark": "1"})


def told() -> dict[str, Any]:
    """Return an Event."""
    note = event.Note("available.7", "Available", "Open it", warning=False)
    return event.manifest(META, note, datetime(2026, 11, 25, 12, tzinfo=UTC))


CASES = {
    "inspect-job": lambda: inspection(FULL),
    "inspect-job-plain": lambda: inspection(settings()),
    "secret": credentials,
    "instance": graph,
    "event": told,
}


@pytest.mark.parametrize("name", CASES)
def test_manifest(name: str) -> None:
    """What is made is what was reviewed."""
    file = HERE / f"{name}.golden.yaml"
    text = yaml.safe_dump(CASES[name](), sort_keys=True, width=100)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text)
    assert file.read_text() == text
