# SPDX-License-Identifier: Apache-2.0
"""Holds what the kinds of IAM share: policy documents, tags, and each other's addresses."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote

from local.ack.kube import Kind

GROUP: Final = "iam.services.k8s.aws"
ROLE: Final = Kind(GROUP, "Role", "roles")
POLICY: Final = Kind(GROUP, "Policy", "policies")
ARN: Final = ("status", "ackResourceMetadata", "arn")
MISSING: Final = frozenset({"NoSuchEntity", "NoSuchEntityException"})
TERMINAL: Final = frozenset({"InvalidInput", "InvalidInputException", "MalformedPolicyDocument"})


def document(told: Any) -> Any:
    """Return a policy document as data, however it was written."""
    if not isinstance(told, str):
        return told
    for text in (told, unquote(told)):
        try:
            return json.loads(text)
        except ValueError:
            continue
    return told


def text(told: Any) -> str:
    """Return a policy document as text."""
    return told if isinstance(told, str) else json.dumps(told)


def same(one: Any, other: Any) -> bool:
    """Tell whether two documents say the same."""
    return bool(document(one) == document(other))
