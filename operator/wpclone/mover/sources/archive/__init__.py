# SPDX-License-Identifier: Apache-2.0
"""An archive as a source: an export of ours, or a dump beside the files of its site."""
