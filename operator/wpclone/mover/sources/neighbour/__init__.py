# SPDX-License-Identifier: Apache-2.0
"""The rows of another clone on the same database server, which copies most of them by itself."""
