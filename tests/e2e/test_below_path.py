# SPDX-License-Identifier: Apache-2.0
"""Clones a site that lives below a path: the copy keeps the path, and its pages find each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from local import paths
from local.outside import Host
from local.sample.site import DOCUMENT_ROOT, SCHEMA, Login
from tests.e2e import browser, pictures
from tests.e2e.stage import Stage
from wpclone.rewrite import Counts, Pair, Rewriter, SqlStream

pytestmark = [pytest.mark.cluster, pytest.mark.browser]

HOST = "www.elsewhere.test"
PATH = "/news/blog"
ROOT = f"/var/www/elsewhere{PATH}"
OTHER_SCHEMA = "elsewhere"


@pytest.fixture
def below(stage: Stage) -> Iterator[Stage]:
    """Give a stage whose live site is the sample, moved below a path of another host."""
    outside = stage.cluster.native.outside
    login = Login(f"https://{HOST}{PATH}", stage.login.username, stage.login.password)
    move(outside, stage.login.url, login.url)
    outside.start_site("elsewhere", [HOST], "/var/www/elsewhere")
    yield replace(stage, login=login)
    outside.stop_site("elsewhere")
    outside.mariadb.sql(f"DROP DATABASE {OTHER_SCHEMA}")


def move(host: Host, old: str, new: str) -> None:
    """Copy the sample's files and database, with the new address in every row."""
    host.run(["mkdir", "-p", ROOT])
    host.run(["cp", "-a", f"{DOCUMENT_ROOT}/.", ROOT])
    folder = host.root / ROOT.lstrip("/")
    for name, before, after in (
        ("wp-config.php", f"'DB_NAME', '{SCHEMA}'", f"'DB_NAME', '{OTHER_SCHEMA}'"),
        (".htaccess", "RewriteBase /\n", f"RewriteBase {PATH}/\n"),
        (".htaccess", ". /index.php", f". {PATH}/index.php"),
    ):
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after))
    rewriter = Rewriter([Pair(old, new)])
    for style in folder.rglob("*.css"):
        style.write_bytes(rewriter.text(style.read_bytes(), Counts()))
    host.mariadb.sql(
        f"CREATE OR REPLACE DATABASE {OTHER_SCHEMA} CHARACTER SET utf8mb4;"
        f"GRANT ALL ON {OTHER_SCHEMA}.* TO {SCHEMA}@localhost;"
    )
    there = host.root / "tmp" / "elsewhere.sql"
    options = " ".join(host.database)
    host.run(["sh", "-c", f"mariadb-dump {options} --hex-blob {SCHEMA} > /tmp/{there.name}"])
    stream = SqlStream(rewriter, prefix="acme_")
    moved = b"".join([*stream.feed(there.read_bytes()), *stream.close()])
    host.run(["mariadb", *host.database, OTHER_SCHEMA], stdin=moved)
    there.unlink()


def test_a_site_below_a_path_is_cloned_with_its_path(below: Stage) -> None:
    """The address has the path, the link leads there, and the page looks as the source's does."""
    clone = below.clone("beneath", ttl="1h")
    clone.wait_available()
    status = clone.manifest["status"]
    assert status["url"] == f"{clone.site}{PATH}"
    assert status["import"]["proof"]["residualURLs"] == 0
    native = below.cluster.native
    hosts = {clone.host: native.ingress, HOST: native.outside.address}
    keys = native.ca.parent
    trust = [keys / "ingress.crt", keys / "site-elsewhere.crt"]
    with browser.start(hosts, trust=trust, inside=native.world.net.outside_netns) as window:
        secret = clone.secret
        assert window.look(secret["visit-url"]).url == f"{clone.site}{PATH}/"
        source = window.look(f"https://{HOST}{PATH}/about/")
        copy = window.look(f"{clone.site}{PATH}/about/")
        found = pictures.compare(source.picture, copy.picture)
        assert found.share < 0.01, found.keep(paths.cache() / "e2e" / "beneath.png")
        assert copy.status == 200
        assert copy.images == source.images > 0
        assert set(copy.requests) == {clone.host}
        assert copy.failed == source.failed == ()
        where = window.log_in(
            status["url"], secret["wordpress-username"], secret["wordpress-password"]
        )
        assert where.startswith(f"{clone.site}{PATH}/wp-admin/")
    clone.delete()
