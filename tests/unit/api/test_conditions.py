# SPDX-License-Identifier: Apache-2.0
"""Specifies the conditions: which appear together, and when their time moves."""

from __future__ import annotations

import re
from typing import Any

import pytest

from wpclone.api import conditions, reasons
from wpclone.api.conditions import Status, Type
from wpclone.api.reasons import Reason

EARLIER, NOW = "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_gives_a_consistent_summary(reason: Reason) -> None:
    """Ready=True stands alone; Reconciling and Stalled never meet (kstatus)."""
    found = {one.type: one for one in conditions.summary(reason, "Something is so", 3)}
    ready = found[Type.READY]
    extra = set(found) - {Type.READY}
    assert ready.reason == reason
    assert len(extra) <= 1
    assert extra <= {Type.RECONCILING, Type.STALLED}
    if ready.status is Status.TRUE or reason in reasons.RESTING:
        assert not extra
    else:
        assert extra
    assert all(one.observed_generation == 3 for one in found.values())


@pytest.mark.parametrize(
    ("reason", "companion"),
    [
        (Reason.IMPORTING, Type.RECONCILING),
        (Reason.WAITING_FOR_NODE, Type.RECONCILING),
        (Reason.SOURCE_REFUSED_LOGIN, Type.STALLED),
        (Reason.PROVISIONING_DEADLINE, Type.STALLED),
        (Reason.EXPIRED, None),
        (Reason.REAPED, None),
        (Reason.SUSPENDED, None),
    ],
)
def test_who_has_to_act(reason: Reason, companion: Type | None) -> None:
    """We work while it reconciles; a person must act once it is stalled; at rest nobody must."""
    found = [one.type for one in conditions.summary(reason, "x", 1)]
    assert found == [Type.READY, *([companion] if companion else [])]


def test_kinds_of_reasons_cover_all_and_do_not_overlap() -> None:
    """Each reason is of exactly one kind."""
    kinds = (reasons.WORKING, reasons.RESTING, reasons.HEALING, reasons.FAILURES)
    assert sum(map(len, kinds)) == len(Reason)
    assert frozenset().union(*kinds) == frozenset(Reason)


def test_reasons_are_words() -> None:
    """A reason is one CamelCase word, as the API conventions ask."""
    assert all(re.fullmatch(r"[A-Z][A-Za-z]{2,63}", reason) for reason in Reason)


def _stored(**changes: Any) -> dict[str, Any]:
    return {
        "type": "SiteReady",
        "status": "False",
        "reason": "SitePending",
        "message": "old",
        "lastTransitionTime": EARLIER,
        **changes,
    }


@pytest.mark.parametrize(
    ("stored", "time", "why"),
    [
        ([_stored()], EARLIER, "another reason or message moves no time"),
        ([_stored(status="True")], NOW, "another status does"),
        ([_stored(type="Ready")], NOW, "another condition says nothing about this one"),
        ([], NOW, "a new condition starts now"),
    ],
)
def test_the_transition_time_moves_with_the_status_only(
    stored: list[dict[str, Any]], time: str, why: str
) -> None:
    """Times tell when the status changed, so that a quiet pass writes nothing."""
    wanted = [conditions.site_failed(Reason.SITE_UNHEALTHY, "The site does not answer", 2)]
    (found,) = conditions.stamped(wanted, stored, NOW)
    assert found["lastTransitionTime"] == time, why
    assert found["reason"] == "SiteUnhealthy"


def test_conditions_have_one_order() -> None:
    """The same conditions give the same list, whatever order they were made in."""
    made = [
        *conditions.summary(Reason.IMPORTING, "x", 1),
        conditions.site_waiting("x", 1),
        conditions.source_seen("acme", 1),
    ]
    first = conditions.stamped(made, [], NOW)
    assert first == conditions.stamped(list(reversed(made)), [], NOW)
    assert [one["type"] for one in first] == ["Ready", "SourceReady", "SiteReady", "Reconciling"]


def test_a_message_is_cleaned_and_capped() -> None:
    """Nothing of a source reaches a status with escape codes, or without end."""
    (found,) = conditions.stamped(
        [conditions.source_failed(Reason.SOURCE_LOST, "\x1b[31m" + "x" * 5000, 1)], [], NOW
    )
    assert len(found["message"]) == conditions.MAX_MESSAGE
    assert "\x1b" not in found["message"]
