# SPDX-License-Identifier: Apache-2.0
"""Is the mover's program: `python -m wpclone.mover inspect|import`, its outcome in one message."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from wpclone.api.mover import ExitCode, Outcome
from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed, InvalidSpec, SourceError
from wpclone.mover import config as settings
from wpclone.mover import importing, inspection
from wpclone.mover.progress import Meter

if TYPE_CHECKING:
    from types import FrameType

COMMANDS = ("inspect", "import")
# Pods give us five seconds at least.
TIDYING_SECONDS = 3.0


class Stopped(BaseException):
    """We were told to stop: not an error, and nothing may take it for one."""


def main(arguments: list[str]) -> ExitCode:
    """Run a command and return the exit code; the outcome is told on stdout and to kubelet."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m wpclone.mover {'|'.join(COMMANDS)}\n")
        return ExitCode.NEVER
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    outcome = _outcome(arguments[0])
    _tell(outcome)
    return outcome.exit_code


def _outcome(command: str) -> Outcome:
    """Run the command; whatever happens becomes one reason and one sentence."""
    try:
        config = settings.read(command)
        meter = Meter(sys.stdout)
        if config.site is None:
            return inspection.run(config, meter)
        return importing.run(config, config.site, meter)
    except (SourceError, ImportFailed) as error:
        _log_notes(error)
        return Outcome.failed(Reason(error.reason), error.message, retryable=error.retryable)
    except InvalidSpec as error:
        return Outcome.failed(Reason.INTERNAL_ERROR, str(error))
    except Stopped as error:
        _log_notes(error)
        return _stopped()
    except Exception:  # noqa: BLE001  a bug must reach the status as a sentence too
        traceback.print_exc()
        return Outcome.failed(
            Reason.INTERNAL_ERROR, "The mover failed; its log has the details", retryable=True
        )


def _log_notes(error: BaseException) -> None:
    """Tell the log what may have been left on the source."""
    for note in getattr(error, "__notes__", ()):
        sys.stderr.write(f"{note}\n")


def _stopped() -> Outcome:
    return Outcome.failed(
        Reason.IMPORT_FAILED, "The Job was stopped from outside and will go on", retryable=True
    )


def _tell(outcome: Outcome) -> None:
    report = {"event": "report", **outcome.to_json()}
    sys.stdout.write(_line(report) + "\n")
    sys.stdout.flush()
    path = Path(os.environ.get("WPCLONE_TERMINATION_LOG", settings.TERMINATION_LOG))
    with contextlib.suppress(OSError):  # not in a pod: there is nobody to read it
        path.write_bytes(outcome.termination_message())


def _line(report: dict[str, object]) -> str:
    return json.dumps(report, ensure_ascii=False, separators=(",", ":"))


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # A second signal must not interrupt what the first has begun to tidy up.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    last_word = threading.Timer(TIDYING_SECONDS, _leave)
    last_word.daemon = True
    last_word.start()
    raise Stopped


def _leave() -> NoReturn:
    """End although tidying up has not: the kubelet's patience would end it without a word."""
    outcome = _stopped()
    _tell(outcome)
    os._exit(outcome.exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
