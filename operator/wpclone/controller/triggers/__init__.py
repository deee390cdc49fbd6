# SPDX-License-Identifier: Apache-2.0
"""Turns watch events into "wake this key", deciding nothing else."""

from wpclone.controller.triggers.news import News
from wpclone.controller.triggers.watches import registry

__all__ = ["News", "registry"]
