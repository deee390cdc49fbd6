# SPDX-License-Identifier: Apache-2.0
"""Lists every reason that `Ready` may show, and what kind of reason each one is."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """A reason of the condition `Ready`: what `kubectl get` shows as STATUS."""

    PENDING = "Pending"
    QUOTA_EXCEEDED = "QuotaExceeded"
    INSPECTING = "Inspecting"
    PROVISIONING_DATABASE = "ProvisioningDatabase"
    IMPORTING = "Importing"
    STARTING_SITE = "StartingSite"
    AVAILABLE = "Available"
    SUSPENDED = "Suspended"
    EXPIRED = "Expired"
    REAPED = "Reaped"
    DELETING = "Deleting"

    INVALID_SPEC = "InvalidSpec"
    SOURCE_UNREACHABLE = "SourceUnreachable"
    SOURCE_ADDRESS_FORBIDDEN = "SourceAddressForbidden"
    SOURCE_REDIRECTS = "SourceRedirects"
    SOURCE_TLS_INVALID = "SourceTLSInvalid"
    SOURCE_REFUSED_LOGIN = "SourceRefusedLogin"
    SOURCE_NEEDS_SECOND_FACTOR = "SourceNeedsSecondFactor"
    SOURCE_NOT_WORDPRESS = "SourceNotWordPress"
    SOURCE_BLOCKED_BY_FIREWALL = "SourceBlockedByFirewall"
    SOURCE_IN_MAINTENANCE = "SourceInMaintenance"
    SOURCE_LAYOUT_UNSUPPORTED = "SourceLayoutUnsupported"
    SOURCE_LOST = "SourceLost"
    SOURCE_TOO_LARGE = "SourceTooLarge"
    SOURCE_TOO_SLOW = "SourceTooSlow"
    MULTISITE_UNSUPPORTED = "MultisiteUnsupported"
    AGENT_MISSING = "AgentMissing"
    AGENT_INSTALL_REFUSED = "AgentInstallRefused"
    IMAGE_OLDER_THAN_SOURCE = "ImageOlderThanSource"
    IMAGE_LACKS_EXTENSION = "ImageLacksExtension"
    CREDENTIALS_MISSING = "CredentialsMissing"
    CREDENTIALS_INVALID = "CredentialsInvalid"
    CREDENTIALS_NOT_ALLOWED = "CredentialsNotAllowed"
    DATABASE_UNAVAILABLE = "DatabaseUnavailable"
    DATABASE_TIMEOUT = "DatabaseTimeout"
    DATABASE_FULL = "DatabaseFull"
    DATABASE_LOST = "DatabaseLost"
    DATABASE_ENGINE_MISMATCH = "DatabaseEngineMismatch"
    IMPORT_FAILED = "ImportFailed"
    VERIFICATION_FAILED = "VerificationFailed"
    STORAGE_FULL = "StorageFull"
    WAITING_FOR_NODE = "WaitingForNode"
    VOLUME_PENDING = "VolumePending"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    POD_QUOTA_EXCEEDED = "PodQuotaExceeded"
    SITE_UNHEALTHY = "SiteUnhealthy"
    ROUTE_NOT_RESOLVING = "RouteNotResolving"
    ROUTE_UNREACHABLE = "RouteUnreachable"
    CERTIFICATE_INVALID = "CertificateInvalid"
    NAME_CONFLICT = "NameConflict"
    ORCHESTRATOR_MISSING = "OrchestratorMissing"
    PROVISIONING_DEADLINE = "ProvisioningDeadline"
    INTERNAL_ERROR = "InternalError"


# On the way, all being well: `Reconciling`.
WORKING: Final = frozenset(
    {
        Reason.PENDING,
        Reason.QUOTA_EXCEEDED,
        Reason.INSPECTING,
        Reason.PROVISIONING_DATABASE,
        Reason.IMPORTING,
        Reason.STARTING_SITE,
        Reason.DELETING,
    }
)

# At rest, as asked for: neither `Reconciling` nor `Stalled`.
RESTING: Final = frozenset({Reason.AVAILABLE, Reason.SUSPENDED, Reason.EXPIRED, Reason.REAPED})

# Trouble that can end without a person (a node arrives, a server comes back): `Reconciling`, and
# the reason says what is waited for. It becomes a failure by the provisioning deadline only.
HEALING: Final = frozenset(
    {
        Reason.DATABASE_UNAVAILABLE,
        Reason.WAITING_FOR_NODE,
        Reason.VOLUME_PENDING,
        Reason.IMAGE_PULL_FAILED,
        Reason.POD_QUOTA_EXCEEDED,
        Reason.SITE_UNHEALTHY,
        Reason.ROUTE_NOT_RESOLVING,
        Reason.ROUTE_UNREACHABLE,
        Reason.CERTIFICATE_INVALID,
        Reason.ORCHESTRATOR_MISSING,
        Reason.INTERNAL_ERROR,
    }
)

# A person must act: `Stalled`.
FAILURES: Final = frozenset(Reason) - WORKING - RESTING - HEALING

# Nothing follows; the record stays so that GitOps does not bring the clone back.
FINAL: Final = frozenset({Reason.REAPED})
