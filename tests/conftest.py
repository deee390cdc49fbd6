# SPDX-License-Identifier: Apache-2.0
"""Offers the fixtures that every layer of tests may ask for."""

pytest_plugins = ["tests.cluster"]
