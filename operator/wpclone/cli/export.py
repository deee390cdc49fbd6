# SPDX-License-Identifier: Apache-2.0
"""Writes a live site into one file, from which clones can be made when the site is out of reach."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, NoReturn

import typer

from wpclone.cli.asides import Progress, fail
from wpclone.cli.logins import Unusable, login

if TYPE_CHECKING:
    from wpclone.errors import SourceError
    from wpclone.mover.exporting import Exported

NAME: Final = "export"
# sysexits(3); wrong usage is 2, as for every command here.
MISUSED, UNAVAILABLE, OUTPUT, AGAIN, REFUSED = 2, 69, 74, 75, 77
_LOGIN_REASONS: Final = frozenset(
    {"SourceRefusedLogin", "SourceNeedsSecondFactor", "CredentialsInvalid", "AgentInstallRefused"}
)

_Url = Annotated[str, typer.Option(metavar="ADDRESS", help="The site's address.")]
_Credentials = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Lines key=value, as for `kubectl create secret --from-env-file`: username and"
        " password, or username and application-password, or agent-key. Without it the environment"
        " is asked: WPCLONE_USERNAME, WPCLONE_PASSWORD, WPCLONE_APPLICATION_PASSWORD,"
        " WPCLONE_AGENT_KEY.",
    ),
]
_Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="What to write; - is standard output.")
]
_Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="CIDR", help="Private addresses the site may have; repeatable."),
]
_Http = Annotated[bool, typer.Option("--http", help="The site may be read without encryption.")]


class _Stopped(BaseException):
    """We were told to stop."""


def command(
    url: _Url,
    output: _Output,
    credentials_file: _Credentials = None,
    allow: _Allow = None,
    http: _Http = False,  # noqa: FBT002  a switch of the command line
) -> None:
    """Export a live site: wpclone export --url https://site --credentials-file F -o site.tar.

    The copying plugin is brought to the site and taken away again, as for a clone; nothing else
    changes there, and no address is rewritten. The file appears under its name when it is whole;
    its SHA-256 is printed. Files that do not fit into memory wait in $TMPDIR. Status: 0 done;
    2 wrong usage; 69 the site cannot be exported; 74 the file cannot be written; 75 trying again
    may help; 77 the login is refused.
    """
    for kind in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, _stop)
    try:
        secret = login(credentials_file)
        job = _job(url, allow or [], http=http)
    except (Unusable, ValueError) as error:
        fail(NAME, str(error), MISUSED)
    if output == "-" and sys.stdout.isatty():
        fail(NAME, "an export is not for a terminal; name a file", MISUSED)
    try:
        with _opened(output) as out:
            done = _exported(job, secret, out)
    except OSError as error:
        fail(NAME, f"{output}: {error.strerror or error}", OUTPUT)
    except _Stopped:
        fail(NAME, "stopped; what was written is no export", AGAIN)
    _tell(done, output)


def _job(url: str, allow: list[str], *, http: bool) -> Any:
    # Only this command pays for the mover's modules.
    from wpclone.api.mover import ImportConfig  # noqa: PLC0415
    from wpclone.mover.net import addresses  # noqa: PLC0415

    addresses.networks(allow)
    return ImportConfig.model_validate(
        {
            "attempt": 1,
            "source": {"kind": "site", "url": url},
            "network": {"allow": allow, "http": http},
        }
    )


def _exported(job: Any, secret: Mapping[str, str], out: BinaryIO) -> Exported:
    from wpclone.errors import SourceError  # noqa: PLC0415
    from wpclone.mover import exporting  # noqa: PLC0415
    from wpclone.mover.sources import open_source  # noqa: PLC0415

    progress = Progress(sys.stderr)
    try:
        source = open_source(job, secret, None)
        try:
            return exporting.run(source, out, progress.tell)
        finally:
            source.close(finished=True)
    except SourceError as error:
        _give_up(error)
    finally:
        progress.end()


def _give_up(error: SourceError) -> NoReturn:
    status = AGAIN if error.retryable else UNAVAILABLE
    fail(NAME, error.message, REFUSED if error.reason in _LOGIN_REASONS else status)


@contextlib.contextmanager
def _opened(output: str) -> Iterator[BinaryIO]:
    """Give what to write to; a file gets its name when it is whole, and none otherwise."""
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = Path(f"{output}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _tell(done: Exported, output: str) -> None:
    sys.stderr.write(
        f"{done.tables:,} tables, {done.rows:,} rows, {done.files:,} files,"
        f" {done.size / 1e6:,.1f} MB; {done.skipped:,} things left out\n"
    )
    print(f"{done.sha256}  {output}", file=sys.stderr if output == "-" else sys.stdout)


def _stop(_signal: int, _frame: object) -> NoReturn:
    # A second signal must not interrupt what the first has begun to tidy up.
    for kind in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, signal.SIG_IGN)
    raise _Stopped
