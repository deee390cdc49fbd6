# SPDX-License-Identifier: Apache-2.0
"""Runs one pass: observe, plan, execute, publish."""
