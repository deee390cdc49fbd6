# SPDX-License-Identifier: Apache-2.0
"""Reads a file that lies on a web server or in an S3 bucket, from any place of it on."""
