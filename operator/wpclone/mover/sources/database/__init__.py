# SPDX-License-Identifier: Apache-2.0
"""Is a site's database and a place with its files as a source, without the site's own help."""
