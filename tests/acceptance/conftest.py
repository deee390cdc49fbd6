# SPDX-License-Identifier: Apache-2.0
"""Sets the same stage as the stories in small."""

from tests.e2e.conftest import preview, stage

__all__ = ["preview", "stage"]
