# SPDX-License-Identifier: Apache-2.0
"""Builds the site image from its Dockerfile for tests, and sweeps up after killed ones."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from local import paths, rootfs
from local.locks import exclusive
from local.shell import run
from tests import mariadb

OURS = "wpclone-test-"  # and the number of the test's process


def missing() -> str | None:
    """Say what is missing to run the site image here, or None if nothing is."""
    if os.getuid() != 0:
        return "only root can run a container of its own"
    absent = [name for name in ("runc", "buildah", "mmdebstrap") if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else mariadb.missing()


def _buildah(*arguments: str | Path, timeout: float = 300) -> str:
    store = paths.cache() / "test-images"
    where = ["--root", str(store / "root"), "--runroot", str(store / "run")]
    words = ["nice", "buildah", *where, "--storage-driver", "overlay", *map(str, arguments)]
    return run(words, timeout=timeout).strip()


@contextlib.contextmanager
def image() -> Iterator[Path]:
    """Build wordpress/Dockerfile on our Debian base and give its root file system."""
    rootfs.build()
    base = f"localhost/wpclone-test/base:{rootfs.fingerprint()}"
    site = f"localhost/wpclone-test/site:{secrets.token_hex(4)}"
    folder = paths.REPOSITORY / "wordpress"
    with exclusive(paths.cache() / "test-images.lock", "Another test builds the image; waiting."):
        if base.split(":")[1] not in _buildah("images", "--format", "{{.Tag}}").split():
            container = _buildah("from", "scratch")
            _buildah("add", "-q", container, rootfs.archive(), "/")
            _buildah("commit", "-q", "--rm", "--disable-compression", container, base)
        how = ["--isolation", "chroot", "--network", "host", "--format", "docker"]
        what = ["--disable-compression", "--build-arg", f"BASE={base}", "-t", site]
        _buildah("bud", "-q", *how, *what, folder)
        _sweep()
        container = _buildah("from", "--name", f"{OURS}{os.getpid()}-{site.split(':')[1]}", site)
        mounted = Path(_buildah("mount", container))
    try:
        yield mounted
    finally:
        _buildah("rm", container)
        _buildah("rmi", site)


def _sweep() -> None:
    """Remove what tests that were killed have left."""
    for name in run(["runc", "list", "--quiet"]).split():
        if _orphaned(name):
            run(["runc", "delete", "--force", name])
    for name in _buildah("containers", "--format", "{{.ContainerName}}").split():
        if _orphaned(name):
            _buildah("rm", name)


def _orphaned(name: str) -> bool:
    owner = name.removeprefix(OURS).split("-")[0]
    return name.startswith(OURS) and owner.isdigit() and not Path("/proc", owner).exists()
