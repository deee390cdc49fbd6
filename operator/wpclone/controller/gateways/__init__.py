# SPDX-License-Identifier: Apache-2.0
"""Speak to the outside: the cluster, the database servers, the public route, the clock.

One file per neighbour, one SDK per file; foreign errors become ours here and nowhere else.
"""
