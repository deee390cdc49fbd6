# SPDX-License-Identifier: Apache-2.0
"""Is the command line `wpclone`: one command per file."""

from __future__ import annotations

import typer
from typer import core

from wpclone.cli import export, rewrite, verify_export

# With rich installed, typer escapes "[required]" for it even where rich shows nothing.
core.HAS_RICH = False
app = typer.Typer(
    name="wpclone",
    help="Exports WordPress sites, and rewrites the addresses in their dumps.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(rewrite.NAME)(rewrite.command)
app.command(export.NAME)(export.command)
app.command(verify_export.NAME)(verify_export.command)


def main() -> None:
    """Run what the command line says."""
    app(prog_name="wpclone")
