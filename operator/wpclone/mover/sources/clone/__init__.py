# SPDX-License-Identifier: Apache-2.0
"""Another clone as a source, read through its guard inside the cluster."""
