# SPDX-License-Identifier: Apache-2.0
"""Puts a generated WordPress site, with a database of its own, on a host outside the cluster."""
