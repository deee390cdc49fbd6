# SPDX-License-Identifier: Apache-2.0
"""The contract of a status, as code: what must hold whenever a pass has ended."""

from __future__ import annotations

from tests.fakes.world import Stage

PARTS = {"SourceReady", "DatabaseReady", "ContentReady", "SiteReady"}


def well_told(world: Stage, name: str = "acme") -> None:
    """Assert everything that a status promises to a person."""
    status = world.status(name)
    conditions = {known["type"]: known for known in status["conditions"]}
    generation = world.cluster.objects["wordpressclones", name]["metadata"]["generation"]
    assert {"Ready", *PARTS} <= set(conditions)
    assert status["observedGeneration"] == generation
    for known in conditions.values():
        assert known["observedGeneration"] == generation
        assert known["message"]
        assert known["message"].isprintable()
    abnormal = {"Reconciling", "Stalled"} & set(conditions)
    assert len(abnormal) <= 1
    ready = conditions["Ready"]
    if ready["status"] == "True":
        assert not abnormal
        assert all(conditions[part]["status"] == "True" for part in PARTS)
    if ready["reason"] in {"Suspended", "Expired", "Reaped"}:
        assert not abnormal
        assert ready["status"] == "False"
    elif ready["status"] != "True":
        assert abnormal
