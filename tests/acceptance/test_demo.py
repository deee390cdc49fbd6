# SPDX-License-Identifier: Apache-2.0
"""Runs the README's first command, and holds its page to what is really seen afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from local.sample.site import DOCUMENT_ROOT, PREFIX, SCHEMA
from tests.acceptance import demo
from tests.acceptance.demo import Shown
from tests.acceptance.readme import Example, Readme
from tests.cluster import Cluster
from tests.e2e import source
from tests.e2e.crowd import left, traces
from tests.e2e.stage import Clone, Stage

# The same looks through a browser as in small, at the demo's site: its fixtures are below.
from tests.e2e.test_in_the_browser import (
    album,
    chromium,
    test_a_page_of_the_clone_looks_like_the_sources,
    test_a_stranger_meets_the_gate,
    test_the_secret_opens_the_dashboard_and_mail_stays,
    test_what_a_user_changes_survives_a_restart,
)

__all__ = [
    "album",
    "chromium",
    "test_a_page_of_the_clone_looks_like_the_sources",
    "test_a_stranger_meets_the_gate",
    "test_the_secret_opens_the_dashboard_and_mail_stays",
    "test_what_a_user_changes_survives_a_restart",
]
pytestmark = [pytest.mark.acceptance, pytest.mark.cluster, pytest.mark.timeout(900)]

WARM = 240.0
MEGABYTE = 1_000_000
# What the live site of the demo has at least: (how many, which rows).
AMOUNTS = {
    "posts and pages": (200, "posts WHERE post_type IN ('post','page') AND post_status='publish'"),
    "users": (500, "users"),
    "orders": (200, "posts WHERE post_type='acme_order'"),
    "entries of menus": (5, "posts WHERE post_type='nav_menu_item'"),
    "pages of a page builder": (6, "postmeta WHERE meta_key='_acme_builder_data'"),
    "kinds of widgets": (3, "options WHERE option_name LIKE 'widget\\_%' AND option_value<>''"),
    "nested serialized options": (1, "options WHERE option_value LIKE 'a:%{%{%{%https:%'"),
}


@pytest.fixture(scope="module")
def shown(cluster: Cluster) -> Iterator[Shown]:
    """Give what `make demo` has shown; its cluster is beside that of all other tests."""
    done = demo.run(beside=cluster.native)
    yield done
    demo.end(done)


@pytest.fixture(scope="module")
def stage(shown: Shown) -> Stage:
    """Give the demo's installation."""
    return shown.stage


@pytest.fixture(scope="module")
def preview(shown: Shown) -> Clone:
    """Give the demo's clone."""
    return shown.clone


@pytest.fixture(scope="module")
def readme(shown: Shown, tmp_path_factory: pytest.TempPathFactory) -> Readme:
    """Give the page, and a folder with the files that its commands name."""
    return Readme.beside(shown.stage, tmp_path_factory.mktemp("readme"))


def test_the_demo_ends_with_the_table_and_says_where_everything_is(shown: Shown) -> None:
    """Table, address, login and how to look; warm, it takes less than four minutes."""
    lines = [" ".join(line.split()) for line in shown.text.splitlines()]
    (row,) = (line for line in lines if line.startswith(f"{demo.CLONE} Available 100 "))
    assert f"https://{shown.clone.host}" in row
    assert "NAME STATUS PROGRESS URL EXPIRES AGE" in lines
    secret = f"kubectl -n wordpress-staging get secret {demo.CLONE}-credentials -o jsonpath="
    for what, key in (
        ("address", "visit-url"),
        ("user", "wordpress-username"),
        ("password", "wordpress-password"),
    ):
        assert f"Its {what}: {secret}'{{.data.{key}}}' | base64 -d" in lines
    assert any(line.startswith("In Chromium: chromium ") for line in lines)
    assert shown.seconds < WARM


def test_the_first_status_came_within_a_second(shown: Shown) -> None:
    """The demo itself has measured it."""
    (seconds,) = re.findall(r"first status after ([\d.]+) s", shown.text)
    assert float(seconds) < 1


@pytest.mark.parametrize("what", AMOUNTS)
def test_the_live_site_is_as_large_as_promised(stage: Stage, what: str) -> None:
    """It has rows of every kind that a real site has."""
    least, rows = AMOUNTS[what]
    assert int(source.sql(stage, f"SELECT COUNT(*) FROM {PREFIX}{rows}")) >= least


def test_the_live_site_is_a_stranger_to_the_cluster_and_has_sixty_megabytes(stage: Stage) -> None:
    """It has a host, an address and a database server of its own, and files that name it."""
    native = stage.cluster.native
    uploads = native.outside.root / DOCUMENT_ROOT.lstrip("/") / "wp-content" / "uploads"
    files = [path for path in uploads.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 60 * MEGABYTE
    assert any(stage.login.url in path.read_text() for path in files if path.suffix == ".css")
    assert native.outside.address != native.ingress
    assert SCHEMA not in stage.schemas()


def test_the_copy_is_proved(preview: Clone) -> None:
    """All rows and files came, no old address is left, and nothing that was valid is broken."""
    done = preview.manifest["status"]["import"]
    assert done["fileBytes"] > 60 * MEGABYTE
    assert done["proof"]["residualURLs"] == 0
    assert done["proof"]["valuesRewritten"] > 1000
    assert done["proof"]["invalidSerializedAfter"] == done["proof"]["invalidSerializedBefore"]


def test_ready_tells_the_next_step(readme: Readme) -> None:
    """The page shows the message as it is."""
    assert readme.next_step() in readme.shows


@pytest.mark.parametrize("example", Readme.examples(), ids=lambda one: one.command[:60])
def test_what_the_page_shows_is_what_is_seen(readme: Readme, example: Example) -> None:
    """Each line of an answer on the page is in the real answer; figures, times and names vary."""
    seen = readme.seen(example)
    assert example.missing_in(seen) == [], "\n".join(seen)


def test_the_commands_of_the_page_work(stage: Stage, readme: Readme) -> None:
    """Wait, open, extend, suspend, look again and delete, as under `Use it`; nothing is left."""
    before = traces(stage)
    said = readme.use()
    assert f"wordpressclone.clones.betaweb.ai/{readme.NAME} condition met" in said
    assert f"https://{readme.NAME}.clones.test/" in said
    assert left(stage, before) == set()
