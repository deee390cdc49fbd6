# SPDX-License-Identifier: Apache-2.0
"""The commands around exports say what they want, and what was wrong with what they got."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.programs import WPCLONE

LOGIN = {"WPCLONE_USERNAME": "admin", "WPCLONE_PASSWORD": "hunter-two"}


def ran(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours to its end."""
    return subprocess.run(
        [WPCLONE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **LOGIN, **environment},
    )


@pytest.mark.parametrize("command", ["rewrite", "export", "verify-export"])
def test_the_help_is_plain_text(command: str) -> None:
    """What marks a word for another program's eyes is not shown."""
    done = ran(command, "--help")
    assert done.returncode == 0
    assert "\\" not in done.stdout
    assert ("[required]" in done.stdout) == (command != "rewrite")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("www.acme.example", "begin with https://"),
        ("ftp://www.acme.example", "begin with https://"),
        ("https://", "begin with https://"),
        ("", "begin with https://"),
        ("https://www.acme.example:web", "has to be an address"),
        ("https://[::1", "has to be an address"),
        ("https://admin:hunter-two@www.acme.example", "--credentials-file"),
    ],
)
def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path, url: str, says: str) -> None:
    """Status 2, as the help promises; a password in it is not repeated."""
    done = ran("export", "--url", url, "--output", tmp_path / "site.tar")
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert "hunter-two" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["", "absent/site.tar"])
def test_a_place_that_takes_no_file_is_told_before_the_site_is_asked(
    tmp_path: Path, output: str
) -> None:
    """A folder, and a file in one that is not there: status 74, and nobody was connected to."""
    with socket.create_server(("127.0.0.1", 0)) as site:
        site.settimeout(0)
        url = f"http://127.0.0.1:{site.getsockname()[1]}"
        options = ["--url", url, "--http", "--allow", "127.0.0.1/32"]
        done = ran("export", *options, "--output", tmp_path / output)
        assert (done.returncode, "directory" in done.stderr) == (74, True), done.stderr
        with pytest.raises(BlockingIOError):
            site.accept()


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("http://127.0.0.1:9", ["--http"], "only --allow 127.0.0.1/32 opens it"),
        ("https://[::ffff:10.1.2.3]", [], "only --allow 10.1.2.3/32 opens it"),
        ("https://[::1]", [], "only --allow ::1/128 opens it"),
        ("http://169.254.169.254", ["--http"], "and no option opens it"),
        ("http://www.acme.example", [], "is not https, which only --http makes good"),
    ],
)
def test_what_the_settings_forbid_is_told_by_the_options_names(
    tmp_path: Path, url: str, options: list[str], says: str
) -> None:
    """There is no operator here whose settings somebody could change."""
    done = ran("export", "--url", url, "--output", tmp_path / "site.tar", *options)
    assert (done.returncode, says in done.stderr) == (69, True), done.stderr
    assert "settings" not in done.stderr


def test_a_login_is_not_called_a_secret(tmp_path: Path) -> None:
    """An empty password came from a file or the environment."""
    url, output = "https://www.acme.example", tmp_path / "site.tar"
    done = ran("export", "--url", url, "--output", output, WPCLONE_PASSWORD=" ")
    assert (done.returncode, "--credentials-file" in done.stderr) == (77, True), done.stderr
    assert "Secret" not in done.stderr
