# SPDX-License-Identifier: Apache-2.0
"""Builds the rewriter's engine from `native/` and puts it where Python finds it.

`python -m local.native` does it by itself, for whoever needs no cluster. The compiler is the one
on the PATH, or else Debian's; the crates are those of `native/Cargo.lock`.
"""

import hashlib
import platform
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from local import packages, paths, say
from local.errors import CommandFailed, LocalError
from local.locks import exclusive
from local.shell import run

FILE = "wpclone_native.abi3.so"
SOURCE = paths.REPOSITORY / "native"
_COMPILER = ("cargo", "rustc")
_SCRATCH = ".building-"
_KINDS = {".rs", ".toml", ".lock"}
# Up to 1.67, cargo needs to be told to ask crates.io's index file by file: the other way is to
# clone all of it.
_SPARSE_SINCE = (1, 68)
_SPARSE = {"RUSTC_BOOTSTRAP": "1", "CARGO_UNSTABLE_SPARSE_REGISTRY": "true"}
_VENDORED = """\
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
"""


def fingerprint() -> str:
    """Return a hash of everything that decides what the engine does."""
    digest = hashlib.sha256(platform.machine().encode())
    for file in _sources():
        digest.update(f"{file.relative_to(SOURCE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def target() -> Path:
    """Return the folder of this very state of the engine, built or to be built."""
    return paths.cache() / "native" / fingerprint()


def missing() -> list[str]:
    """Return the engine's name if it is not built."""
    return [] if (target() / FILE).exists() else ["native"]


def build() -> None:
    """Build the engine unless it is built, and have this Python find it."""
    with (
        exclusive(paths.cache() / "native.lock", "Another build of the engine is running."),
        say.step("native", "engine built") as note,
    ):
        if missing():
            _build()
        else:
            note.text = "engine is built"
        install()


def install() -> None:
    """Put the built engine among the packages of the Python that runs this."""
    built, there = target() / FILE, Path(sysconfig.get_paths()["platlib"]) / FILE
    if not there.exists() or there.read_bytes() != built.read_bytes():
        paths.write(there, built.read_bytes(), 0o755)


def _sources() -> list[Path]:
    found = (path for path in SOURCE.rglob("*") if path.suffix in _KINDS)
    return sorted(path for path in found if "target" not in path.parts)


def _build() -> None:
    if not all(map(shutil.which, _COMPILER)):
        packages.install(_COMPILER)
    folder = target()
    folder.parent.mkdir(parents=True, exist_ok=True)
    paths.remove_scratch(folder.parent, f"{_SCRATCH}*")
    paths.remove_scratch(folder.parent, "[0-9a-f]*", keep=2)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_SCRATCH) as scratch:
        result = _compile(Path(scratch))
        # It appears whole or not at all: a killed build leaves a scratch directory.
        result.replace(folder)


def _compile(scratch: Path) -> Path:
    """Compile a copy of the sources; return a folder with the engine in it."""
    tree, result = scratch / "tree", scratch / "done"
    for file in _sources():
        paths.write(tree / file.relative_to(SOURCE), file.read_bytes())
    run(["cargo", "vendor", "--quiet", "--locked"], cwd=tree, env=_index(), timeout=600)
    paths.write(tree / ".cargo" / "config.toml", _VENDORED)
    run(["nice", "cargo", "build", "--quiet", "--release", "--frozen"], cwd=tree, timeout=1800)
    result.mkdir()
    shutil.copyfile(tree / "target" / "release" / "libwpclone_native.so", result / FILE)
    (result / FILE).chmod(0o755)
    return result


def _index() -> dict[str, str]:
    try:
        version = run(["cargo", "--version"]).split()[1]
    except CommandFailed as error:
        raise LocalError("Building the rewriter's engine needs Rust 1.63 or newer.") from error
    parts = tuple(int(part) for part in version.split(".")[:2])
    return {} if parts >= _SPARSE_SINCE else _SPARSE


def main() -> int:
    """Build the engine; a failure is a sentence."""
    try:
        build()
    except LocalError as error:
        say.problem(f"{error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
