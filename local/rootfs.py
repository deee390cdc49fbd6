# SPDX-License-Identifier: Apache-2.0
"""Makes the base root file system of all images, and of the outside host, from Debian packages."""

import hashlib
import shutil
from pathlib import Path

from local import paths, say
from local.locks import exclusive
from local.shell import run

SUITE = "trixie"
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")


def packages() -> list[str]:
    """Return the names of the packages in the base."""
    lines = (paths.BUILD / "rootfs" / "packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def fingerprint() -> str:
    """Return a hash of what decides the base.

    Debian's own updates join when the list changes or the cache is cleared.
    """
    return hashlib.sha256(repr((SUITE, _LEFT_OUT, packages())).encode()).hexdigest()[:12]


def php_extensions() -> list[str]:
    """Return the extensions that PHP in the base loads, in lower case, as PHP itself names them."""
    code = "echo implode(PHP_EOL, get_loaded_extensions());"
    told = run(["chroot", tree(), "php", "-r", code])
    return sorted({line.strip().lower() for line in told.splitlines() if line.strip()})


def archive() -> Path:
    """Return where the base's tar file is, or will be."""
    return paths.cache() / "rootfs" / f"{fingerprint()}.tar"


def tree() -> Path:
    """Return where the base is unpacked, or will be."""
    return paths.cache() / "rootfs" / fingerprint()


def build() -> None:
    """Make the base unless it is there: a tar file for images, a tree for the outside host."""
    with exclusive(paths.cache() / "rootfs.lock", "Another build makes the base; waiting for it."):
        _make_archive()
        _unpack()


def _make_archive() -> None:
    with say.step("rootfs", f"{SUITE} with {len(packages())} packages") as note:
        target = archive()
        if target.exists():
            note.text = f"{SUITE} base is built"
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_scratch(target.parent, ".making*")
        scratch = target.with_name(".making.tar")
        (target.parent / ".making").mkdir()
        leave_out = [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
        keep = "--dpkgopt=path-include=/usr/share/doc/*/copyright"
        include = f"--include={','.join(packages())}"
        try:
            # A killed run leaves its unpacked tree where the next one finds it.
            place = {"TMPDIR": str(target.parent / ".making")}
            debstrap = ["nice", "mmdebstrap", "--variant=minbase", "--mode=root"]
            run([*debstrap, *leave_out, keep, include, SUITE, scratch], timeout=1500, env=place)
            scratch.replace(target)
        finally:
            paths.remove_scratch(target.parent, ".making*")


def _unpack() -> None:
    with say.step("rootfs", "unpacked") as note:
        target = tree()
        if target.exists():
            note.text = "is unpacked"
            return
        scratch = target.with_name(f".{target.name}.unpacking")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        run(["tar", "--numeric-owner", "-xpf", archive(), "-C", scratch], timeout=600)
        scratch.replace(target)
