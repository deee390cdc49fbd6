# SPDX-License-Identifier: Apache-2.0
"""Shows the whole project at work: a cluster, a live site elsewhere, one manifest, a safe copy."""
