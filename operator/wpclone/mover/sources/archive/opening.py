# SPDX-License-Identifier: Apache-2.0
"""Opens an archive: finds out what it is, and verifies its checksum if the clone names one."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from wpclone.api.mover import ImportConfig
from wpclone.api.origins import ArchiveSource
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import ArchiveFormat
from wpclone.errors import InvalidSpec, SourceError
from wpclone.mover.sources.archive import form
from wpclone.mover.sources.archive.dump import DumpSource
from wpclone.mover.sources.archive.export import ExportSource
from wpclone.mover.sources.base import Source
from wpclone.mover.sources.remote import opening, tar
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote


def open_source(job: ImportConfig, secret: Mapping[str, str], certificates: Path | None) -> Source:
    """Return the archive of a job as a source, or raise SourceError with the reason why not."""
    archive = job.source.archive
    if archive is None:
        raise InvalidSpec("The configuration names no archive")
    remote = opening.remote(archive.uri, secret, job, certificates)
    try:
        return _opened(archive, remote)
    except BaseException:
        remote.close()
        raise


def _opened(archive: ArchiveSource, remote: Remote) -> Source:
    if archive.sha256 is not None:
        _verify(remote, archive.sha256)
    if is_export(remote):
        if archive.format is ArchiveFormat.DUMP:
            raise other("is an export of ours, not a dump with wp-content")
        return ExportSource(remote)
    if archive.format is ArchiveFormat.EXPORT:
        raise other("is no export of ours")
    return DumpSource(remote)


def is_export(remote: Remote) -> bool:
    """Tell whether a file begins as our exports do."""
    with contextlib.closing(Pull(remote)) as pull:
        head = b""
        while len(head) < tar.BLOCK and (data := pull.some(tar.BLOCK - len(head))):
            head += data
    return tar.is_tar(head) and head.startswith(form.MANIFEST + b"\0")


def _verify(remote: Remote, sha256: str) -> None:
    """Read all of it once: what is copied later is what was verified, by the server's word."""
    digest = hashlib.sha256()
    for data in remote.stream():
        digest.update(data)
    if digest.hexdigest() != sha256:
        raise SourceError(
            Reason.SOURCE_LOST,
            f"The archive has the SHA-256 {digest.hexdigest()}, not the one that the clone names",
        )


def other(what: str) -> SourceError:
    """Return the error for an archive that is something else than was said."""
    return SourceError(Reason.SOURCE_LAYOUT_UNSUPPORTED, f"The archive {what}")
