# SPDX-License-Identifier: Apache-2.0
"""Speaks HTTP to hosts nobody trusts: only to vetted addresses, never for ever, never too much."""
