# SPDX-License-Identifier: Apache-2.0
"""Passes a SQL dump from standard input to standard output with its addresses rewritten."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from wpclone.errors import InvalidSpec, TruncatedDump
from wpclone.rewrite import Pair, Rewriter, SqlStream, filtered

FAILED, MISUSED = 1, 2
_STDIN, _STDOUT = 0, 1

_From = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="ADDRESS", help="An address of the source; repeatable."),
]
_To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="ADDRESS", help="What it becomes, one per --from."),
]
_Prefix = Annotated[
    str,
    typer.Option(
        metavar="PREFIX",
        help="The site's table prefix, for dumps without column names; usually wp_.",
        show_default=False,
    ),
]
_Base64 = Annotated[bool, typer.Option("--base64", help="Look into base64 texts, too.")]
_Report = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the counters there, as JSON.")
]


def command(
    old: _From = None,
    new: _To = None,
    prefix: _Prefix = "wp_",
    base64: _Base64 = False,  # noqa: FBT002  a switch of the command line
    report: _Report = None,
) -> None:
    """Rewrite the addresses in a SQL dump: wpclone rewrite --from A --to B < dump.sql > out.sql.

    Reads dumps of mysqldump, mariadb-dump and phpMyAdmin. Everything but the addresses comes out
    byte for byte, with the counts of serialized PHP made right. Values too large for memory go to
    unnamed files in $TMPDIR. Status: 0 done; 1 the dump is cut, or it cannot be read or written;
    2 wrong usage.
    """
    # As filters do: whoever closes the pipe or presses Ctrl-C ends this program without a word.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    stream = _stream(_pairs(old or [], new or []), prefix, base64=base64)
    problem = _run(stream)
    if report is not None:
        problem = _written(report, stream, is_complete=problem is None) or problem
    if problem is not None:
        _fail(problem, FAILED)


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    if not old:
        _fail("an address is needed: --from ADDRESS --to ADDRESS", MISUSED)
    if len(old) != len(new):
        _fail(f"{len(old)} times --from and {len(new)} times --to: each needs the other", MISUSED)
    return [Pair(*addresses) for addresses in zip(old, new, strict=True)]


def _stream(pairs: Sequence[Pair], prefix: str, *, base64: bool) -> SqlStream:
    try:
        rewriter = Rewriter(pairs, base64=base64)
    except InvalidSpec as error:
        _fail(str(error), MISUSED)
    return SqlStream(rewriter, prefix=prefix)


def _run(stream: SqlStream) -> str | None:
    """Pass the dump; give what went wrong."""
    try:
        filtered(stream, _STDIN, _STDOUT, tempfile.gettempdir())
    except TruncatedDump as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _written(report: Path, stream: SqlStream, *, is_complete: bool) -> str | None:
    """Write the report; give what went wrong."""
    told = {"complete": is_complete, "rows": dict(sorted(stream.rows.items()))}
    try:
        report.write_text(json.dumps(stream.counts.as_report() | told, indent=2) + "\n")
    except OSError as error:
        return f"{os.fspath(report)}: {error.strerror}"
    return None


def _fail(message: str, status: int) -> NoReturn:
    sys.stderr.write(f"wpclone rewrite: {message}\n")
    raise typer.Exit(status)
