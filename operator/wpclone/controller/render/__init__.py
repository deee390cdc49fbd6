# SPDX-License-Identifier: Apache-2.0
"""Builds each manifest we own as a plain value: a file per kind, no decisions, no IO."""
