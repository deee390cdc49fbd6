# SPDX-License-Identifier: Apache-2.0
"""A local AWS with AWS's own time and moods: moto, behind a front of ours."""
