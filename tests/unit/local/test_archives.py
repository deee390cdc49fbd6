# SPDX-License-Identifier: Apache-2.0
"""What is in the image archives we make."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local import archives
from local.archives import Image, Layer


@pytest.fixture
def layers(tmp_path: Path) -> list[Layer]:
    """Make two layers of one file each."""
    made = []
    for name in ("one", "two"):
        file = tmp_path / name
        file.write_text(name)
        made.append(archives.files_layer(tmp_path / f"{name}.tar", {f"/{name}": (file, 0o755)}))
    return made


def content(archive: Path) -> dict[str, bytes]:
    """Return the members of an archive."""
    with tarfile.open(archive) as file:
        return {each.name: file.extractfile(each).read() for each in file}  # type: ignore[union-attr]


def referenced(members: dict[str, bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return manifest and configuration by following the index, as a reader does."""
    index = json.loads(members["index.json"])
    manifest = json.loads(members[f"blobs/{index['manifests'][0]['digest'].replace(':', '/')}"])
    config = json.loads(members[f"blobs/{manifest['config']['digest'].replace(':', '/')}"])
    return manifest, config


def test_every_blob_is_what_its_name_says(tmp_path: Path, layers: list[Layer]) -> None:
    """A reader verifies digests and sizes; every one holds."""
    archives.write(tmp_path / "image.tar", Image("localhost/x:1", layers))
    members = content(tmp_path / "image.tar")
    blobs = {name: data for name, data in members.items() if name.startswith("blobs/")}
    assert len(blobs) == 4
    for name, data in blobs.items():
        assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    manifest, config = referenced(members)
    assert [each["size"] for each in manifest["layers"]] == [layer.size for layer in layers]
    assert config["rootfs"]["diff_ids"] == [layer.digest for layer in layers]


def test_a_thin_archive_names_but_leaves_out_what_the_reader_has(
    tmp_path: Path, layers: list[Layer]
) -> None:
    """The base stays out of the file and in the manifest."""
    archives.write(tmp_path / "image.tar", Image("localhost/x:1", layers), {layers[0].digest})
    members = content(tmp_path / "image.tar")
    manifest, _ = referenced(members)
    assert [each["digest"] for each in manifest["layers"]] == [layer.digest for layer in layers]
    present = [f"blobs/{layer.digest.replace(':', '/')}" in members for layer in layers]
    assert present == [False, True]


def test_a_layer_used_twice_is_written_once(tmp_path: Path, layers: list[Layer]) -> None:
    """Equal layers are one blob; a second copy would make some readers refuse the archive."""
    archives.write(tmp_path / "image.tar", Image("localhost/x:1", [layers[0], layers[0]]))
    with tarfile.open(tmp_path / "image.tar") as file:
        names = file.getnames()
    assert len(names) == len(set(names))


def test_the_same_files_make_the_same_layer(tmp_path: Path) -> None:
    """A layer has neither times nor owners of this machine, so that it is imported once."""
    file = tmp_path / "program"
    file.write_text("x")
    first = archives.files_layer(tmp_path / "a.tar", {"/x": (file, 0o755)})
    file.touch()
    assert archives.files_layer(tmp_path / "b.tar", {"/x": (file, 0o755)}).digest == first.digest


def test_a_docker_archive_becomes_thin_with_its_configuration_untouched(
    tmp_path: Path, layers: list[Layer]
) -> None:
    """What buildah wrote keeps its identity: the configuration's bytes decide the digest."""
    config = json.dumps({"rootfs": {"diff_ids": [each.digest for each in layers]}}, indent=3)
    with tarfile.open(tmp_path / "docker.tar", "w") as file:
        names = []
        for layer in layers:
            names.append(f"{layer.digest[7:]}.tar")
            file.add(layer.path, names[-1])
        # Older writers repeat a layer under a directory as a link to the file.
        link = tarfile.TarInfo("linked/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, f"../{names[1]}"
        file.addfile(link)
        manifest = [{"Config": "c.json", "Layers": [names[0], "linked/layer.tar"]}]
        for name, text in (("c.json", config), ("manifest.json", json.dumps(manifest))):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            file.addfile(info, io.BytesIO(text.encode()))

    image = archives.read_docker(tmp_path / "docker.tar", "localhost/x:1")
    archives.write(tmp_path / "thin.tar", image, {layers[0].digest})

    members = content(tmp_path / "thin.tar")
    assert config.encode() in members.values()
    assert members[f"blobs/{layers[1].digest.replace(':', '/')}"] == layers[1].path.read_bytes()
    assert f"blobs/{layers[0].digest.replace(':', '/')}" not in members
