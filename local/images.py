# SPDX-License-Identifier: Apache-2.0
"""Builds the project's images from their Dockerfiles, and brings them into a cluster.

Every Dockerfile takes its base by `ARG BASE`: elsewhere it has a public default, here it is one
root file system for all images, so that a cluster imports it once and each image is thin. Its
directory is the build context. An image's tag is a hash of its Dockerfile, of the files that it
copies, and of the base.
"""

import hashlib
import os
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from local import archives, native, paths, rootfs, say
from local.containers import Runtime
from local.errors import LocalError
from local.locks import exclusive
from local.shell import run, succeeds

# Handed to the build where they are set, for machines behind a proxy with a certificate of its own.
_PASSED_ON = ("SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SCRATCH = ".building-"
_SKIPPED = {"__pycache__", "target", ".pytest_cache", ".mypy_cache", ".ruff_cache"}


@dataclass(frozen=True)
class Recipe:
    """An image of the project: its short name, and where its Dockerfile is."""

    name: str
    dockerfile: Path

    @property
    def context(self) -> Path:
        """The directory that the Dockerfile's paths start from."""
        return self.dockerfile.parent

    @property
    def reference(self) -> str:
        """The image's full name, with the hash of its content for a tag."""
        return f"localhost/wpclone/{self.name}:{self.fingerprint}"

    @property
    def archive(self) -> Path:
        """Where the image's own layers are kept, or will be."""
        return paths.cache() / "images" / f"{self.name}-{self.fingerprint}.tar"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that decides what is in the image, when it was first asked for."""
        text = self.dockerfile.read_text()
        digest = hashlib.sha256(f"{rootfs.fingerprint()}\n{text}".encode())
        for path in sorted(_files(self.context / source for source in copied(text))):
            mode = path.stat().st_mode & 0o777
            digest.update(f"{path.relative_to(self.context)}\0{mode}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:12]


RECIPES = (
    Recipe("operator", paths.REPOSITORY / "Dockerfile"),
    Recipe("site", paths.REPOSITORY / "wordpress" / "Dockerfile"),
)


def base_reference() -> str:
    """Return the base image's name."""
    return f"localhost/wpclone/base:{rootfs.fingerprint()}"


def copied(dockerfile: str) -> list[str]:
    """Return the paths that a Dockerfile copies from its context."""
    sources: list[str] = []
    for line in dockerfile.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0].upper() in {"COPY", "ADD"}:
            options = [word for word in words[1:] if word.startswith("--")]
            if not any(option.startswith("--from=") for option in options):
                sources += words[1 + len(options) : -1]
    return sources


def ensure(runtime: Runtime, names: Sequence[str] = ("operator", "site")) -> dict[str, str]:
    """Have the named images in a cluster; return their references by name."""
    # Fresh recipes: an edit while the images are built must not change their names midway.
    recipes = [replace(recipe) for recipe in RECIPES if recipe.name in names]
    for recipe in recipes:
        build(recipe)
    present = runtime.images()
    if base_reference() not in present:
        with say.step("base image", "imported"):
            layer = archives.Layer.of(rootfs.archive())
            runtime.load_image(archives.Image(base_reference(), [layer]))
    for recipe in recipes:
        if recipe.reference not in present:
            with say.step(f"{recipe.name} image", "imported"):
                runtime.load(recipe.archive)
    return {recipe.name: recipe.reference for recipe in recipes}


def build(recipe: Recipe) -> None:
    """Build an image, unless this very content was built before."""
    with (
        exclusive(paths.cache() / "images.lock", "Another invocation builds images; waiting."),
        say.step(f"{recipe.name} image", f"built as {recipe.reference}") as note,
    ):
        if recipe.archive.exists():
            note.text = f"is built as {recipe.reference}"
            return
        if not rootfs.archive().exists():
            raise LocalError("The base is not built yet: run `python -m local build`.")
        if native.missing():
            raise LocalError("The engine is not built yet: run `python -m local build`.")
        paths.remove_scratch(recipe.archive.parent, f"{_SCRATCH}*")
        _ensure_base()
        _build(recipe)
        _prune(recipe)


def _build(recipe: Recipe) -> None:
    # There is no registry to take a compiler's image from: the engine that is built already is
    # mounted where the Dockerfile looks for it first.
    arguments = {"BASE": base_reference(), "RUST": base_reference(), **_passed_on()}
    options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    options.append(f"--volume={native.target()}:/prebuilt:ro")
    if _CERTIFICATES.exists():
        options.append(f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro")
    # The host's network: buildah would put a bridge and firewall rules on this machine otherwise.
    options += ["--isolation=chroot", "--network=host", "--pull-never", "--layers"]
    options += [f"--tag={recipe.reference}", f"--file={recipe.dockerfile}"]
    _buildah("build", *options, str(recipe.context), timeout=1200)
    base = archives.Layer.of(rootfs.archive())
    recipe.archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=recipe.archive.parent, prefix=_SCRATCH) as scratch:
        full, thin = Path(scratch, "full.tar"), Path(scratch, "thin.tar")
        _buildah("push", recipe.reference, f"docker-archive:{full}", timeout=300)
        image = archives.read_docker(full, recipe.reference)
        if base.digest not in {layer.digest for layer in image.layers}:
            raise LocalError(f"{recipe.dockerfile} does not build on the argument BASE.")
        archives.write(thin, image, {base.digest})
        thin.replace(recipe.archive)


def _ensure_base() -> None:
    """Have the base among buildah's images."""
    if succeeds(_command("inspect", "--type", "image", base_reference()), timeout=30):
        return
    scratch = paths.cache() / "images"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=_SCRATCH) as directory:
        archive = Path(directory, "base.tar")
        layer = archives.Layer.of(rootfs.archive())
        archives.write(archive, archives.Image(base_reference(), [layer]))
        identity = _buildah("pull", "--quiet", f"oci-archive:{archive}", timeout=600).strip()
    _buildah("tag", identity, base_reference())


def _prune(recipe: Recipe) -> None:
    """Drop what earlier contents of an image left in the cache, but for the last few."""
    # A killed build leaves its working container.
    _buildah("rm", "--all")
    kept = 4
    old = sorted(
        recipe.archive.parent.glob(f"{recipe.name}-*.tar"), key=lambda path: path.stat().st_mtime
    )
    for path in old[:-kept]:
        path.unlink()
        reference = f"localhost/wpclone/{recipe.name}:{path.stem.removeprefix(recipe.name + '-')}"
        succeeds(_command("rmi", reference), timeout=60)


def _passed_on() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if os.environ.get(name)}


def _command(*arguments: str) -> list[str]:
    store = paths.cache() / "buildah"
    return ["buildah", f"--root={store / 'root'}", f"--runroot={store / 'run'}", *arguments]


def _buildah(*arguments: str, timeout: float = 60) -> str:
    return run(["nice", *_command(*arguments)], timeout=timeout)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    """Return all files below the given paths, whatever Python and its tools left beside them."""
    for source in sources:
        if source.is_file():
            yield source
        for path in source.rglob("*"):
            if path.is_file() and not _SKIPPED & set(path.parts):
                yield path
