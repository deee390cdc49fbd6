# SPDX-License-Identifier: Apache-2.0
"""Runs `wpclone rewrite` as people do: a filter between two pipes."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.programs import WPCLONE, wpclone

OLD, NEW = "https://old.example", "https://copy.clones.test"
PAIR = ("rewrite", "--from", OLD, "--to", NEW)
MYSQLDUMP = rb"""-- MySQL dump 10.13
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
CREATE TABLE `wp_posts` (
  `ID` bigint unsigned NOT NULL,
  `guid` varchar(255) NOT NULL DEFAULT '',
  `post_content` longtext NOT NULL
);
INSERT INTO `wp_posts` VALUES
(1,'https://old.example/?p=1','a:1:{i:0;s:19:\"https://old.example\";}'),(2,_binary 'x\0y','it\'s');
"""
PHPMYADMIN = b"""-- phpMyAdmin SQL Dump
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
INSERT INTO `wp_options` (`option_id`, `option_name`, `option_value`, `autoload`) VALUES
(1, 'siteurl', 'https://old.example', 'yes'),
(2, 'widget', 'a:1:{s:1:"u";s:21:"https://old.example/a";}', 'yes'),
(3, 'quote', 'it''s //old.example', 'no');
"""
each_engine = pytest.mark.parametrize("engine", ["reference", "native"])


@each_engine
def test_a_mysqldump_comes_out_moved(engine: str) -> None:
    """Lengths follow, the GUID and everything else stays, and nothing is said."""
    done = wpclone(*PAIR, stdin=MYSQLDUMP, engine=engine)
    wanted = MYSQLDUMP.replace(
        rb"s:19:\"https://old.example\"", rb"s:24:\"https://copy.clones.test\""
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, wanted, b"")


@each_engine
def test_a_dump_of_phpmyadmin_comes_out_moved(engine: str) -> None:
    """Bare double quotes, doubled single ones, a row a line."""
    done = wpclone(*PAIR, stdin=PHPMYADMIN, engine=engine)
    wanted = PHPMYADMIN.replace(b"s:21", b"s:26").replace(b"old.example", b"copy.clones.test")
    assert (done.returncode, done.stdout) == (0, wanted)


@each_engine
def test_the_report_tells_what_was_seen(tmp_path: Path, engine: str) -> None:
    """Counters by their public names, rows by table, and that the dump was complete."""
    report = tmp_path / "report.json"
    done = wpclone(*PAIR, "--report", str(report), stdin=MYSQLDUMP, engine=engine)
    assert done.returncode == 0
    assert json.loads(report.read_text()) == {
        "base64URLs": 0,
        "complete": True,
        "invalidSerializedAfter": 0,
        "invalidSerializedBefore": 0,
        "protectedURLs": 1,
        "residualURLs": 0,
        "residualWhere": {},
        "rows": {"wp_posts": 2},
        "serializedValues": 1,
        "unsupportedValues": 0,
        "values": 6,
        "valuesRewritten": 1,
    }


def test_several_pairs_do_not_meet() -> None:
    """The longest address wins, and no pair rewrites what another has written."""
    dump = b"INSERT INTO t (a,b) VALUES ('https://old.example/shop','https://new.test');"
    pairs = [
        ("https://old.example", "https://new.test"),
        ("https://old.example/shop", "https://s.test"),
    ]
    pairs.append(("https://new.test", "https://old.example"))
    options = [word for old, new in pairs for word in ("--from", old, "--to", new)]
    done = wpclone("rewrite", *options, stdin=dump)
    assert done.stdout == b"INSERT INTO t (a,b) VALUES ('https://s.test','https://old.example');"


def test_base64_is_looked_into_on_request() -> None:
    """Only with the option, because a text may be base64 by chance."""
    dump = b"INSERT INTO t (a) VALUES ('aHR0cHM6Ly9vbGQuZXhhbXBsZS9hYWE=');"
    assert wpclone(*PAIR, stdin=dump).stdout == dump
    assert (
        b"aHR0cHM6Ly9jb3B5LmNsb25lcy50ZXN0L2FhYQ==" in wpclone(*PAIR, "--base64", stdin=dump).stdout
    )


def test_the_prefix_names_the_tables_whose_columns_are_known() -> None:
    """A dump without column names: WordPress' own order of columns protects the GUID."""
    row = b"INSERT INTO `xposts` VALUES (" + b"1," * 18 + b"'https://old.example/?p=1',0,'','',0);"
    assert wpclone(*PAIR, "--prefix", "x", stdin=row).stdout == row
    assert wpclone(*PAIR, stdin=row).stdout != row


