# SPDX-License-Identifier: Apache-2.0
"""Says why the agent does not let us in, and what a person can do about it."""

from __future__ import annotations

from typing import Final

from wpclone.api import advice
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources import agent_zip
from wpclone.mover.sources.site import envelope
from wpclone.mover.sources.site.channel import Refusal

_REFUSED_LOGIN: Final = frozenset(
    {
        "incorrect_password",
        "invalid_username",
        "invalid_email",
        "invalid_application_password",
        "application_passwords_disabled",
        "application_passwords_disabled_for_user",
    }
)


def refused(error: Refusal) -> SourceError:
    """Return the error for what WordPress or the agent itself has refused."""
    said = clean(error.message, 120)
    if error.code == "wpclone_capability":
        return SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            "The source's login works, but not for an administrator",
        )
    if error.code == "wpclone_key":
        return SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            "The source does not know the pairing key; create a new one under Tools,"
            " WordPress Clone",
        )
    if error.code in _REFUSED_LOGIN:
        return SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            f"The source refused the Application Password; {advice.CHECK_LOGIN} ({said})",
        )
    return SourceError(
        Reason.SOURCE_BLOCKED_BY_FIREWALL,
        f"The source's REST API refuses us ({clean(error.code, 60)}: {said}); a security plugin"
        f" has to allow the routes /{envelope.SPACE}/",
    )


def missing(home: str) -> SourceError:
    """Return the error for a site without the agent, where we may not bring it."""
    return SourceError(
        Reason.AGENT_MISSING,
        f"The agent plugin is not active on the source; upload {agent_zip.NAME} at"
        f" {home}/wp-admin/plugin-install.php?tab=upload and activate it",
    )


def too_old(home: str) -> SourceError:
    """Return the error for a person's agent that speaks otherwise than we do."""
    return SourceError(
        Reason.AGENT_MISSING,
        f"The agent plugin on the source is of another version; upload {agent_zip.NAME} at"
        f" {home}/wp-admin/plugin-install.php?tab=upload in its place",
    )


def stumbled(error: Refusal) -> SourceError:
    """Return the error for WordPress' own word that a request of ours died in it."""
    return SourceError(
        Reason.SOURCE_LOST,
        f"The source fails while it answers us: {clean(error.message, 120)}",
        retryable=True,
    )
