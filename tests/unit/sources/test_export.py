# SPDX-License-Identifier: Apache-2.0
"""An export gives back what went into it, and nothing that was changed on the way."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import archives
from tests.archives import Held
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover import exporting, spool
from wpclone.mover.exporting import Exported
from wpclone.mover.sources.archive import contents, form, verifying
from wpclone.mover.sources.archive import export as reading
from wpclone.mover.sources.archive.export import ExportSource
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote
from wpclone.mover.spool import view

SQL = b"INSERT INTO `%s` VALUES ('%s');\n"


def rows(table: str, count: int, size: int = 20) -> list[tuple[bytes, int]]:
    """Return pieces of one row each."""
    return [(SQL % (table.encode(), b"%d" % n * size), 1) for n in range(count)]


SITE = Held(
    {
        "wp_users": rows("wp_users", 3),
        "wp_posts": rows("wp_posts", 9, 300_000),
        "wp_empty": [(b"", 0)],
        "wp_wfhits": rows("wp_wfhits", 5),
        "wp_odd /ä": rows("wp_odd /ä", 2),
    },
    {
        "wp-content/themes/acme/style.css": b"body {}",
        "wp-content/uploads/empty": b"",
        "wp-content/uploads/gone.png": b"",
        "wp-content/uploads/" + "n" * 150 + ".txt": b"long",
        os.fsdecode(b"wp-content/uploads/caf\xe9.txt"): b"latin",
        "wp-content/uploads/large.bin": os.urandom(150_000),
        "wp-config.php": b"secrets",
        "robots.txt": b"",
    },
    frozenset({"wp-content/uploads/gone.png"}),
)
OPENED: dict[str, Callable[[bytes], Remote]] = {
    "ranges": archives.Memory,
    "no ranges": archives.forwards,
}


def export(site: Held = SITE) -> tuple[bytes, Exported]:
    """Write an export into memory."""
    out = io.BytesIO()
    done = exporting.run(site, out, lambda _said: None)
    return out.getvalue(), done


@pytest.fixture(scope="module")
def written() -> bytes:
    """Write the export of the site once."""
    return export()[0]


def everything(source: ExportSource) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Read all rows and all files."""
    tables = {}
    for table in source.tables():
        pieces = list(source.rows(table, None))
        assert [piece.cursor is None for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert sum(bytes(view(piece.sql)).count(b"INSERT") for piece in pieces) == sum(
            p.rows for p in pieces
        )
        tables[table.name] = b"".join(view(piece.sql) for piece in pieces)
    files: dict[str, bytes] = {}
    for info in source.files():
        for chunk in source.fetch([info]):
            name = os.fsdecode(chunk.path)
            files[name] = files.get(name, b"") + chunk.data
    return tables, files


@pytest.mark.parametrize("way", OPENED)
def test_all_of_a_site_comes_back(written: bytes, way: str) -> None:
    """Rows, files, names, facts, from a server with ranges and from one without."""
    source = ExportSource(OPENED[way](written))
    tables, files = everything(source)
    assert tables == {
        name: b"" if name in {"wp_empty", "wp_wfhits"} else b"".join(sql for sql, _ in pieces)
        for name, pieces in SITE.tables_.items()
    }
    left_out = {"wp-config.php", "wp-content/uploads/gone.png"}
    assert files == {name: data for name, data in SITE.files_.items() if name not in left_out}
    seen = source.inspect()
    assert (seen.home_url, seen.site_url) == ("https://www.acme.test", "https://www.acme.test/wp")
    assert (seen.tables, seen.rows, seen.files) == (5, 14, 6)
    assert seen.file_bytes == sum(map(len, files.values()))
    assert source.versions() == {"WordPress": "6.8.1"}
    assert {skipped.what for skipped in source.skipped()} == {
        "wp_view",
        "wp_wfhits",
        *left_out,
    }
    assert [t.ddl.rstrip(b";\n") for t in source.tables()] == [t.ddl for t in SITE.tables()]


def test_a_table_is_taken_up_at_any_piece(written: bytes) -> None:
    """A cursor names what comes next."""
    source = ExportSource(archives.Memory(written))
    posts = next(table for table in source.tables() if table.name == "wp_posts")
    pieces = list(source.rows(posts, None))
    assert len(pieces) > 2
    for at, piece in enumerate(pieces[:-1]):
        assert list(source.rows(posts, piece.cursor)) == pieces[at + 1 :]


def test_equal_sites_have_equal_exports(written: bytes) -> None:
    """No clock and no name of a machine is in it; the checksum is that of the file."""
    again, done = export()
    assert again == written
    assert done.size == len(written)
    whole = subprocess.run(["sha256sum"], input=written, capture_output=True, check=True).stdout
    assert whole.split()[0].decode() == done.sha256
    assert (done.tables, done.rows, done.files) == (5, 14, 6)


def test_any_tar_unpacks_it(written: bytes, tmp_path: Path) -> None:
    """Members come in the promised order, and the SQL is SQL."""
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=written, check=True)
    with tarfile.open(fileobj=io.BytesIO(written)) as archive:
        names = archive.getnames()
    assert names[0] == "manifest.json"
    assert names[-2:] == ["index.jsonl.gz", "end.json"]
    kinds = [name.split("/")[0] for name in names[1:-2]]
    assert kinds == sorted(kinds)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert [table["name"] for table in manifest["tables"]] == list(SITE.tables_)
    folder = tmp_path / manifest["tables"][0]["folder"]
    assert (folder / "definition.sql").read_text().startswith("CREATE TABLE `wp_users`")
    sql = gzip.decompress((folder / "000001.sql.gz").read_bytes())
    assert sql == b"".join(sql for sql, _ in SITE.tables_["wp_users"])


