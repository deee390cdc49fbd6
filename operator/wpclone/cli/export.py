# SPDX-License-Identifier: Apache-2.0
"""Writes a live site into one file, from which clones can be made when the site is out of reach."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, NoReturn

import typer

from wpclone.cli import addresses, advice, outputs
from wpclone.cli.asides import Progress, fail
from wpclone.cli.logins import Unusable, login

if TYPE_CHECKING:
    from wpclone.errors import SourceError
    from wpclone.mover.exporting import Exported

NAME: Final = "export"
# sysexits(3); wrong usage is 2, as for every command here.
MISUSED, UNAVAILABLE, OUTPUT, AGAIN, REFUSED = 2, 69, 74, 75, 77
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
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
    for kind in _SIGNALS:
        signal.signal(kind, _stop)
    try:
        job, secret = _asked(url, output, credentials_file, allow or [], http=http)
        with outputs.opened(output) as out:
            done = _exported(job, secret, out)
    except OSError as error:
        fail(NAME, f"{output}: {error.strerror or error}", OUTPUT)
    except _Stopped as error:
        fail(NAME, _with_notes("stopped; what was written is no export", error), AGAIN)
    _tell(done, output)


def _asked(
    url: str, output: str, credentials_file: Path | None, allow: list[str], *, http: bool
) -> tuple[Any, Mapping[str, str]]:
    """Return the job and the login that the command line asks for, or end as wrong usage."""
    try:
        secret = login(credentials_file)
        job = _job(addresses.site(url), allow, http=http)
    except (Unusable, ValueError) as error:
        fail(NAME, str(error), MISUSED)
    if output == outputs.STANDARD and sys.stdout.isatty():
        fail(NAME, "an export is not for a terminal; name a file", MISUSED)
    return job, secret


def _job(url: str, allow: list[str], *, http: bool) -> Any:
    # Only this command pays for the mover's modules.
    from wpclone.api.mover import ImportConfig  # noqa: PLC0415
    from wpclone.mover.net.addresses import networks  # noqa: PLC0415

    networks(allow)
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
            _ignore_signals()
            source.close(finished=True)
    except SourceError as error:
        _give_up(error)
    finally:
        progress.end()


def _give_up(error: SourceError) -> NoReturn:
    status = AGAIN if error.retryable else UNAVAILABLE
    message = _with_notes(advice.message(error), error)
    fail(NAME, message, REFUSED if error.reason in _LOGIN_REASONS else status)


def _with_notes(message: str, error: BaseException) -> str:
    """Return a message with what else a person has to know, a line each."""
    return "\n".join((message, *getattr(error, "__notes__", ())))


def _tell(done: Exported, output: str) -> None:
    sys.stderr.write(
        f"{done.tables:,} tables, {done.rows:,} rows, {done.files:,} files,"
        f" {done.size / 1e6:,.1f} MB; {done.skipped:,} things left out\n"
    )
    print(f"{done.sha256}  {output}", file=sys.stderr if output == "-" else sys.stdout)


def _stop(_signal: int, _frame: object) -> NoReturn:
    _ignore_signals()
    raise _Stopped


def _ignore_signals() -> None:
    """Let nothing interrupt what tidies up the source; each of its requests has a deadline."""
    for kind in _SIGNALS:
        signal.signal(kind, signal.SIG_IGN)
