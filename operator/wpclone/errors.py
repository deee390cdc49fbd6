# SPDX-License-Identifier: Apache-2.0
"""Names what can go wrong, for every program.

WPCloneError
├── InvalidSpec          the resource can never work as it is written
├── NotFound             what was asked for does not exist
├── Transient            try again later; nobody needs to be told
│   └── Conflict         somebody else wrote first: read again, plan again
├── Refused              the other side said no, and will again
├── Fenced               this process no longer holds the lease and may not write
├── SourceError          the site to be copied cannot be copied, with its reason
├── ImportFailed         the copy cannot be completed, with its reason
└── TruncatedDump        a SQL stream ended inside a statement
"""

from __future__ import annotations


class WPCloneError(Exception):
    """The root: catch it only where a decision is made about every one of them."""


class InvalidSpec(WPCloneError):  # noqa: N818  reads as a sentence where it is raised
    """The resource can never work as it is written; its text says why, to a person."""


class NotFound(WPCloneError):  # noqa: N818  likewise
    """What was asked for does not exist."""


class Transient(WPCloneError):  # noqa: N818  likewise
    """The other side is unwell; the same call may succeed later.

    `retry_after` is in seconds, or None where the other side named no time.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keep what the other side said of when to come back."""
        super().__init__(message)
        self.retry_after = retry_after


class Conflict(Transient):
    """Somebody else wrote first (HTTP 409, a failed precondition): read again, plan again."""


class Refused(WPCloneError):  # noqa: N818  likewise
    """The other side said no and will say no again (HTTP 403, 422, a field conflict)."""


class Fenced(WPCloneError):  # noqa: N818  likewise
    """The lease is lost or too old: whoever holds it now does the writing."""


class _Reasoned(WPCloneError):  # noqa: N818  likewise
    """Carries a reason of `Ready` and one sentence for a person."""

    def __init__(self, reason: str, message: str, *, retryable: bool = False) -> None:
        """Take a reason of the API's list, a sentence, and whether trying again can help."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retryable = retryable


class SourceError(_Reasoned):
    """The site to be copied cannot be copied; `reason` is one of the API's `Source…` reasons."""


class ImportFailed(_Reasoned):
    """The copy cannot be completed; `reason` is one of the API's reasons."""


class TruncatedDump(WPCloneError):  # noqa: N818  likewise
    """A SQL stream ended inside a statement or a literal, or could not be read as SQL at all."""
