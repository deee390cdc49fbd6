# SPDX-License-Identifier: Apache-2.0
"""`wpclone rewrite --mask`: a dump without anybody in it, at its new address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.programs import wpclone

PAIR = ("rewrite", "--from", "https://old.example", "--to", "https://copy.clones.test")
DUMP = rb"""CREATE TABLE `wp_comments` (
  `comment_ID` bigint(20) unsigned NOT NULL,
  `comment_author` tinytext NOT NULL,
  `comment_author_email` varchar(30) NOT NULL DEFAULT '',
  `comment_content` text NOT NULL
);
INSERT INTO `wp_comments` VALUES
(1,'Anna Heidenreich','Anna.Heidenreich.the.first@customer.example','See https://old.example'),
(2,'Anna Heidenreich','','it\'s me, anna.heidenreich.the.first@customer.example');
CREATE TABLE `wp_someplugin` (
  `id` int NOT NULL,
  `v` text
);
INSERT INTO `wp_someplugin` VALUES
(1,'https://old.example/a'),(2,'a:1:{i:0;s:43:\"anna.heidenreich.the.first@customer.example\";}'),
(3,'2026-01-31 10:00:00');
"""
each_engine = pytest.mark.parametrize("engine", ["reference", "native"])


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Write a key into a file."""
    path = tmp_path / "key"
    path.write_text("ab" * 32 + "\n")
    return path


@each_engine
def test_a_dump_comes_out_masked_and_moved(tmp_path: Path, key: Path, engine: str) -> None:
    """Nobody is left, the same person is the same stand-in, and all else is as without a mask."""
    report = tmp_path / "report.json"
    options = ("--mask", "standard", "--mask-key-file", str(key), "--report", str(report))
    done = wpclone(*PAIR, *options, stdin=DUMP, engine=engine)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not re.search(rb"heidenreich|customer\.example|old\.example", done.stdout, re.IGNORECASE)
    addresses = re.findall(rb"\w+@masked\.invalid", done.stdout)
    assert len(addresses) == 3
    assert len(set(addresses)) == 1
    assert b's:%d:\\"%s\\"' % (len(addresses[0]), addresses[0]) in done.stdout
    assert b"(1,'https://copy.clones.test/a')" in done.stdout
    assert b"(3,'2026-01-31 10:00:00');" in done.stdout
    told = json.loads(report.read_text())
    assert told["rows"] == {"wp_comments": 2, "wp_someplugin": 3}
    assert (told["valuesMasked"], told["rowsDropped"], told["valuesRewritten"]) == (5, 0, 2)


def test_strict_leaves_more_out(key: Path) -> None:
    """What people wrote is gone, as in a clone with a strict mask."""
    done = wpclone(*PAIR, "--mask", "strict", "--mask-key-file", str(key), stdin=DUMP)
    assert done.returncode == 0
    assert b"it\\'s me" not in done.stdout


def test_a_table_whose_columns_nobody_tells_is_not_passed_unmasked(key: Path) -> None:
    """A rule speaks of columns; where a dump names none, it cannot be kept."""
    dump = b"INSERT INTO `wp_wc_order_addresses` VALUES (1,2,'billing','Anna','Heidenreich');\n"
    done = wpclone(*PAIR, "--mask", "standard", "--mask-key-file", str(key), stdin=dump)
    assert done.returncode == 1
    assert b"Heidenreich" not in done.stdout
    assert b"columns of table wp_wc_order_addresses are not known" in done.stderr


@pytest.mark.parametrize(
    ("content", "words", "status", "said"),
    [
        ("ab" * 32, ("--mask", "standard"), 2, b"each needs the other"),
        ("ab" * 32, ("--mask-key-file", "KEY"), 2, b"each needs the other"),
        ("ab" * 15, ("--mask", "strict", "--mask-key-file", "KEY"), 2, b"at least 16 bytes"),
        ("ab" * 2049, ("--mask", "strict", "--mask-key-file", "KEY"), 2, b"too long for a key"),
        ("no key", ("--mask", "strict", "--mask-key-file", "KEY"), 2, b"does not hold a key"),
        (None, ("--mask", "strict", "--mask-key-file", "KEY"), 1, b"No such file"),
        ("ab" * 32, ("--mask", "some", "--mask-key-file", "KEY"), 2, b"standard"),
    ],
    ids=[
        "no key",
        "no level",
        "a short key",
        "a long key",
        "no digits",
        "no file",
        "no such level",
    ],
)
def test_a_mask_without_all_that_it_needs_passes_nothing(
    tmp_path: Path, content: str | None, words: tuple[str, ...], status: int, said: bytes
) -> None:
    """One sentence, and never an unmasked dump in place of a masked one."""
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    done = wpclone(*PAIR, *(str(path) if w == "KEY" else w for w in words), stdin=DUMP)
    assert (done.returncode, done.stdout) == (status, b"")
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


USERS = b"INSERT INTO `{}` (`ID`, `user_login`) VALUES (1,'anna');\n"
FOREIGN = {
    "another prefix": (b"acme_users", b"is not under the prefix wp_ (--prefix acme_)"),
    "another letter case": (b"WP_users", b"is not under the prefix wp_ (--prefix WP_)"),
    "capitals": (b"ACME_USERMETA", b"is not under the prefix wp_ (--prefix ACME_)"),
    "no prefix": (b"usermeta", b"is not under the prefix wp_"),
    "a network's site": (b"wp_2_comments", b"is one of a network of sites"),
}


@each_engine
@pytest.mark.parametrize("case", FOREIGN)
def test_people_under_another_prefix_are_not_passed_unmasked(
    key: Path, engine: str, case: str
) -> None:
    """No rule would speak of them, and nobody would notice."""
    table, said = FOREIGN[case]
    dump = USERS.replace(b"{}", table)
    done = wpclone(
        *PAIR, "--mask", "strict", "--mask-key-file", str(key), stdin=dump, engine=engine
    )
    assert (done.returncode, said in done.stderr, done.stdout) == (1, True, b"")


def test_with_its_prefix_named_it_is_masked(key: Path) -> None:
    """The same table, and one of a plugin whose name ends alike."""
    dump = USERS.replace(b"{}", b"acme_users") + USERS.replace(b"{}", b"acme_bp_users")
    options = ("--mask", "standard", "--mask-key-file", str(key), "--prefix", "acme_")
    done = wpclone(*PAIR, *options, stdin=dump)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"`acme_users` (`ID`, `user_login`) VALUES (1,'anna')" not in done.stdout


@each_engine
def test_a_row_that_does_not_fit_its_columns_is_not_passed(key: Path, engine: str) -> None:
    """Core's columns are known by heart; a table that has others is no longer understood."""
    dump = b"INSERT INTO wp_users VALUES (1,'Doe','John','jdoe','x');\n"
    done = wpclone(
        *PAIR, "--mask", "standard", "--mask-key-file", str(key), stdin=dump, engine=engine
    )
    assert (done.returncode, b"has 5 values for 10 columns" in done.stderr) == (1, True)
    assert b"John" not in done.stdout
