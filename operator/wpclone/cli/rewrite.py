# SPDX-License-Identifier: Apache-2.0
"""Passes a SQL dump from standard input to standard output with its addresses rewritten."""

from __future__ import annotations

import enum
import json
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wpclone.cli.asides import fail
from wpclone.errors import ImportFailed, InvalidSpec, TruncatedDump
from wpclone.rewrite import Pair, Rewriter, SqlStream, filtered

if TYPE_CHECKING:
    from wpclone.mask import Masker

NAME: Final = "rewrite"
FAILED, MISUSED = 1, 2
_STDIN, _STDOUT = 0, 1


class Level(enum.StrEnum):
    """How much is masked."""

    STANDARD = "standard"
    STRICT = "strict"


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
_Mask = Annotated[
    Level | None, typer.Option(metavar="LEVEL", help="Mask personal data: standard or strict.")
]
_MaskKey = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The masking key, 32 hexadecimal digits at least."),
]
_Report = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the counters there, as JSON.")
]


def command(  # noqa: PLR0913  the options of a command line
    old: _From = None,
    new: _To = None,
    prefix: _Prefix = "wp_",
    base64: _Base64 = False,  # noqa: FBT002  a switch of the command line
    mask: _Mask = None,
    mask_key_file: _MaskKey = None,
    report: _Report = None,
) -> None:
    """Rewrite the addresses in a SQL dump: wpclone rewrite --from A --to B < dump.sql > out.sql.

    Reads dumps of mysqldump, mariadb-dump and phpMyAdmin. Everything but the addresses comes out
    byte for byte, with the counts of serialized PHP made right; with --mask, personal data is
    replaced as in a masked clone. Values too large for memory go to unnamed files in $TMPDIR.
    Status: 0 done; 1 the dump is cut, compressed or in UTF-16, or something cannot be read or
    written; 2 wrong usage.
    """
    # As filters do: whoever closes the pipe or presses Ctrl-C ends this program without a word.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    masker = _masker(mask, mask_key_file, prefix)
    stream = _stream(_pairs(old or [], new or []), prefix, masker, base64=base64)
    problem = _run(stream)
    if report is not None:
        told = {"complete": problem is None, "rows": dict(sorted(stream.rows.items()))}
        if masker is not None:
            told |= {"valuesMasked": masker.tally.masked, "rowsDropped": masker.tally.dropped}
        unwritten = _written(report, stream.counts.as_report() | told)
        problem = problem or unwritten  # a dump that is cut matters more
    if problem is not None:
        fail(NAME, problem, FAILED)


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    if not old:
        fail(NAME, "an address is needed: --from ADDRESS --to ADDRESS", MISUSED)
    if len(old) != len(new):
        fail(
            NAME,
            f"{len(old)} times --from and {len(new)} times --to: each needs the other",
            MISUSED,
        )
    return [Pair(*addresses) for addresses in zip(old, new, strict=True)]


def _masker(level: Level | None, key: Path | None, prefix: str) -> Masker | None:
    if level is None and key is None:
        return None
    if level is None or key is None:
        fail(NAME, "--mask LEVEL and --mask-key-file FILE: each needs the other", MISUSED)
    # Half of this program's memory, which most runs do not need.
    from wpclone.cli import masking  # noqa: PLC0415

    try:
        return masking.masker(level, key, prefix)
    except InvalidSpec as error:
        fail(NAME, str(error), MISUSED)
    except OSError as error:
        fail(NAME, f"{os.fspath(key)}: {error.strerror}", FAILED)


def _stream(
    pairs: Sequence[Pair], prefix: str, masker: Masker | None, *, base64: bool
) -> SqlStream:
    try:
        rewriter = Rewriter(pairs, base64=base64)
    except InvalidSpec as error:
        fail(NAME, str(error), MISUSED)
    if masker is None:
        return SqlStream(rewriter, prefix=prefix)
    from wpclone.cli import masking  # noqa: PLC0415  likewise

    return SqlStream(
        rewriter,
        prefix=prefix,
        on_row=masker.on_row,
        hooked=masking.careful(masker, prefix),
        on_table=masker.learn,
    )


def _run(stream: SqlStream) -> str | None:
    """Pass the dump; give what went wrong."""
    try:
        filtered(stream, _STDIN, _STDOUT, tempfile.gettempdir())
    except (TruncatedDump, ImportFailed) as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _written(report: Path, told: Mapping[str, Any]) -> str | None:
    """Write the report; give what went wrong."""
    try:
        report.write_text(json.dumps(told, indent=2) + "\n")
    except OSError as error:
        return f"{os.fspath(report)}: {error.strerror}"
    return None
