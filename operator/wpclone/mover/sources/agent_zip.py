# SPDX-License-Identifier: Apache-2.0
"""Packs the agent plugin into a zip that is the same every time.

`python -m wpclone.mover.sources.agent_zip FILE` writes the one that people upload by hand.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Final

SLUG: Final = "wpclone-agent"
NAME: Final = f"{SLUG}.zip"
# The plugin removes itself when it is idle if this file lies beside it.
TEMPORARY: Final = "temporary"
# The first moment a zip can name: the content alone decides about the bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def folder() -> Path:
    """Return where the plugin's files are: inside the installed package, or in the repository."""
    packaged = Path(__file__).with_name("agent")
    return packaged if packaged.is_dir() else Path(__file__).parents[4] / "wordpress" / "agent"


def build(*, temporary: bool) -> bytes:
    """Return the zip; one that we bring ourselves is temporary, one that people upload stays."""
    root = folder()
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            _add(archive, name, files[name].read_bytes())
        if temporary:
            _add(archive, TEMPORARY, b"Brought by WordPress Clone; removes itself when idle.\n")
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(f"{SLUG}/{name}", _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else NAME).write_bytes(build(temporary=False))
