# SPDX-License-Identifier: Apache-2.0
"""Reads the login of a source from a file or the environment: never from the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wpclone.api import secrets

_KEYS: Final = (
    secrets.USERNAME,
    secrets.PASSWORD,
    secrets.APPLICATION_PASSWORD,
    secrets.AGENT_KEY,
)
# As the mover holds it: a file that is longer is no login.
_MOST_BYTES: Final = 65_536


class Unusable(Exception):  # noqa: N818  reads as a sentence where it is raised
    """There is no login that could be used; its text says why, and holds no secret."""


def login(file: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the keys of a source's Secret, from a file if one is named; Unusable if it has none.

    What is said of a file names its line or the key that is missing, and never what stands there.
    """
    found = _environment(environment) if file is None else _lines(file)
    problem = secrets.source_problem(found)
    if problem:
        where = "The environment has no login" if file is None else f"{file} cannot be used"
        raise Unusable(f"{where}: {problem}")
    return found


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    names = {key: "WPCLONE_" + key.upper().replace("-", "_") for key in _KEYS}
    return {key: environment[name] for key, name in names.items() if environment.get(name)}


def _lines(file: Path) -> dict[str, str]:
    """Return the lines key=value of a file, as kubectl reads them."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unusable(f"{file} is no text") from None
    if len(data) > _MOST_BYTES:
        raise Unusable(f"{file} is too long for a login")  # cut, it would hold a wrong password
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, sign, value = line.partition("=")
        if not sign or key.strip() not in _KEYS:
            raise Unusable(
                f"{file}, line {number}: it does not begin with one of {', '.join(_KEYS)}"
            )
        found[key.strip()] = value
    return found