@pytest.mark.parametrize("way", OPENED)
@pytest.mark.parametrize("lost", [1, 512, 1024, 2048, 5000, 3_000_000])
def test_a_cut_off_export_is_noticed_at_once(written: bytes, way: str, lost: int) -> None:
    """Before any row of it is read; and trying again does not help."""
    if way == "no ranges" and lost <= 1024:
        lost = 1025  # what is missing is only the empty blocks behind the end
    with pytest.raises(SourceError) as caught:
        ExportSource(OPENED[way](written[:-lost]))
    assert caught.value.reason == Reason.SOURCE_LOST
    assert not caught.value.retryable


def filling(archive: bytes) -> set[int]:
    """Return the places that belong to no member."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as found:
        ends = [member.offset_data + member.size for member in found]
    return {place for end in ends for place in range(end, end + -end % 512)}


def test_each_flipped_bit_is_noticed(written: bytes, tmp_path: Path) -> None:
    """In a head, in rows, in a file, in the index: the verifier finds it."""
    path = tmp_path / "site.tar"
    path.write_bytes(written)
    assert verifying.verify(path).files == 6
    places = {*range(0, len(written) - 1024, len(written) // 100)}
    places |= {*range(len(written) - 3000, len(written) - 1024, 197)}
    for at in places - filling(written):
        damaged = bytearray(written)
        damaged[at] ^= 4
        path.write_bytes(damaged)
        with pytest.raises(SourceError):
            verifying.verify(path)


@pytest.mark.parametrize("size", [0, 100, 511, 512, 10_000])
def test_what_is_no_export_is_called_so(size: int, tmp_path: Path) -> None:
    """A file that neither begins nor ends as ours do was never damaged, nor cut off."""
    path = tmp_path / "site.tar"
    path.write_bytes(b"text " * (size // 5) + b"." * (size % 5))
    with pytest.raises(SourceError) as caught:
        verifying.verify(path)
    assert caught.value.message == "The archive is no export of ours"


@pytest.mark.parametrize(
    ("lost", "says"), [(slice(0, -3000), "cut off"), (slice(512, None), "damaged")]
)
def test_a_part_of_an_export_is_not_called_another_thing(
    written: bytes, lost: slice, says: str, tmp_path: Path
) -> None:
    """One end of it is enough to know it by."""
    path = tmp_path / "site.tar"
    path.write_bytes(written[lost])
    with pytest.raises(SourceError) as caught:
        verifying.verify(path)
    assert says in caught.value.message


def test_large_files_wait_on_the_disk(tmp_path: Path) -> None:
    """What does not fit into memory comes out whole, and nothing stays behind."""
    large = os.urandom(exporting.FILE_IN_MEMORY + 100_000)
    out = io.BytesIO()
    site = Held({"wp_a": rows("wp_a", 1)}, {"wp-content/large.bin": large})
    exporting.run(site, out, lambda _said: None, str(tmp_path))
    files = everything(ExportSource(archives.Memory(out.getvalue())))[1]
    assert files == {"wp-content/large.bin": large}
    assert not list(tmp_path.iterdir())


def test_a_reader_trusts_no_byte_that_was_changed(written: bytes) -> None:
    """Whatever is read of a damaged export is right, or it is not read."""
    tables, files = everything(ExportSource(archives.Memory(written)))
    noticed = 0
    for at in range(5, len(written), len(written) // 25):
        damaged = bytearray(written)
        damaged[at] ^= 64
        try:
            assert everything(ExportSource(archives.Memory(bytes(damaged)))) == (tables, files)
        except SourceError as error:
            noticed += error.reason == Reason.SOURCE_LOST
    assert noticed > 15


def test_another_archive_does_not_finish_an_import(written: bytes) -> None:
    """What was begun with one archive is not mixed with another."""
    one = ExportSource(archives.Memory(written))
    other = ExportSource(archives.Memory(export(Held({"wp_a": rows("wp_a", 1)}, {}))[0]))
    one.begin_again(one.beginning().marks)
    with pytest.raises(SourceError, match="another one"):
        other.begin_again(one.beginning().marks)


def test_an_export_of_tomorrow_is_refused(written: bytes) -> None:
    """A later version of the format is no damage, and named."""
    later = written.replace(b'"version": 1', b'"version": 2')
    with pytest.raises(SourceError, match="version 2") as caught:
        ExportSource(archives.Memory(later))
    assert caught.value.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED


def test_more_pieces_than_can_be_held_are_refused(
    written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that nobody would miss must not stay behind: no count is told but that of the pieces."""
    monkeypatch.setattr(reading, "_MOST_PIECES", 3)
    with pytest.raises(SourceError, match="more than the 3 pieces") as caught:
        ExportSource(archives.Memory(written))
    assert caught.value.reason == Reason.SOURCE_TOO_LARGE


def test_a_bomb_in_a_piece_is_refused() -> None:
    """A small member that unpacks to gigabytes fills no memory."""
    bomb = gzip.compress(bytes(spool.MOST + 1), 1)
    entry = form.Entry(b"000001.sql.gz", 0, len(bomb), contents.sha256(bomb), 1)
    with pytest.raises(SourceError) as caught:
        reading._sql(entry, Pull(archives.Memory(bomb)))
    assert caught.value.reason == Reason.SOURCE_TOO_LARGE
