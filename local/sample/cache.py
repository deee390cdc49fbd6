# SPDX-License-Identifier: Apache-2.0
"""Keeps generated sites outside the tree, so that only the first start pays for the generation."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from local import paths, rootfs
from local.sample.host import Host
from local.sample.profiles import Profile
from local.shell import run

HERE = Path(__file__).parent
# What the generator adds to WordPress itself.
CONTENT = ("wp-content", "robots.txt", "ads.txt")
# Bytes as they are: the site holds text that is not valid in any character set.
_DUMP = ("--single-transaction", "--skip-comments", "--hex-blob", "--default-character-set=binary")
_EXCHANGE = "tmp/sample.sql"


@dataclass(frozen=True)
class Stored:
    """One generated site in the cache."""

    directory: Path

    @property
    def complete(self) -> bool:
        """Tell whether it is there; a killed generation leaves nothing under this name."""
        return self.directory.is_dir()

    def save(self, host: Host, document_root: Path, schema: str) -> None:
        """Take a copy of the site that the host has now."""
        scratch = self.directory.with_name(f".{self.directory.name}.making")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        result = f"--result-file=/{_EXCHANGE}"
        host.run(["mariadb-dump", *host.database, *_DUMP, result, schema], timeout=120)
        shutil.move(host.root / _EXCHANGE, scratch / "database.sql")
        run(["tar", "-cf", scratch / "content.tar", "-C", document_root, *CONTENT], timeout=120)
        scratch.replace(self.directory)

    def restore(self, host: Host, document_root: Path, schema: str) -> None:
        """Put the copy in place of whatever the host has."""
        run(["tar", "-xpf", self.directory / "content.tar", "-C", document_root], timeout=120)
        shutil.copyfile(self.directory / "database.sql", host.root / _EXCHANGE)
        client = ["mariadb", *host.database, "--default-character-set=binary", schema]
        host.run([*client, "-e", f"source /{_EXCHANGE}"], timeout=300)
        (host.root / _EXCHANGE).unlink()


def find(profile: Profile, url: str) -> Stored:
    """Return the place of the site that this profile, address and generator make."""
    digest = hashlib.sha256(json.dumps(profile.request(url), sort_keys=True).encode())
    digest.update(rootfs.fingerprint().encode())
    for path in sorted(HERE.rglob("*")):
        if path.suffix in {".php", ".css"}:
            digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    return Stored(paths.cache() / "sample" / f"{profile.name}-{digest.hexdigest()[:12]}")
