# SPDX-License-Identifier: Apache-2.0
"""Speaks to a cluster's container runtime: images in, leftovers out."""

import contextlib
import tempfile
from pathlib import Path

from local import archives, paths, programs
from local.errors import CommandFailed
from local.node import PAUSE_IMAGE
from local.shell import run
from local.world import World


class Runtime:
    """The container runtime of one cluster."""

    def __init__(self, world: World) -> None:
        """Speak to the runtime of this cluster."""
        self._socket = world.at.containerd

    def ctr(self, *arguments: str | Path, timeout: float = 60) -> str:
        """Run the runtime's own client."""
        return run(
            ["ctr", "--address", self._socket, "--namespace", "k8s.io", *arguments], timeout=timeout
        )

    def images(self) -> set[str]:
        """Return the names of all images."""
        return set(self.ctr("images", "ls", "-q").split())

    def blobs(self) -> set[str]:
        """Return the digests of everything in the store."""
        return set(self.ctr("content", "ls", "-q").split())

    def load(self, archive: Path) -> None:
        """Import an archive, which may be thin."""
        self.ctr("images", "import", archive, timeout=600)

    def load_image(self, image: archives.Image) -> None:
        """Import an image, handing over only the layers the store lacks."""
        if image.name in self.images():
            return
        scratch = paths.cache() / "images"
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=scratch, prefix=".importing-") as archive:
            target = Path(archive.name)
            archives.write(target, image, self.blobs())
            self.load(target)

    def load_pause(self) -> None:
        """Import the image that holds a pod's namespaces open."""
        with tempfile.TemporaryDirectory() as scratch:
            program = programs.binary("pause")
            layer = archives.files_layer(Path(scratch, "layer.tar"), {"/pause": (program, 0o755)})
            config = {"Entrypoint": ["/pause"], "User": "65535:65535"}
            self.load_image(archives.Image(PAUSE_IMAGE, [layer], config))

    def remove_all(self) -> None:
        """Remove every container and its processes; images stay.

        Raises CommandFailed if any is left. A task that goes while the client removes it is an
        error to the client, and removed all the same: what counts is what is left.
        """
        for kind, options in (("tasks", ["--force"]), ("containers", [])):
            found = self.ctr(kind, "ls", "-q").split()
            if found:
                with contextlib.suppress(CommandFailed):
                    self.ctr(kind, "rm", *options, *found, timeout=120)
        left = self.ctr("containers", "ls", "-q").split()
        if left:
            raise CommandFailed(f"containers are left: {' '.join(left)}")
