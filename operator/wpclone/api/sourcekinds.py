# SPDX-License-Identifier: Apache-2.0
"""Names the kinds of sources, and the choices that each leaves to a person."""

from __future__ import annotations

from enum import StrEnum


class SourceKind(StrEnum):
    """Where the content comes from."""

    SITE = "site"
    DATABASE = "database"
    ARCHIVE = "archive"
    CLONE = "clone"
    BLANK = "blank"


class TLSMode(StrEnum):
    """How a connection to a source's database is protected, in MySQL's own words."""

    VERIFY_IDENTITY = "VerifyIdentity"
    VERIFY_CA = "VerifyCA"
    REQUIRED = "Required"
    DISABLED = "Disabled"


class ArchiveFormat(StrEnum):
    """What an archive is."""

    AUTO = "Auto"
    EXPORT = "Export"
    DUMP = "Dump"


class AgentPolicy(StrEnum):
    """Whether the mover may bring the agent plugin to the source."""

    AUTO = "Auto"
    EXISTING = "Existing"
