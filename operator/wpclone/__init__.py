# SPDX-License-Identifier: Apache-2.0
"""Copies live WordPress sites into Kubernetes, safely, and lets the copies vanish again."""
