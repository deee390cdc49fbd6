# SPDX-License-Identifier: Apache-2.0
"""Says where things lie: what can be rebuilt in the cache, clusters in the state directory."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / "local" / "build"


def cache() -> Path:
    """Return the directory of all that can be built again."""
    return _below("XDG_CACHE_HOME", ".cache")


def state() -> Path:
    """Return the directory of all clusters."""
    return _below("XDG_STATE_HOME", ".local/state")


def _below(variable: str, default: str) -> Path:
    base = os.environ.get(variable)
    root = Path(base) if base else Path.home() / default
    return root / "wpclone"


@dataclass(frozen=True)
class Layout:
    """The directories and files of one cluster, all below one root."""

    root: Path

    @classmethod
    def of(cls, name: str) -> "Layout":
        """Return the layout of the cluster with this name."""
        return cls(state() / name)

    @property
    def etc(self) -> Path:
        """Configuration, rendered anew at each start."""
        return self.root / "etc"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def secrets(self) -> Path:
        """Passwords of the database accounts, a file each."""
        return self.root / "secrets"

    @property
    def run(self) -> Path:
        """Pid files and sockets."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """One log per part."""
        return self.root / "log"

    @property
    def images(self) -> Path:
        """What containerd holds; kept by a fresh start, because images take long to import."""
        return self.root / "images"

    @property
    def var(self) -> Path:
        """What the parts remember; emptied by a fresh start."""
        return self.root / "var"

    @property
    def volumes(self) -> Path:
        """The volumes, a directory each."""
        return self.var / "volumes"

    @property
    def outside(self) -> Path:
        """The outside host: its root file system, database and sites."""
        return self.root / "outside"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in."""
        return self.etc / "admin.conf"

    @property
    def containerd(self) -> Path:
        """The container runtime's socket."""
        return self.run / "containerd.sock"

    @property
    def audit(self) -> Path:
        """The API server's audit log: every write, by whom."""
        return self.log / "audit.log"


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Put a file in place whole or not at all, and never readable to others for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def remove_scratch(directory: Path, pattern: str, keep: int = 0) -> None:
    """Remove what killed or earlier builds left in a cache, but for the newest few."""
    found = sorted(directory.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in found[: len(found) - keep]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
