# SPDX-License-Identifier: Apache-2.0
"""Files on their way into a folder: whole or not at all, and never anywhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from wpclone.errors import ImportFailed, SourceError
from wpclone.mover import tree
from wpclone.mover.blank import BlankSource
from wpclone.mover.files import MAX_TEXT_BYTES, Copier
from wpclone.mover.sources.base import FileChunk, FileInfo
from wpclone.mover.tree import Tree

UPLOADS = b"wp-content/uploads/"


class Listed(BlankSource):
    """A source with the given files and chunks."""

    def __init__(self, chunks: Sequence[FileChunk], sizes: Sequence[tuple[bytes, int]]) -> None:
        """Offer the files, send the chunks."""
        self.chunks = chunks
        self.infos = [FileInfo(path, size, 1_700_000_000) for path, size in sizes]
        self.asked: list[bytes] = []

    def files(self) -> Iterator[FileInfo]:
        """List."""
        return iter(self.infos)

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Send what the test says."""
        self.asked += [info.path for info in files]
        return iter(self.chunks)


def chunk(path: bytes, offset: int, data: bytes, *, last: bool = False) -> FileChunk:
    """Return a chunk below uploads."""
    return FileChunk(UPLOADS + path, offset, data, last=last, missing=False)


def copy(source: Listed, home: Path) -> Copier:
    """Copy everything into `home/html`."""
    with Tree(home / "html", home / "state/incoming") as target:
        copier = Copier(source, target, lambda _path, data: data.upper(), 1)
        copier.run(lambda _info: None)
    return copier


def test_chunks_become_files_and_text_is_rewritten_whole(tmp_path: Path) -> None:
    """A text file is rewritten over the borders of its chunks; others are taken as they are."""
    source = Listed(
        [
            chunk(b"a.css", 0, b"abc"),
            chunk(b"a.css", 3, b"def", last=True),
            chunk(b"b.bin", 0, b"xyz", last=True),
        ],
        [(UPLOADS + b"a.css", 6), (UPLOADS + b"b.bin", 3)],
    )
    assert copy(source, tmp_path).copied.files == 2
    folder = tmp_path / "html/wp-content/uploads"
    assert (folder / "a.css").read_bytes() == b"ABCDEF"
    assert (folder / "b.bin").read_bytes() == b"xyz"
    assert not (tmp_path / "state/incoming").exists()


def test_a_file_that_changed_while_it_was_read_begins_again(tmp_path: Path) -> None:
    """An offset of zero drops what had come before."""
    source = Listed(
        [chunk(b"a.bin", 0, b"old"), chunk(b"a.bin", 0, b"newer", last=True)],
        [(UPLOADS + b"a.bin", 3)],
    )
    copy(source, tmp_path)
    assert (tmp_path / "html/wp-content/uploads/a.bin").read_bytes() == b"newer"


def test_a_file_that_vanished_leaves_nothing(tmp_path: Path) -> None:
    """Deleted on the source between list and fetch, even in its middle: counted, not written."""
    gone = FileChunk(UPLOADS + b"a.bin", 3, b"", last=True, missing=True)
    source = Listed([chunk(b"a.bin", 0, b"abc"), gone], [(UPLOADS + b"a.bin", 9)])
    copied = copy(source, tmp_path).copied
    assert (copied.files, copied.vanished) == (0, 1)
    assert not list((tmp_path / "html").rglob("*.bin"))


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"a.bin", 0, b"abc"), chunk(b"a.bin", 5, b"x", last=True)],
        [chunk(b"a.bin", 0, b"abc")],
        [chunk(b"other.bin", 0, b"abc", last=True)],
        [chunk(b"a.bin", 0, b"abc"), chunk(b"other.bin", 0, b"abc", last=True)],
        [],
    ],
    ids=["a gap", "no end", "another file", "two at once", "nothing"],
)
def test_confused_streams_end_the_copying(chunks: list[FileChunk], tmp_path: Path) -> None:
    """Gaps, missing ends and files nobody asked for are the source's fault, and leave no file."""
    source = Listed(chunks, [(UPLOADS + b"a.bin", 3)])
    with pytest.raises(SourceError) as caught:
        copy(source, tmp_path)
    assert (caught.value.reason, caught.value.retryable) == ("SourceLost", True)
    assert not [p for p in (tmp_path / "html").rglob("*") if p.is_file()]


def test_a_second_run_fetches_only_what_is_new(tmp_path: Path) -> None:
    """Rewritten text counts as there although its size differs; a changed file comes again."""
    names = [b"a.css", b"b.bin"]
    chunks = [chunk(name, 0, b"abc", last=True) for name in names]
    source = Listed(chunks, [(UPLOADS + name, 3) for name in names])
    copy(source, tmp_path)
    again = Listed([], [(UPLOADS + name, 3) for name in names])
    assert copy(again, tmp_path).copied.files == 2
    assert again.asked == []
    changed = Listed([chunk(b"b.bin", 0, b"abcd", last=True)], [(UPLOADS + b"b.bin", 4)])
    copy(changed, tmp_path)
    assert changed.asked == [UPLOADS + b"b.bin"]
    lost = tmp_path / "html/wp-content/uploads/a.css"
    stamp = lost.stat().st_mtime_ns
    lost.write_bytes(b"")  # what a machine that lost power may leave
    os.utime(lost, ns=(stamp, stamp))
    third = Listed([chunk(b"a.css", 0, b"abc", last=True)], [(UPLOADS + b"a.css", 3)])
    copy(third, tmp_path)
    assert third.asked == [UPLOADS + b"a.css"]


