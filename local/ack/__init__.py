# SPDX-License-Identifier: Apache-2.0
"""Stands in for AWS Controllers for Kubernetes, or starts the real ones, on the local cluster."""
