# SPDX-License-Identifier: Apache-2.0
"""Runs a script with mounts of its own, which nobody else sees or has to wait for."""

from __future__ import annotations

import shlex

from local import paths


def apart(script: str) -> list[str]:
    """Return the command that runs a script of the shell in a mount namespace of its own.

    It begins without the mounts of local clusters: its copy of one would keep the volume busy for
    as long as the script runs, after the cluster has been stopped.
    """
    clusters = shlex.quote(f"{paths.state()}/")
    leave = (
        f"awk -v at={clusters} 'index($5, at) == 1 {{print $5}}' /proc/self/mountinfo"
        " | sort --reverse | xargs --no-run-if-empty --max-args=1 umount --lazy"
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f"{leave}; {script}"]
