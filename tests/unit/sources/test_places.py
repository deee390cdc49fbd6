# SPDX-License-Identifier: Apache-2.0
"""Files of a database's site come from a folder or an archive, and never from anywhere else."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import archives
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.base import FileInfo
from wpclone.mover.sources.files.folder import CHUNK, Folder
from wpclone.mover.sources.files.place import Place
from wpclone.mover.sources.files.tarball import Tarball

SITE = {
    "wp-content/plugins/one/one.php": b"<?php // one",
    "wp-content/themes/acme/style.css": b"body {}",
    "wp-content/uploads/2024/picture.png": os.urandom(200_000),
    "wp-content/uploads/empty.txt": b"",
    "wp-content/index.php": b"<?php // silence",
    "wp-content/cache/page.html": b"stale",
    "wp-content/object-cache.php": b"<?php // the source's cache",
    "robots.txt": b"User-agent: *",
    "wp-config.php": b"<?php define( 'DB_CHARSET', 'latin1' ); // secrets",
    "wp-includes/version.php": b"<?php\n$wp_version = '6.8.1';",
    "wp-login.php": b"<?php",
}
COPIED = {
    "robots.txt",
    "wp-content/index.php",
    "wp-content/plugins/one/one.php",
    "wp-content/themes/acme/style.css",
    "wp-content/uploads/2024/picture.png",
    "wp-content/uploads/empty.txt",
}


def write(root: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def folder(files: dict[str, bytes], scratch: Path) -> Place:
    """Give the files as a folder."""
    return Folder(str(write(scratch / "files", files)), "The volume acme-files")


def tarball(files: dict[str, bytes], _scratch: Path) -> Place:
    """Give the files as a plain archive."""
    named = {f"./{path}": content for path, content in files.items()}
    return Tarball(archives.Memory(archives.tar(named)), "https://files.acme.test/site.tar")


def packed(files: dict[str, bytes], _scratch: Path) -> Place:
    """Give the files as a gzipped archive, with folders in front, on a server without ranges."""
    named = {f"srv/html/{path}": content for path, content in files.items()}
    data = gzip.compress(archives.tar(named))
    return Tarball(archives.forwards(data), "https://files.acme.test/site.tar.gz")


Made = Callable[[dict[str, bytes], Path], Place]
places = pytest.mark.parametrize("made", [folder, tarball, packed])


def fetched(place: Place, infos: list[FileInfo]) -> dict[str, bytes]:
    """Fetch files as the mover does, and put their chunks together."""
    found: dict[str, bytes] = {}
    for chunk in place.fetch(infos):
        name = os.fsdecode(chunk.path)
        assert chunk.offset in {0, len(found.get(name, b""))}
        found[name] = (found.get(name, b"") if chunk.offset else b"") + chunk.data
    return found


@places
def test_a_place_gives_the_sites_own_files(made: Made, tmp_path: Path) -> None:
    """Content comes, byte for byte; the core, caches and secrets stay, and what matters is told."""
    place = made(SITE, tmp_path)
    found = place.look()
    infos = list(place.files())
    assert {os.fsdecode(info.path) for info in infos} == COPIED
    assert found.files == len(COPIED)
    assert found.size == sum(len(SITE[path]) for path in COPIED)
    assert fetched(place, infos) == {path: SITE[path] for path in COPIED}
    assert found.wordpress == "6.8.1"
    assert b"latin1" in found.config
    told = {skipped.what for skipped in place.skipped()}
    assert "wp-content/object-cache.php" in told
    place.close()


@places
def test_files_can_be_fetched_again_and_in_any_batch(made: Made, tmp_path: Path) -> None:
    """A batch that failed is asked for once more, and batches run beside each other."""
    place = made(SITE, tmp_path)
    infos = list(place.files())
    for batch in (infos[3:], infos[:3], infos[2:4]):
        wanted = {os.fsdecode(info.path): SITE[os.fsdecode(info.path)] for info in batch}
        assert fetched(place, batch) == wanted


@places
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("web/app/plugins/one/one.php", "has the layout of Bedrock"),
        ("content/plugins/one/one.php", "content instead of wp-content"),
        ("notes/2024/7.pdf", "holds no folder wp-content"),
    ],
)
def test_a_place_without_wp_content_says_what_is_there(
    made: Made, tmp_path: Path, path: str, sentence: str
) -> None:
    """SourceLayoutUnsupported, with the place and the folder that a person would look for."""
    with pytest.raises(SourceError) as caught:
        made({path: b"x", "wp-login.php": b"x"}, tmp_path).look()
    assert caught.value.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED
    assert sentence in caught.value.message
    assert caught.value.message.startswith(("The volume acme-files", "The archive https://"))


def test_links_lead_nowhere_but_within_the_folder(tmp_path: Path) -> None:
    """A volume is a stranger's: a link to the pod's own secrets must not become a picture."""
    secret = tmp_path / "secret"
    secret.write_text("canary")
    root = write(tmp_path / "files", SITE)
    uploads = root / "wp-content/uploads"
    (uploads / "stolen.txt").symlink_to(secret)
    (uploads / "stolen").symlink_to(tmp_path)
    (uploads / "dangling.txt").symlink_to("nothing")
    (uploads / "loop").symlink_to(uploads)
    shared = write(root / "shared", {"plugin/two.php": b"<?php // two"})
    (root / "wp-content/plugins/two").symlink_to(shared / "plugin")
    os.mkfifo(uploads / "pipe")
    place = Folder(str(root), "The volume")
    infos = list(place.files())
    names = {os.fsdecode(info.path) for info in infos}
    assert names - COPIED == {"wp-content/plugins/two/two.php"}
    why = {skipped.what: skipped.why for skipped in place.skipped()}
    assert why["wp-content/uploads/stolen.txt"] == "symbolic link that leads out of the site"
    assert why["wp-content/uploads/stolen"] == "symbolic link that leads out of the site"
    assert why["wp-content/uploads/dangling.txt"] == "not readable"
    assert why["wp-content/uploads/loop"] == "folders nested without end"
    assert why["wp-content/uploads/pipe"] == "not a regular file"


def test_a_file_that_becomes_a_link_is_not_followed_out(tmp_path: Path) -> None:
    """What counts is where the opened file really is, not what its path was a moment ago."""
    root = write(tmp_path / "files", SITE)
    place = Folder(str(root), "The volume")
    info = next(info for info in place.files() if info.path.endswith(b"picture.png"))
    secret = tmp_path / "secret"
    secret.write_text("canary")
    path = root / os.fsdecode(info.path)
    path.unlink()
    path.symlink_to(secret)
    (chunk,) = place.fetch([info])
    assert (chunk.missing, chunk.data) == (True, b"")


def test_a_vanished_file_is_missing_and_a_long_one_comes_in_chunks(tmp_path: Path) -> None:
    """A live volume changes while it is read."""
    long = os.urandom(2 * CHUNK + 7)
    root = write(tmp_path / "files", {**SITE, "wp-content/uploads/long.bin": long})
    place = Folder(str(root), "The volume")
    infos = {os.fsdecode(info.path): info for info in place.files()}
    (root / "robots.txt").unlink()
    (gone,) = place.fetch([infos["robots.txt"]])
    assert gone.missing
    chunks = list(place.fetch([infos["wp-content/uploads/long.bin"]]))
    assert [(c.offset, c.last) for c in chunks] == [
        (0, False),
        (CHUNK, False),
        (2 * CHUNK, True),
    ]
    assert b"".join(c.data for c in chunks) == long


def test_a_volume_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The folder is not there, as on a claim that holds something else than was thought."""
    with pytest.raises(SourceError, match="The volume acme-files") as caught:
        Folder(str(tmp_path / "nowhere"), "The volume acme-files").look()
    assert caught.value.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED
