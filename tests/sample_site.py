# SPDX-License-Identifier: Apache-2.0
"""Generates the sample site on a private database: the one of the demo, in its small form."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.sample import cache, profiles
from local.sample.site import PREFIX
from tests import live_site, mariadb

URL = "https://www.acme.test"
__all__ = ["PREFIX", "URL", "SampleSite", "sample"]


class SampleSite(live_site.LiveSite):
    """The sample site: WordPress' own functions have written every row and file."""

    @property
    def url(self) -> str:
        """The site's address."""
        return URL

    def first_run(self) -> None:
        """Generate it; nobody visits it."""
        tools = self.folder / "sample"
        shutil.copytree(cache.HERE, tools, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for kind in ("theme", "plugin"):
            shutil.copytree(tools / kind, self.html / "wp-content" / f"{kind}s", dirs_exist_ok=True)
        (self.folder / "profile.json").write_text(json.dumps(profiles.SMALL.request(URL)))
        self._inside("chown -R 33:33 /srv/html /srv/sample")
        self._inside(
            "setpriv --reuid 33 --regid 33 --clear-groups"
            " php /srv/sample/site/make.php /srv/html < /srv/profile.json"
        )


@contextlib.contextmanager
def sample(server: mariadb.Server) -> Iterator[SampleSite]:
    """Have the sample site in a schema and a folder until the context ends."""
    folder = Path(tempfile.mkdtemp(prefix="wpclone-sample-"))
    folder.chmod(0o755)
    (folder / "html").mkdir()
    site = SampleSite(folder, server, server.schema(charset="utf8mb4"), 0)
    try:
        site.install()
        yield site
    finally:
        shutil.rmtree(folder, ignore_errors=True)
