# SPDX-License-Identifier: Apache-2.0
"""Files come out of a stranger's tar archive as they went in, and nothing else does."""

from __future__ import annotations

import gzip
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import archives
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.remote import folder, sections, tar
from wpclone.mover.sources.remote.folder import Folder
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote

LONG = "wp-content/uploads/" + "é" * 80 + "/" + "n" * 120 + ".txt"
FILES = {
    "wp-content/themes/acme/style.css": b"body {}",
    "wp-content/uploads/empty.txt": b"",
    "wp-content/uploads/large.bin": os.urandom(3_000_000),
    LONG: b"long",
    "wp-content/uploads/last.png": os.urandom(70_000),
}
OPENED: dict[str, Callable[[bytes], Remote]] = {
    "ranges": archives.Memory,
    "no ranges": archives.forwards,
    "gzip": lambda data: sections.unpacked(archives.Memory(gzip.compress(data, 1))),
}


def content(found: Folder) -> dict[str, bytes]:
    """Fetch everything."""
    got: dict[str, bytes] = {}
    for chunk in found.fetch(list(found.files())):
        name = os.fsdecode(chunk.path)
        assert chunk.offset == len(got.get(name, b""))
        got[name] = got.get(name, b"") + chunk.data
    return got


@pytest.mark.parametrize("way", OPENED)
@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_every_usual_kind_of_tar_is_read(way: str, kind: int) -> None:
    """Long names, empty and large files, each format, from each kind of server."""
    found = folder.read(OPENED[way](archives.tar(FILES, kind)))
    assert content(found) == FILES
    assert {file.mtime for file in found.files()} == {1_700_000_000}


def test_what_gnu_tar_writes_is_read(tmp_path: Path) -> None:
    """A folder packed on a command line, with its `./`, folders and names that are no UTF-8."""
    place = tmp_path / "www" / "wp-content" / "uploads"
    place.mkdir(parents=True)
    odd = os.path.join(os.fsencode(place), b"caf\xe9.txt")  # noqa: PTH118  bytes
    Path(os.fsdecode(odd)).write_bytes(b"latin")
    packed = subprocess.run(
        ["tar", "-C", str(tmp_path / "www"), "-cz", "."], check=True, capture_output=True
    ).stdout
    found = folder.read(folder.archived(archives.Memory(packed)))
    assert [file.path for file in found.files()] == [b"wp-content/uploads/caf\xe9.txt"]
    assert list(content(found).values()) == [b"latin"]


def test_one_pass_suffices_where_there_are_no_ranges() -> None:
    """Files fetched in their order, in batches, begin the archive anew only once."""
    memory = archives.Memory(gzip.compress(archives.tar(FILES)))
    found = folder.read(folder.archived(memory))
    begun = memory.asked
    for file in found.files():
        assert b"".join(c.data for c in found.fetch([file])) == FILES[os.fsdecode(file.path)]
    assert memory.asked == begun + 1


def test_the_site_may_lie_deeper_in_the_archive() -> None:
    """What is before the highest wp-content is the site's folder; a deeper one is a backup."""
    packed = archives.tar(
        {
            "./backup/www/wp-content/plugins/a.php": b"a",
            "./backup/www/wp-content/uploads/old/wp-content/plugins/b.php": b"b",
            "./backup/www/wp-config.php": b"secrets",
            "./backup/www/robots.txt": b"robots",
            "./backup/www/wp-content/db.php": b"drop-in",
            "./backup/notes.txt": b"not the site's",
        }
    )
    found = folder.read(archives.Memory(packed))
    assert sorted(file.path for file in found.files()) == [
        b"robots.txt",
        b"wp-content/plugins/a.php",
        b"wp-content/uploads/old/wp-content/plugins/b.php",
    ]
    assert [skipped.what for skipped in found.skipped] == ["wp-config.php", "wp-content/db.php"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"dump.sql": b"x"}, "no folder wp-content"),
        ({"a/wp-content/x": b"", "b/wp-content/x": b""}, "two sites"),
    ],
)
def test_an_archive_without_one_site_is_refused(files: dict[str, bytes], words: str) -> None:
    """None and two are both one sentence."""
    with pytest.raises(SourceError, match=words) as caught:
        folder.read(archives.Memory(archives.tar(files)))
    assert caught.value.reason == Reason.SOURCE_NOT_WORDPRESS


