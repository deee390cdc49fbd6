# SPDX-License-Identifier: Apache-2.0
"""Puts everything odd in place: hosts, troubles of the live site, Secrets; and takes it away."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.demo.release import CLONES, secret
from local.outside import Host
from local.sample.site import DOCUMENT_ROOT, PREFIX, SCHEMA
from tests.bad_input.cases import ALL
from tests.e2e.stage import Stage

HERE: Final = Path(__file__).parent
PRETEND: Final = "/var/www/pretend"
# Names that no table of a person has; the second one would end the comment it stands in.
TABLES: Final = (f"{PREFIX}\x1b[31mred", f"{PREFIX}*/<b>bold</b>")
_SOURCE: Final = {"clones.betaweb.ai/source": "true"}


@contextlib.contextmanager
def furnished(stage: Stage) -> Iterator[None]:
    """Have the odd hosts and Secrets for a while."""
    host = stage.cluster.native.outside
    before = host.names
    names = {_host(case.url): host.address for case in ALL.values()}
    pretend = [name for name in names if name.endswith(".pretend.test")]
    trouble = [name for name in names if name.endswith(".trouble.test")]
    try:
        _lay(host)
        _secrets(stage)
        host.start_site("pretend", pretend, PRETEND)
        host.start_site("trouble", trouble, DOCUMENT_ROOT)
        odd = {
            "wrong-name.test": host.address,
            "nobody-there.test": host.address.rpartition(".")[0] + ".99",
            "metadata.test": "169.254.169.254",
        }
        host.tell_names({**before, **dict.fromkeys([*pretend, *trouble], host.address), **odd})
        yield
    finally:
        _clear(host)
        host.tell_names(before)


def troubles(stage: Stage) -> dict[str, int]:
    """Return how many requests of each kind came to the sites that are in trouble."""
    found = (stage.cluster.native.outside.root / "tmp").glob("wpclone-test-*")
    return {path.name.rpartition("-")[2]: int(path.read_text()) for path in found}


def _host(url: str) -> str:
    return url.removeprefix("https://")


def _lay(host: Host) -> None:
    _clear(host)
    folder = host.root / PRETEND.lstrip("/")
    folder.mkdir(parents=True)
    shutil.copyfile(HERE / "pretend.php", folder / "index.php")
    (folder / ".htaccess").write_text("FallbackResource /index.php\n")
    must_use = host.root / DOCUMENT_ROOT.lstrip("/") / "wp-content" / "mu-plugins"
    must_use.mkdir(exist_ok=True)
    shutil.copyfile(HERE / "troubles.php", must_use / "troubles.php")
    for name in TABLES:
        host.mariadb.sql(
            f"CREATE OR REPLACE TABLE `{name}` (id INT PRIMARY KEY, t TEXT);"
            f"INSERT INTO `{name}` VALUES (1, 'one'), (2, 'two');",
            database=SCHEMA,
        )


def _clear(host: Host) -> None:
    shutil.rmtree(host.root / PRETEND.lstrip("/"), ignore_errors=True)
    shutil.rmtree(
        host.root / DOCUMENT_ROOT.lstrip("/") / "wp-content" / "mu-plugins", ignore_errors=True
    )
    for counter in (host.root / "tmp").glob("wpclone-test-*"):
        counter.unlink()
    for name in TABLES:
        host.mariadb.sql(f"DROP TABLE IF EXISTS `{name}`", database=SCHEMA)
    for site in ("pretend", "trouble"):
        if (host.root / "etc/apache2/sites-enabled" / f"{site}.conf").exists():
            host.stop_site(site)


def _secrets(stage: Stage) -> None:
    wrong = {"username": "acme", "password": "not-the-one"}
    stage.release.tools.apply(
        secret(CLONES, "wrong-password", wrong, labels=_SOURCE),
        secret(CLONES, "unlabelled", wrong),
        secret(CLONES, "keyless", {"user": "acme", "pass": "x"}, labels=_SOURCE),
        secret(CLONES, "empty", {"username": "acme", "password": ""}, labels=_SOURCE),
    )
