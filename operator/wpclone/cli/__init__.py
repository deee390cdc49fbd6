# SPDX-License-Identifier: Apache-2.0
"""Is the command line `wpclone`: one command per file."""

from __future__ import annotations

import typer

from wpclone.cli import rewrite

app = typer.Typer(
    name="wpclone",
    help="Copies WordPress sites and rewrites their addresses.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("rewrite")(rewrite.command)


@app.callback()
def _commands() -> None:
    """Keep `rewrite` a command of its own, however few there are."""


def main() -> None:
    """Run what the command line says."""
    app(prog_name="wpclone")
