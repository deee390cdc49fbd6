# SPDX-License-Identifier: Apache-2.0
"""Makes OCI image archives without any engine, thin where the other side has a layer already."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_OCI = "application/vnd.oci.image"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Layer:
    """One layer: an uncompressed tar file, known by the hash of its bytes."""

    path: Path
    digest: str
    size: int
    member: str = ""  # the layer lies inside the tar file `path`, under this name

    @classmethod
    def of(cls, path: Path) -> "Layer":
        """Return a tar file as a layer."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path, f"sha256:{digest}", path.stat().st_size)


@dataclass(frozen=True)
class Image:
    """What an archive says about its image."""

    name: str
    layers: Sequence[Layer]
    config: Mapping[str, object] = field(default_factory=dict)
    raw_config: bytes = b""  # a configuration made elsewhere, kept byte for byte

    def configuration(self) -> bytes:
        """Return the image's configuration document."""
        return self.raw_config or _json(
            {
                "created": "1970-01-01T00:00:00Z",
                "architecture": architecture(),
                "os": "linux",
                "config": dict[str, object](Env=[_PATH]) | dict(self.config),
                "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
                "history": [{"created_by": "wpclone local"} for _ in self.layers],
            }
        )


def architecture() -> str:
    """Return this machine's architecture as images name it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def write(target: Path, image: Image, present: Collection[str] = ()) -> None:
    """Write an archive, leaving out the layers whose digests are already present at its reader."""
    config = image.configuration()
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": {
                "mediaType": f"{_OCI}.config.v1+json",
                "digest": _digest(config),
                "size": len(config),
            },
            "layers": [
                {
                    "mediaType": f"{_OCI}.layer.v1.tar",
                    "digest": layer.digest,
                    "size": layer.size,
                }
                for layer in image.layers
            ],
        }
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w") as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _add(archive, "index.json", _index(image.name, manifest))
        _add(archive, _blob(_digest(config)), config)
        _add(archive, _blob(_digest(manifest)), manifest)
        for layer in {layer.digest: layer for layer in image.layers}.values():
            if layer.digest not in present:
                _copy(archive, layer)


def files_layer(target: Path, files: Mapping[str, tuple[Path, int]]) -> Layer:
    """Make a layer of single files: path in the image -> (file here, mode).

    The same input gives the same bytes.
    """
    with tarfile.open(target, "w") as archive:
        for name, (source, mode) in sorted(files.items()):
            _add(archive, name.lstrip("/"), source.read_bytes(), mode)
    return Layer.of(target)


def read_docker(path: Path, name: str) -> Image:
    """Return the image in a docker archive, its layers still inside that file."""
    with tarfile.open(path) as archive:
        entry = json.loads(_read(archive, "manifest.json"))[0]
        config = _read(archive, entry["Config"])
        digests = json.loads(config)["rootfs"]["diff_ids"]
        layers = []
        for digest, member in zip(digests, entry["Layers"], strict=True):
            found = archive.getmember(member)
            while found.issym() or found.islnk():
                found = archive.getmember(found.linkname.removeprefix("../"))
            layers.append(Layer(path, digest, found.size, found.name))
    return Image(name, layers, raw_config=config)


def _index(name: str, manifest: bytes) -> bytes:
    return _json(
        {
            "schemaVersion": 2,
            "manifests": [
                {
                    "mediaType": f"{_OCI}.manifest.v1+json",
                    "digest": _digest(manifest),
                    "size": len(manifest),
                    "platform": {"architecture": architecture(), "os": "linux"},
                    "annotations": {
                        "io.containerd.image.name": name,
                        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
                    },
                }
            ],
        }
    )


def _copy(archive: tarfile.TarFile, layer: Layer) -> None:
    """Stream a layer into an archive; layers are large and never held in memory."""
    info = tarfile.TarInfo(_blob(layer.digest))
    info.size = layer.size
    if not layer.member:
        with layer.path.open("rb") as file:
            archive.addfile(info, file)
        return
    with tarfile.open(layer.path) as source:
        archive.addfile(info, source.extractfile(layer.member))


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    archive.addfile(info, io.BytesIO(data))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"
