# SPDX-License-Identifier: Apache-2.0
"""Files come over whatever they are called, and what is no part of a site stays where it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live_site, mariadb
from tests.integration.sources.opening import Open, opened
from tests.integration.sources.people import install
from tests.live_site import LiveSite
from wpclone.mover.sources.base import FileInfo
from wpclone.mover.sources.site.source import SiteSource

ODD = (
    b"plain.txt",
    b"with space & 'quotes\".png",
    b"new\nline.txt",
    b"not-utf8-\xff\xfe.jpg",
    b"nfc-\xc3\xa9.txt",
    b"nfd-e\xcc\x81.txt",
    b"back\\slash.txt",
    b"tab\tand\x1b[31mcolour.txt",
    b"." + b"x" * 250,
    b"empty.css",
)
# PHP takes 290 bytes for a name of 247 and its place in a list.
LARGE_FOLDER = 150_000
LINKS_OF_A_FILE = 60_000  # ext4 allows 65,000
LEFT_OUT = {
    "cache/page.html": "cache",
    "upgrade/half.php": "left over from updates",
    "updraft/backup.zip": "backups",
    "uploads/backwpup-1a2b/dump.sql": "backups",
    "site.wpress": "backups",
    "debug.log": "log",
    "object-cache.php": "drop-in that points to services of the source",
    "plugins/akismet/.git/HEAD": "version control",
}


@pytest.fixture
def content(site: LiveSite) -> Iterator[Path]:
    """Give wp-content, and clear away what a test puts there."""
    folder = site.html / "wp-content"
    odd = folder / "uploads" / "odd"
    odd.mkdir()
    yield folder
    shutil.rmtree(odd)


def read(source: SiteSource, files: list[FileInfo]) -> dict[bytes, bytes]:
    """Fetch files as the mover does: a chunk at offset 0 begins a file anew."""
    found: dict[bytes, bytes] = {}
    for chunk in source.fetch(files):
        if chunk.offset == 0:
            found[chunk.path] = b""
        assert len(found[chunk.path]) == chunk.offset
        found[chunk.path] += chunk.data
    return found


def test_every_file_arrives_unchanged(content: Path, open_site: Open) -> None:
    """Names of any bytes, large and empty files, are listed and read byte for byte."""
    odd = os.fsencode(content / "uploads" / "odd")
    wanted = {}
    for number, name in enumerate(ODD):
        data = b"" if name == b"empty.css" else os.urandom(1000 + 300_000 * (number % 3))
        Path(os.fsdecode(odd + b"/" + name)).write_bytes(data)
        wanted[b"wp-content/uploads/odd/" + name] = data
    source = open_site()
    files = [file for file in source.files() if file.path in wanted]
    assert {file.path: file.size for file in files} == {p: len(d) for p, d in wanted.items()}
    assert read(source, files) == wanted


def test_the_whole_site_is_listed_once(site: LiveSite, open_site: Open) -> None:
    """The list has every file of wp-content except what is left out, uploads last, none twice."""
    (site.html / "robots.txt").write_text("User-agent: *\n")
    try:
        source = open_site()
        source._agent.pace.most_bytes = source._agent.pace.bytes = 4096
        listed = [file.path.decode() for file in source.files()]
    finally:
        (site.html / "robots.txt").unlink()
    there = {
        str(path.relative_to(site.html))
        for path in (site.html / "wp-content").rglob("*")
        if path.is_file() and "wpclone-agent" not in path.parts and "upgrade" not in path.parts
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == there | {"robots.txt"}
    assert not any("wp-config" in path for path in listed)


def test_a_folder_larger_than_phps_memory_is_listed(content: Path, open_site: Open) -> None:
    """A folder whose names alone outgrow 64 MB of PHP comes over whole, none twice."""
    folder = os.fspath(content / "uploads" / "odd")
    wanted = {f"{number:06d}-{'photo' * 48}" for number in range(LARGE_FOLDER)}
    first = ""
    for number, name in enumerate(wanted):
        if number % LINKS_OF_A_FILE == 0:
            first = name
            Path(folder, first).touch()
        else:  # as good as a file here, and made in half the time
            os.link(f"{folder}/{first}", f"{folder}/{name}")
    names = [file.path.decode() for file in open_site().files() if b"photophoto" in file.path]
    assert len(names) == LARGE_FOLDER
    assert {name.rpartition("/")[2] for name in names} == wanted


def test_what_is_no_part_of_a_site_is_left_out(site: LiveSite, open_site: Open) -> None:
    """Caches, backups, logs, drop-ins and version control are named, not copied, not readable."""
    source = open_site()
    made: list[Path] = []
    for path in LEFT_OUT:
        file = site.html / "wp-content" / path
        made += [parent for parent in reversed(file.parents) if not parent.exists()]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("<?php // left out\n")
        made.append(file)
    try:
        listed = {entry.path.decode() for entry in source.files()}
        reasons = {entry.what: entry.why for entry in source.skipped()}
        for path, why in LEFT_OUT.items():
            assert f"wp-content/{path}" not in listed
            named = [f"wp-content/{path}", *map(str, Path("wp-content", path).parents)]
            assert why in {reasons.get(name) for name in named}, path
            chunks = list(source.fetch([FileInfo(f"wp-content/{path}".encode(), 10, 0)]))
            assert [chunk.missing for chunk in chunks] == [True], path
    finally:
        for path_made in reversed(made):
            path_made.rmdir() if path_made.is_dir() else path_made.unlink()


FORBIDDEN = (
    b"wp-config.php",
    b"wp-content/../wp-config.php",
    b"wp-content//plugins/akismet/akismet.php",
    b"../etc/passwd",
    b"/etc/passwd",
    b"wp-content/uploads/odd/link.txt",
    b"wp-content/plugins/wpclone-agent/uninstall.php",
    b"wp-content/plugins/akismet/akismet.php\0.txt",
    b"",
)


def test_nothing_outside_can_be_read(content: Path, open_site: Open) -> None:
    """A request for a file that is not part of the copy gets nothing, link or no link."""
    (content / "uploads" / "odd" / "link.txt").symlink_to("/etc/passwd")
    source = open_site()
    for path in FORBIDDEN:
        chunks = list(source.fetch([FileInfo(path, 10, 0)]))
        assert [(chunk.missing, chunk.data) for chunk in chunks] == [(True, b"")], path


def test_a_file_that_has_vanished_is_reported(content: Path, open_site: Open) -> None:
    """A file deleted between list and fetch is missing; those beside it arrive."""
    folder = content / "uploads" / "odd"
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(name)
    source = open_site()
    files = [file for file in source.files() if b"/odd/" in file.path]
    (folder / "b.txt").unlink()
    seen = {chunk.path[-5:]: (chunk.missing, chunk.data) for chunk in source.fetch(files)}
    assert seen == {b"a.txt": (False, b"a.txt"), b"b.txt": (True, b""), b"c.txt": (False, b"c.txt")}


def test_a_file_that_changes_while_it_is_read_begins_anew(content: Path, open_site: Open) -> None:
    """The copy of a file holds one version of it, never the head of one and the tail of another."""
    file = content / "uploads" / "odd" / "big.bin"
    file.write_bytes(b"a" * 3_000_000)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    source = open_site()
    source._agent.pace.most_bytes = source._agent.pace.bytes = 600_000
    listed = [entry for entry in source.files() if entry.path.endswith(b"big.bin")]
    found = b""
    for chunk in source.fetch(listed):
        found = (b"" if chunk.offset == 0 else found) + chunk.data
        if chunk.offset == 0 and chunk.data[:1] == b"a":
            file.write_bytes(b"b" * 2_000_000)
    assert found == b"b" * 2_000_000


def test_links_out_of_the_site_are_named(content: Path, open_site: Open) -> None:
    """A link that leads elsewhere is not followed, and a loop does not hold the list up."""
    folder = content / "uploads" / "odd"
    (folder / "out").symlink_to("/etc")
    (folder / "loop").symlink_to(folder)
    everything = content / "everything"
    everything.symlink_to("/")
    try:
        source = open_site()
        paths = [file.path for file in source.files()]
        (chunk,) = source.fetch([FileInfo(b"wp-content/everything/etc/passwd", 10, 0)])
    finally:
        everything.unlink()
    assert not any(b"passwd" in path for path in paths)
    assert chunk.missing
    assert len(paths) < 5000
    reasons = {entry.what: entry.why for entry in source.skipped()}
    for link in ("uploads/odd/out", "uploads/odd/loop", "everything"):
        assert reasons[f"wp-content/{link}"] == "symbolic link that leads out of the site"


def test_what_a_host_fences_off_is_named(database: mariadb.Server) -> None:
    """Under open_basedir a site is copied all the same, and says what of it cannot be read."""
    with live_site.live(database, open_basedir="/srv/html:/tmp") as fenced:
        content = fenced.html / "wp-content"
        (content / "plugins" / "shared").symlink_to("/usr/share")
        (content / "uploads" / "out").symlink_to("/etc/passwd")
        with opened(fenced.url) as source:
            files = list(source.files())
            assert len(read(source, files)) == len(files)
            reasons = {entry.what: entry.why for entry in source.skipped()}
    assert not any(b"passwd" in file.path or b"/shared/" in file.path for file in files)
    assert reasons["wp-content/plugins/shared"] == "not readable"
    assert reasons["wp-content/uploads/out"] == "not readable"


@pytest.mark.parametrize(
    ("home", "core", "root", "reason"),
    [
        ("http://acme.test", "http://acme.test", "/srv/html", "one address"),
        ("https://www.acme.test", "http://acme.test", "/srv/html", "another host and scheme"),
        ("http://acme.test", "http://acme.test/html", "/srv", "WordPress in its own folder"),
        ("http://acme.test/shop/", "http://acme.test/shop/html", "/srv", "the same below a path"),
        ("http://acme.test", "http://acme.test/wp", "/srv/html", "an address made by the server"),
    ],
)
def test_the_folder_of_root_files_is_found(
    site: LiveSite, home: str, core: str, root: str, reason: str
) -> None:
    """robots.txt and the like lie where the home address leads, wherever WordPress itself lies."""
    install(site)
    found = site.raw_php(
        f"define( 'WP_HOME', '{home}' ); define( 'WP_SITEURL', '{core}' );"
        "$_SERVER['HTTP_HOST'] = 'acme.test'; $_SERVER['REQUEST_URI'] = '/';"
        f"$_SERVER['SCRIPT_FILENAME'] = '{root}/index.php';"
        "require '/srv/html/wp-load.php'; echo WPClone_Agent_Layout::root();"
    )
    assert found == root, reason
