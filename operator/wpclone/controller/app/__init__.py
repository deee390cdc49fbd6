# SPDX-License-Identifier: Apache-2.0
"""Builds settings, clients, queue and triggers, and wires them, once."""

from wpclone.controller.app.operate import operate

__all__ = ["operate"]
