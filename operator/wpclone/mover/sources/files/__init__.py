# SPDX-License-Identifier: Apache-2.0
"""Reads the files of a site from where nobody answers for it: a folder, or a tar archive."""
