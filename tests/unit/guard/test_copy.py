# SPDX-License-Identifier: Apache-2.0
"""Whom the guard lets copy the clone: only whoever signs with a key made for that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.guard import php
from wpclone.api import secrets
from wpclone.mover.sources.site import envelope

UID = "5e0c1a2b-0000-4000-8000-00000000c10e"
SALT = "the clone's secret"
NOW = 1_795_000_000
PATH = "/.wpclone/copy/wp-json/wpclone-agent/v1/"


def body(route: str = "rows", **changes: Any) -> str:
    """Return a request's body as the mover writes it, signed for a route."""
    parts: dict[str, Any] = {"key": secrets.copy_key(SALT, UID), "session": UID, "now": NOW}
    parts |= {"nonce": "n" * 32, **changes}
    return envelope.write("POST", route, {"table": "wp_posts"}, **parts).decode()


def asked(text: str, *, path: str = "rows", method: str = "POST", secret: str = SALT) -> str | None:
    """Return the route that the guard understands."""
    expression = (
        "copy_route(a_request(['method' => $case[0], 'path' => $case[1]]),"
        " $case[2], $case[3], $case[4])"
    )
    (route,) = php.call(expression, [[method, PATH + path, text, secret, NOW]])
    return route if route is None else str(route)


def test_both_sides_make_the_same_key() -> None:
    """The operator makes it, the guard makes it again; each clone has another one."""
    (made,) = php.call("copy_key($case[0], $case[1])", [[SALT, UID]])
    assert made == secrets.copy_key(SALT, UID)
    assert made != secrets.copy_key(SALT, UID.replace("5", "6"))


@pytest.mark.parametrize("route", ["manifest", "tables", "rows", "value", "files", "fetch"])
def test_a_signed_request_is_let_in(route: str) -> None:
    """Each of the routes that read, and only as it was signed."""
    assert asked(body(route), path=route) == route


REFUSED: dict[str, dict[str, Any]] = {
    "a signature for another route": {"text": body("files")},
    "a route that changes something": {"text": body("finish"), "path": "finish"},
    "a route that opens sessions": {"text": body("open"), "path": "open"},
    "a request that only asks": {"text": body(), "method": "GET"},
    "another clone's key": {"text": body(key=secrets.copy_key(SALT, "other"))},
    "the gate's key": {"text": body(key="key")},
    "no signature": {"text": body(key=None)},
    "a clone without a secret": {"text": body(key=secrets.copy_key("", UID)), "secret": ""},
    "another secret": {"text": body(), "secret": "another"},
    "no envelope": {"text": "{}"},
    "no JSON": {"text": "<html>"},
    "arrays in place of texts": {"text": json.dumps({"auth": {"mac": []}, "args": "{}"})},
    "arguments that were changed": {"text": body().replace("wp_posts", "wp_users")},
    "a path that goes on": {"text": body(), "path": "rows/.."},
    "too much": {"text": body() + " " * 4_200_000},
}


@pytest.mark.parametrize("case", REFUSED)
def test_everybody_else_is_not(case: str) -> None:
    """Whatever is wrong with a request, it is one like any other at a hidden address."""
    assert asked(**REFUSED[case]) is None, case


@pytest.mark.parametrize("ahead", [-301, 301])
def test_a_signature_of_another_time_is_told_so(ahead: int) -> None:
    """An old request cannot be sent again; a clock that is wrong can be corrected."""
    assert asked(body(now=NOW + ahead)) == "late"
    assert asked(body(now=NOW + ahead // 2)) == "rows"
