# SPDX-License-Identifier: Apache-2.0
"""Makes archives for tests, and reads them from memory as if they were remote."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wpclone.mover.sources.remote.reader import Remote, Sequential


@dataclass
class Memory:
    """A remote file whose server sends any part of it."""

    data: bytes
    version: str = "one"
    ranged: bool = True
    asked: int = 0

    @property
    def size(self) -> int | None:
        """How long it is."""
        return len(self.data)

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield it in pieces that end at odd places."""
        self.asked += 1
        end = len(self.data) if end is None else min(end, len(self.data))
        for low in range(offset, end, 1009):
            yield self.data[low : min(low + 1009, end)]

    def close(self) -> None:
        """Do nothing."""


def forwards(data: bytes) -> Remote:
    """Return a remote file whose server only sends it whole."""
    return Sequential(lambda: (part for part in Memory(data).stream()), len(data), "one")


def tar(
    files: Mapping[str, bytes | tarfile.TarInfo], kind: int = tarfile.PAX_FORMAT, mode: str = "w"
) -> bytes:
    """Return a tar archive of these files; a TarInfo stands for itself."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_700_000_000
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()
