# SPDX-License-Identifier: Apache-2.0
"""Reads Kubernetes quantities, such as 250m or 5Gi, as numbers."""

from __future__ import annotations

from typing import Final

_UNITS: Final = {
    "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def amount(quantity: str) -> float:
    """Return a valid quantity as a number."""
    digits = quantity.rstrip("mkKMGTPEi")
    return float(digits) * _UNITS[quantity[len(digits) :]]
