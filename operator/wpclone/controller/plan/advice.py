# SPDX-License-Identifier: Apache-2.0
"""Adds the next step to a failure that the mover reported: what a person does about it."""

from __future__ import annotations

from typing import Final

from wpclone.api import labels
from wpclone.api.clones import Metadata
from wpclone.api.reasons import Reason

# The address cannot be changed: content is copied once.
_ADDRESS: Final = frozenset(
    {Reason.SOURCE_ADDRESS_FORBIDDEN, Reason.SOURCE_REDIRECTS, Reason.SOURCE_NOT_WORDPRESS}
)
# Nothing that anybody could repair within a clone's life.
_NEVER: Final = frozenset(
    {
        Reason.MULTISITE_UNSUPPORTED,
        Reason.SOURCE_LAYOUT_UNSUPPORTED,
        Reason.SOURCE_TOO_LARGE,
        Reason.NAME_CONFLICT,
    }
)
_LOGIN: Final = frozenset(
    {
        Reason.SOURCE_REFUSED_LOGIN,
        Reason.SOURCE_NEEDS_SECOND_FACTOR,
        Reason.CREDENTIALS_INVALID,
    }
)


def looked(meta: Metadata, reason: Reason, message: str) -> str:
    """Return why the source could not be inspected, and what helps."""
    if reason in _LOGIN:
        return _sentences(message, "A corrected Secret is tried at once")
    return copied(meta, reason, message)


def copied(meta: Metadata, reason: Reason, message: str) -> str:
    """Return why the source could not be copied, and what helps."""
    if reason in _NEVER:
        return _sentences(message, "Another attempt would end the same: delete the clone")
    if reason is Reason.INVALID_SPEC:
        return _sentences(message, "Nothing was copied; make a new clone without it")
    if reason in _ADDRESS:
        return _sentences(message, "If the address is wrong, make a new clone with the right one")
    return _sentences(message, f"To try again: {again(meta)}")


def again(meta: Metadata) -> str:
    """Return the command that asks for another attempt: any new value does."""
    return (
        f"kubectl annotate wordpressclone {meta.name} --namespace {meta.namespace}"
        f" {labels.RECONCILE}=$(date +%s) --overwrite"
    )


def _sentences(first: str, second: str) -> str:
    return f"{first.rstrip('.')}. {second}"
