# SPDX-License-Identifier: Apache-2.0
"""An export's file comes whole, for its owner alone, and takes no other thing's place."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from wpclone.cli import outputs


def write(output: Path | str, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Write an output as a command does, and let something happen before its end."""
    with outputs.opened(str(output)) as out:
        out.write(b"new")
        meanwhile()


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask says, and whoever could read the file that was there."""
    path = tmp_path / "site.tar"
    path.write_bytes(b"old")
    path.chmod(0o644)
    earlier = os.umask(0o022)
    try:
        write(path)
    finally:
        os.umask(earlier)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_finished_is_none(tmp_path: Path) -> None:
    """The earlier one stays, and nothing lies beside it."""
    path = tmp_path / "site.tar"
    path.write_bytes(b"old")

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(path, meanwhile=fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_leads_to_the_file(tmp_path: Path, is_there: bool) -> None:  # noqa: FBT001
    """What a symbolic link leads to is written, be it there or not."""
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "site.tar", tmp_path / "link"
    link.symlink_to("disk/site.tar")
    if is_there:
        target.write_bytes(b"old")
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert not target.is_symlink()


@pytest.mark.parametrize("by_link", [False, True])
def test_a_pipe_with_a_name_is_written_in_place(tmp_path: Path, by_link: bool) -> None:  # noqa: FBT001
    """Its reader gets the bytes, and it is a pipe still."""
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()), daemon=True)
    reader.start()
    write(link if by_link else fifo)
    reader.join(10)
    assert read == [b"new"]
    assert fifo.is_fifo()
    assert sorted(tmp_path.iterdir()) == [fifo, link]


def test_a_device_is_written_in_place(tmp_path: Path) -> None:
    """A node like /dev/full refuses the bytes and stays what it is."""
    node = tmp_path / "full"
    try:
        os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
        node.open("wb", buffering=0).close()
    except PermissionError:
        pytest.skip("only root can make a device, where the file system lets anybody use one")
    with pytest.raises(OSError, match="No space left"):
        write(node)
    assert node.is_char_device()
    assert list(tmp_path.iterdir()) == [node]


def test_what_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """A pipe that somebody makes under the name while the file is written stays."""
    path = tmp_path / "site.tar"
    with pytest.raises(FileExistsError):
        write(path, meanwhile=lambda: os.mkfifo(path))
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("output", ["", ".", "folder", "absent/", "absent/site.tar", "loop"])
def test_what_cannot_be_a_file_is_told_at_once(
    tmp_path: Path, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders, what lies in none, and a link that leads to itself; before any work is done."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match=r"directory|symbolic links"), outputs.opened(output):
        pytest.fail("it was opened")
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "loop"}
