# SPDX-License-Identifier: Apache-2.0
"""How captured mail is kept and read, without WordPress."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.guard import php


def send(folder: Path, raw: bytes) -> int:
    """Hand a mail to the sendmail program, as PHP's mail() does; its exit code."""
    done = subprocess.run(
        ["php", "-n", php.GUARD / "sendmail.php", "-t", "-i"],
        input=raw,
        env={**os.environ, "WPCLONE_STATE_DIR": str(folder)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == b""
    return done.returncode


def described(folder: Path) -> list[dict[str, Any]]:
    """Read all descriptions, oldest first."""
    return [json.loads(path.read_text()) for path in sorted((folder / "mail").glob("*.json"))]


def test_the_sendmail_program_keeps_a_mail_byte_for_byte(tmp_path: Path) -> None:
    """Folded headers are read, odd bytes survive, and nothing half-written is left."""
    raw = b"To: a@acme.test\r\nCC: b@acme.test\nSubject: one\r\n two\r\nX: \xff\r\n\r\n\x00\xff"
    assert send(tmp_path, raw) == 0
    (mail,) = described(tmp_path)
    assert mail["to"] == ["a@acme.test", "b@acme.test"]
    assert mail["subject"] == "one two"
    assert (tmp_path / "mail" / f"{mail['id']}.eml").read_bytes() == raw
    assert not list((tmp_path / "mail").glob("*.part"))


def test_a_giant_mail_is_cut_and_taken_to_its_end(tmp_path: Path) -> None:
    """What exceeds the limit is dropped, and the sender is not cut off."""
    assert send(tmp_path, b"Subject: big\n\n" + b"x" * (9 << 20)) == 0
    (mail,) = described(tmp_path)
    assert (tmp_path / "mail" / f"{mail['id']}.eml").stat().st_size == 8 << 20


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"no header at all", b":\n:::\n\n"])
def test_a_strange_mail_is_kept_too(tmp_path: Path, raw: bytes) -> None:
    """Whatever arrives is stored, with empty fields where there is nothing to say."""
    assert send(tmp_path, raw) == 0
    (mail,) = described(tmp_path)
    assert mail["subject"] == ""


def test_a_mailbox_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The program fails as sendmail would, so that mail() returns false."""
    (tmp_path / "mail").write_text("in the way")
    assert send(tmp_path, b"Subject: x\n\n") == 73


def test_only_the_newest_mails_are_kept(tmp_path: Path) -> None:
    """Past a thousand the oldest goes, its text with it."""
    box = tmp_path / "mail"
    box.mkdir()
    for number in range(1000):
        for kind in ("json", "eml"):
            (box / f"20200101T000000.{number:06}Z-00000000.{kind}").write_text("{}")
    assert send(tmp_path, b"Subject: new\n\n") == 0
    names = sorted(path.name for path in box.glob("*.json"))
    assert len(names) == 1000
    assert names[0] == "20200101T000000.000001Z-00000000.json"
    assert not (box / "20200101T000000.000000Z-00000000.eml").exists()


def test_giant_mails_do_not_fill_the_volume(tmp_path: Path) -> None:
    """Past 64 MB in all the oldest goes too: the document root is on the same volume."""
    box = tmp_path / "mail"
    box.mkdir()
    for number in range(10):
        stem = box / f"20200101T000000.{number:06}Z-00000000"
        stem.with_name(f"{stem.name}.json").write_text("{}")
        with stem.with_name(f"{stem.name}.eml").open("wb") as text:
            text.truncate(8 << 20)
    assert send(tmp_path, b"Subject: new\n\n") == 0
    kept = sorted(path.name for path in box.glob("*.eml"))
    assert sum((box / name).stat().st_size for name in kept) <= 64 << 20
    assert kept[0] == "20200101T000000.000003Z-00000000.eml"
    assert described(tmp_path)[-1]["subject"] == "new"


def test_a_mails_name_cannot_leave_the_mailbox(tmp_path: Path) -> None:
    """Only names of our own shape are looked up."""
    (tmp_path / "imported.json").write_text('{"secret": 1}')
    names = ["../imported", "..%2fimported", "", "20200101T000000.000000Z-00000000\n", "x" * 300]
    assert php.call(f"mail_facts('{tmp_path}', $case)", names) == [None] * 5


@pytest.mark.parametrize(
    ("mail", "to", "sender"),
    [
        ({"to": "a@acme.test, b@acme.test"}, ["a@acme.test", "b@acme.test"], ""),
        (
            {"to": ["A <a@acme.test>"], "headers": "X: 1\r\nFrom: s@acme.test\n"},
            ["A <a@acme.test>"],
            "s@acme.test",
        ),
        (
            {"to": "a@acme.test", "headers": ["from:  S <s@acme.test> "]},
            ["a@acme.test"],
            "S <s@acme.test>",
        ),
        ({"to": 7, "headers": None, "subject": None}, ["7"], ""),
        ({}, [], ""),
    ],
)
def test_wordpress_arguments_are_read_in_all_their_shapes(
    mail: dict[str, Any], to: list[str], sender: str
) -> None:
    """wp_mail() takes lists or text, and plugins hand it worse."""
    (said,) = php.call("mail_arguments($case)", [mail])
    assert (said["to"], said["from"]) == (to, sender)


def test_a_stored_mail_is_one_mail() -> None:
    """A subject with line breaks cannot smuggle headers or a body into what is stored."""
    code = "(static function ($m) { return mail_source(mail_arguments($m), 'text'); })($case)"
    mail = {"to": "a@acme.test", "subject": "x\r\nBcc: b@acme.test\r\n\r\nfake",
            "headers": "Content-Type: text/plain"}  # fmt: skip
    (source,) = php.call(code, [mail])
    assert source.count("\r\n\r\n") == 1
    assert "Subject: x Bcc: b@acme.test fake\r\n" in source