def test_large_text_is_taken_as_it_is(tmp_path: Path) -> None:
    """Memory stays bounded: a text of many megabytes is not for people to read."""
    size = MAX_TEXT_BYTES + 10
    source = Listed([chunk(b"a.json", 0, b"a" * size, last=True)], [(UPLOADS + b"a.json", size)])
    copy(source, tmp_path)
    assert (tmp_path / "html/wp-content/uploads/a.json").read_bytes() == b"a" * size


def test_s17_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A link among the folders, or in a file's place, never leads a write elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.bin").write_bytes(b"kept")
    content = tmp_path / "html/wp-content"
    content.mkdir(parents=True)
    (content / "uploads").symlink_to(outside)
    source = Listed([chunk(b"kept.bin", 0, b"bad", last=True)], [(UPLOADS + b"kept.bin", 3)])
    copied = copy(source, tmp_path).copied
    assert (outside / "kept.bin").read_bytes() == b"kept"
    assert (copied.files, len(copied.skipped)) == (0, 1)
    (content / "uploads").unlink()
    (content / "uploads").mkdir()
    (content / "uploads/kept.bin").symlink_to(outside / "kept.bin")
    assert copy(source, tmp_path).copied.files == 1
    assert (outside / "kept.bin").read_bytes() == b"kept"
    assert (content / "uploads/kept.bin").read_bytes() == b"bad"


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    """The source's odd layout costs one file, not the import."""
    (tmp_path / "html/wp-content/uploads/a.bin/x").mkdir(parents=True)
    source = Listed([chunk(b"a.bin", 0, b"abc", last=True)], [(UPLOADS + b"a.bin", 3)])
    copied = copy(source, tmp_path).copied
    assert [item.what for item in copied.skipped] == ["wp-content/uploads/a.bin"]


def test_hostile_paths_are_never_asked_for(tmp_path: Path) -> None:
    """What leads out of the folder is skipped before anything is fetched, and told."""
    source = Listed([], [(b"wp-content/../../../etc/cron.d/x", 1), (b"wp-config.php", 1)])
    copied = copy(source, tmp_path).copied
    assert source.asked == []
    assert len(copied.skipped) == 2


def test_a_read_only_volume_is_worth_another_try() -> None:
    """Errors of the file system become reasons, and only a full one is final."""
    with pytest.raises(ImportFailed) as caught, tree.said():
        raise OSError(30, "Read-only file system")
    assert (caught.value.reason, caught.value.retryable) == ("ImportFailed", True)
    for number in (28, 122):
        with pytest.raises(ImportFailed) as caught, tree.said():
            raise OSError(number, "full")
        assert (caught.value.reason, caught.value.retryable) == ("StorageFull", False)


class Cut(Listed):
    """A source that is lost in the middle of a large file, and goes on there the next time."""

    def __init__(self, data: bytes, come: int, *, changes: bool = False) -> None:
        """Send `come` bytes, then nothing more; maybe the file changes before the next try."""
        super().__init__([], [(LARGE, len(data))])
        self.data, self.come, self.changes = data, come, changes
        self.sent: list[tuple[int, int]] = []

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Send from where the caller is."""
        (info,) = files
        at = 0 if self.changes and self.sent else info.have
        until = len(self.data) if self.sent else self.come
        self.sent.append((at, until))
        while at < until:
            part = self.data[at : min(at + 1_000_000, until)]
            at += len(part)
            last = at == len(self.data)
            yield FileChunk(LARGE, at - len(part), part, last=last, missing=False)
        if until < len(self.data):
            raise SourceError("SourceLost", "The source is gone", retryable=True)


LARGE = UPLOADS + b"film.mp4"
FILM = os.urandom(1_000_003) * 60
SAFE = 32_000_000  # of 50 MB, the last whole stretch of 16 MB may not have reached the disk


@pytest.mark.parametrize(("changes", "begins"), [(False, SAFE), (True, 0)])
def test_a_large_file_goes_on_where_it_was_cut(
    tmp_path: Path, *, changes: bool, begins: int
) -> None:
    """A film is not fetched from its start again, unless it is another one by now."""
    source = Cut(FILM, 50_000_000, changes=changes)
    with pytest.raises(SourceError):
        copy(source, tmp_path)
    copy(source, tmp_path)
    assert source.sent == [(0, 50_000_000), (begins, len(FILM))]
    assert (tmp_path / "html" / os.fsdecode(LARGE)).read_bytes() == FILM
    assert not (tmp_path / "state/incoming").exists()


def test_the_part_of_another_version_is_not_gone_on_with(tmp_path: Path) -> None:
    """A film with another date or size begins anew."""
    source = Cut(FILM, 50_000_000)
    with pytest.raises(SourceError):
        copy(source, tmp_path)
    source.infos = [FileInfo(LARGE, len(FILM), 1_700_000_001)]
    copy(source, tmp_path)
    assert source.sent[1] == (0, len(FILM))
