# SPDX-License-Identifier: Apache-2.0
"""Where `wpclone export` takes its login from, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import wpclone

# Nothing is asked of it: an address that is not public is refused once there is a login.
URL = "https://127.0.0.1"
MISUSED, UNAVAILABLE = 2, 69


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Return a command without a login, in an environment without one."""
    for name in ("USERNAME", "PASSWORD", "APPLICATION_PASSWORD", "AGENT_KEY"):
        monkeypatch.delenv(f"WPCLONE_{name}", raising=False)
    return ("export", "--url", URL, "--output", str(tmp_path / "site.tar"))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf# ours\n\nusername=anna\r\npassword= a=b # c \n",
        b"username=anna\napplication-password=abcd efgh",
        b"agent-key=0123",
    ],
    ids=["a password", "an Application Password", "the plugin's key"],
)
def test_a_file_holds_a_login_as_kubectl_reads_it(
    tmp_path: Path, words: tuple[str, ...], content: bytes
) -> None:
    """Lines key=value between comments and empty lines, from whatever editor."""
    file = tmp_path / "login"
    file.write_bytes(content)
    done = wpclone(*words, "--credentials-file", str(file), stdin=b"")
    assert (done.returncode, b"127.0.0.1" in done.stderr) == (UNAVAILABLE, True)


def test_without_a_file_the_environment_is_asked(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable is none."""
    monkeypatch.setenv("WPCLONE_USERNAME", "anna")
    monkeypatch.setenv("WPCLONE_PASSWORD", "")
    assert wpclone(*words, stdin=b"").returncode == MISUSED
    monkeypatch.setenv("WPCLONE_PASSWORD", "a password")
    assert wpclone(*words, stdin=b"").returncode == UNAVAILABLE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"username=anna\nhidden", b"line 2: it does not begin with one of username"),
        (b"username=anna\ntoken=hidden", b"line 2: it does not begin with one of username"),
        (b"username=anna\npassword=hidden" + b"x" * 65_536, b"is too long for a login"),
        (b"password=hidden", b"cannot be used: it has no key 'username'"),
        (b"username=anna\npassword=hidden\xff", b"is no text"),
        (None, b"No such file or directory"),
    ],
    ids=["no sign", "no such key", "longer than any login", "half a login", "no UTF-8", "no file"],
)
def test_what_cannot_be_used_is_told_without_what_it_holds(
    tmp_path: Path, words: tuple[str, ...], content: bytes | None, said: bytes
) -> None:
    """One sentence, before anybody is asked; a password that was cut would be a wrong one."""
    file = tmp_path / "login"
    if content is not None:
        file.write_bytes(content)
    done = wpclone(*words, "--credentials-file", str(file), stdin=b"")
    assert (done.returncode, done.stdout) == (MISUSED, b"")
    assert done.stderr.startswith(b"wpclone export: %s" % str(file).encode())
    assert done.stderr.count(b"\n") == 1
    assert said in done.stderr
    assert b"hidden" not in done.stderr