def _odd(kind: bytes, name: str = "wp-content/odd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    "member",
    [
        _odd(tarfile.SYMTYPE),
        _odd(tarfile.LNKTYPE),
        _odd(tarfile.CHRTYPE),
        _odd(tarfile.BLKTYPE),
        _odd(tarfile.FIFOTYPE),
        _odd(tarfile.REGTYPE, "wp-content/../../etc/cron.d/x"),
        _odd(tarfile.REGTYPE, "/wp-content/../x"),
        _odd(tarfile.REGTYPE, "wp-content//x"),
        _odd(tarfile.REGTYPE, "wp-content/" + "n" * 300),
    ],
    ids=lambda m: f"{m.type!r}-{m.name[:30]}",
)
def test_hostile_members_are_left_out_and_named(member: tarfile.TarInfo) -> None:
    """Links, devices and names that lead elsewhere harm nobody and hide nothing."""
    packed = archives.tar({"wp-content/a": b"a", "odd": member, "wp-content/b": b"b"})
    found = folder.read(archives.Memory(packed))
    assert content(found) == {"wp-content/a": b"a", "wp-content/b": b"b"}
    assert len(found.skipped) == 1


def test_a_sparse_file_is_left_out(tmp_path: Path) -> None:
    """A terabyte of nothing is not unpacked."""
    place = tmp_path / "wp-content"
    place.mkdir()
    with (place / "bomb").open("wb") as bomb:
        bomb.truncate(1 << 40)
    (place / "a").write_bytes(b"a")
    for kind in ("gnu", "pax"):
        packed = subprocess.run(
            ["tar", f"--format={kind}", "-C", str(tmp_path), "--sparse", "-c", "wp-content"],
            check=True,
            capture_output=True,
        ).stdout
        found = folder.read(archives.Memory(packed))
        assert content(found) == {"wp-content/a": b"a"}
        assert len(found.skipped) == 1


def test_the_last_of_two_of_one_name_counts() -> None:
    """As every program that unpacks has it."""
    first = archives.tar({"wp-content/a": b"old"})[:1024]  # without the blocks that end it
    packed = first + archives.tar({"wp-content/a": b"newer"})
    found = folder.read(archives.Memory(packed))
    assert content(found) == {"wp-content/a": b"newer"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_archive_is_noticed(share: float, *, packed: bool) -> None:
    """Wherever it ends: half a site is none."""
    whole = archives.tar(FILES)
    data = gzip.compress(whole, 1) if packed else whole.rstrip(b"\0")
    with pytest.raises(SourceError) as caught:
        folder.read(folder.archived(archives.Memory(data[: int(len(data) * share)])))
    assert caught.value.reason == Reason.SOURCE_LOST


def test_a_flipped_bit_in_a_head_is_noticed() -> None:
    """Heads have checksums."""
    data = bytearray(archives.tar(FILES))
    data[600 + 512 + 3] ^= 1
    with pytest.raises(SourceError) as caught:
        folder.read(archives.Memory(bytes(data)))
    assert caught.value.reason == Reason.SOURCE_LOST


def test_a_head_as_large_as_our_memory_is_not_read() -> None:
    """A name of a gigabyte is refused before it has come."""
    info = tarfile.TarInfo("./@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    with pytest.raises(SourceError, match="damaged"):
        list(tar.members(Pull(archives.Memory(info.tobuf() + bytes(2048)))))


def test_a_bomb_is_refused() -> None:
    """What unpacks to a thousand times its size is not a site."""
    bomb = gzip.compress(bytes(1 << 20), 9) * 400
    with pytest.raises(SourceError) as caught:
        for _ in sections.unpacked(archives.Memory(bomb)).stream():
            pass
    assert caught.value.reason == Reason.SOURCE_TOO_LARGE


def test_gzip_files_behind_each_other_are_one() -> None:
    """As `cat a.gz b.gz` makes them, and with filling at the end."""
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(700)
    assert b"".join(sections.unpacked(archives.Memory(packed)).stream()) == b"one two"