def test_tables_of_a_prefix_that_nobody_told_are_guarded_by_their_names() -> None:
    """A GUID that has been rewritten is lost; one that was spared by mistake can be seen."""
    row = b"INSERT INTO `x_posts` VALUES (" + b"1," * 18 + b"'https://old.example/?p=1',0,'','',0);"
    assert wpclone(*PAIR, stdin=row).stdout == row


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", OLD, "--to", "nowhere"], b"'nowhere' is not an address of the form"),
        (["--from", OLD], b"1 times --from and 0 times --to"),
        ([], b"an address is needed"),
        (["--fron", OLD], b"--fron"),
    ],
)
def test_wrong_usage_is_status_two(words: list[str], message: bytes) -> None:
    """A sentence on standard error, nothing on standard output."""
    done = wpclone("rewrite", *words, stdin=MYSQLDUMP)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr


@each_engine
def test_a_truncated_dump_is_status_one(tmp_path: Path, engine: str) -> None:
    """What is complete has been written, the place is named, the report says so."""
    cut, report = MYSQLDUMP[:-15], tmp_path / "report.json"
    done = wpclone(*PAIR, "--report", str(report), stdin=cut, engine=engine)
    assert done.returncode == 1
    assert done.stderr == b"wpclone rewrite: The dump ends inside an INSERT into wp_posts\n"
    assert done.stdout.endswith(rb"s:24:\"https://copy.clones.test\";}" + b"')")
    assert json.loads(report.read_text())["complete"] is False


@pytest.mark.parametrize("dump", [b"", b"\0", b"SELECT 1; \0\n", b"-- only a comment"])
def test_odd_ends_are_no_errors(dump: bytes) -> None:
    """An empty dump, a NUL behind it, a comment without a line's end."""
    done = wpclone(*PAIR, stdin=dump)
    assert (done.returncode, done.stdout, done.stderr) == (0, dump, b"")


def test_a_closed_pipe_ends_it_in_silence(tmp_path: Path) -> None:
    """Whoever reads only the head of the output hears no complaint: as with any filter."""
    source = tmp_path / "dump.sql"
    source.write_bytes(MYSQLDUMP * 5000)
    with (
        source.open("rb") as reader,
        subprocess.Popen(
            [WPCLONE, *PAIR], stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == -signal.SIGPIPE


def test_a_full_disk_is_told() -> None:
    """Status 1 and the system's own words."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [WPCLONE, *PAIR],
            input=MYSQLDUMP,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (1, b"wpclone rewrite: No space left on device\n")


def test_a_report_that_cannot_be_written_is_told() -> None:
    """The dump passes, the status says that something is missing."""
    done = wpclone(*PAIR, "--report", "/nowhere/report.json", stdin=b"SELECT 1;")
    assert (done.returncode, done.stdout) == (1, b"SELECT 1;")
    assert done.stderr == b"wpclone rewrite: /nowhere/report.json: No such file or directory\n"


def test_a_dump_that_is_cut_is_told_whatever_becomes_of_the_report() -> None:
    """The report's trouble would hide that the dump did not pass."""
    done = wpclone(*PAIR, "--report", "/nowhere/report.json", stdin=MYSQLDUMP[:-15])
    assert done.returncode == 1
    assert done.stderr == b"wpclone rewrite: The dump ends inside an INSERT into wp_posts\n"


def test_no_folder_for_giants_is_told(tmp_path: Path) -> None:
    """If the spool cannot be made, the filter says so instead of eating the memory."""
    dump = b"INSERT INTO t (a) VALUES ('" + b"x" * 9_000_000 + b"');"
    script = (
        "import sys\nfrom wpclone.rewrite import Pair, Rewriter, SqlStream, filtered\n"
        f"stream = SqlStream(Rewriter([Pair({OLD!r}, {NEW!r})]))\n"
        f"filtered(stream, 0, 1, {str(tmp_path / 'gone')!r})\n"
    )
    python = str(Path(WPCLONE).with_name("python"))
    done = subprocess.run(
        [python, "-c", script], input=dump, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"FileNotFoundError" in done.stderr


@each_engine
def test_a_dump_in_utf_16_is_no_success(engine: str) -> None:
    """Nothing in it was understood: it comes out as it went in, with a sentence and status 1."""
    dump = MYSQLDUMP.decode().encode("utf-16")
    done = wpclone(*PAIR, stdin=dump, engine=engine)
    assert (done.returncode, b"UTF-16" in done.stderr) == (1, True)
    assert dump.startswith(done.stdout)
