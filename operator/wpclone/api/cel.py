# SPDX-License-Identifier: Apache-2.0
"""Builds the validation rules of a schema: a CEL expression and the sentence a person reads."""

from __future__ import annotations

from typing import Any, Final

KEY: Final = "x-kubernetes-validations"
# With this reason the API server does not repeat the refused value: it may hold a password, or be
# a whole object.
FORBIDDEN: Final = "FieldValueForbidden"
COPIED_ONCE: Final = "Content is copied once; make a new clone."


def rule(expression: str, message: str, **more: str) -> dict[str, str]:
    """Return one rule; `more` may give `reason` and `fieldPath`."""
    return {"rule": expression, "message": message, **more}


def text(limit: int, *rules: dict[str, str]) -> dict[str, Any]:
    """Return the schema of a string of at most `limit` characters that keeps `rules`."""
    return {"type": "string", "maxLength": limit, KEY: list(rules)}


def fixed(path: str) -> dict[str, str]:
    """Return the rule that an optional string below the spec never changes.

    It stands on the parent, because a rule on the field itself does not run when the field comes
    or goes.
    """
    now, before = given("self", path), given("oldSelf", path)
    return rule(
        f"({now}) == ({before}) && (!({now}) || self.{path} == oldSelf.{path})",
        COPIED_ONCE,
        reason=FORBIDDEN,
        fieldPath=f".{path}",
    )


def given(root: str, path: str) -> str:
    """Return the expression that is true if every step of `path` below `root` is there.

    Optional chaining would be shorter, but the API server's estimate of its cost has no bound.
    """
    steps = path.split(".")
    return " && ".join(f"has({root}.{'.'.join(steps[: n + 1])})" for n in range(len(steps)))
