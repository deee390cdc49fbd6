# SPDX-License-Identifier: Apache-2.0
"""A live WordPress site as a source: an administrator's login, our plugin, a signed stream."""
