# SPDX-License-Identifier: Apache-2.0
"""The inspect and import Jobs: stream a site's SQL and files into a clone."""
