# SPDX-License-Identifier: Apache-2.0
"""Names what helps in the words of an installation, so that other programs can use their own."""

from __future__ import annotations

from typing import Final

NOT_ALLOWED: Final = "and the operator's settings do not allow it"
NOT_HTTPS: Final = "which the settings demand"
CHECK_LOGIN: Final = "check the source Secret"
THE_LOGIN: Final = "The source Secret"
OUR_ADDRESS: Final = "the cluster's address"
