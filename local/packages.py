# SPDX-License-Identifier: Apache-2.0
"""Installs the Debian packages the cluster runs on, without letting Debian start their daemons."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from local import paths, say
from local.errors import CommandFailed, LocalError
from local.shell import run, succeeds

_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = "#!/bin/sh\n# Put here for one installation: no daemon starts by itself.\nexit 101\n"


def wanted() -> dict[str, str]:
    """Return each package with the lowest version that will do, empty for any."""
    lines = (paths.BUILD / "debian.txt").read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: "" if version == "-" else version for name, version in pairs}


def lacking(names: Collection[str] | None = None) -> list[str]:
    """Return the packages that are absent or too old: of those named, or of all."""
    try:
        listing = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status} ${Version}\n"])
    except CommandFailed as error:
        raise LocalError(
            "The native cluster needs Debian; use `make demo CLUSTER=current`."
        ) from error
    rows = (line.partition(" installed ") for line in listing.splitlines())
    present = {name: version for name, installed, version in rows if installed}
    return [
        name
        for name, least in wanted().items()
        if (names is None or name in names)
        and (name not in present or _older(present[name], least))
    ]


def _older(version: str, least: str) -> bool:
    return bool(least) and succeeds(["dpkg", "--compare-versions", version, "lt", least])


def install(only: Collection[str] | None = None) -> None:
    """Install what is lacking, of those named or of all; nothing happens when nothing is."""
    with say.step("debian", "packages installed") as note:
        names = lacking(only)
        if not names:
            note.text = f"{len(wanted())} packages are there"
            return
        note.text = f"{len(names)} packages installed"
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q", "-y"]
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        with _no_daemons():
            run([*apt, "update"], timeout=300)
            run([*apt, "install", "--no-install-recommends", *names], timeout=1800, env=environment)
    still = lacking(only)
    if still:
        raise LocalError(f"Debian's {', '.join(still)} are older than the cluster needs.")


@contextmanager
def _no_daemons() -> Iterator[None]:
    """Keep package scripts from starting services, if the machine has no policy of its own."""
    ours = not _POLICY.exists() or _POLICY.read_text() == _POLICY_TEXT
    if ours:
        paths.write(_POLICY, _POLICY_TEXT, 0o755)
    try:
        yield
    finally:
        if ours:
            _POLICY.unlink(missing_ok=True)
