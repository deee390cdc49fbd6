# SPDX-License-Identifier: Apache-2.0
"""Says whether an export is whole and as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from wpclone.cli.asides import fail

NAME: Final = "verify-export"
DAMAGED, UNREADABLE = 65, 66

_File = Annotated[Path, typer.Argument(metavar="FILE", help="An export.")]


def command(file: _File) -> None:
    """Verify every checksum of an export: wpclone verify-export site.tar.

    Status: 0 all is as it was written; 65 it is damaged, cut off or no export; 66 it cannot be
    read.
    """
    # Only this command pays for the mover's modules.
    from wpclone.errors import SourceError  # noqa: PLC0415
    from wpclone.mover.sources.archive import verifying  # noqa: PLC0415

    try:
        found = verifying.verify(file)
    except SourceError as error:
        fail(NAME, f"{file}: {error.message}", DAMAGED)
    except OSError as error:
        fail(NAME, f"{file}: {error.strerror or error}", UNREADABLE)
    typer.echo(
        f"{file}: {found.site}, {found.tables:,} tables, {found.rows:,} rows, {found.files:,}"
        f" files; {found.members:,} checksums are right"
    )
