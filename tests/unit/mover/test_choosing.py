# SPDX-License-Identifier: Apache-2.0
"""What a person chose of a source, applied and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wpclone.api.choices import CORE_TABLES, Content, Uploads
from wpclone.api.mover import ImportConfig, Inspection
from wpclone.errors import SourceError
from wpclone.mover import addresses, choosing, inspection
from wpclone.mover.blank import BlankSource
from wpclone.mover.config import Config
from wpclone.mover.sources.base import FileInfo, Table
from wpclone.rewrite import Counts, Rewriter

SITE = Inspection(
    home_url="https://www.acme.test",
    site_url="https://www.acme.test/wp",
    table_prefix="wp_",
    rows=100,
    database_bytes=1000,
    files=3,
    file_bytes=60,
)
TARGET = "https://copy.clones.test"


def config(**more: Any) -> Config:
    """Return the configuration of an import."""
    job = ImportConfig.model_validate({"attempt": 1, "source": {"kind": "blank"}, **more})
    return Config("u", "copy", TARGET, job, {}, Path("/nowhere"), None)


def refused(**more: Any) -> str:
    """Return the sentence with which a wish is refused."""
    with pytest.raises(SourceError) as caught:
        inspection.accepted(SITE, config(**more))
    assert (caught.value.reason, caught.value.retryable) == ("InvalidSpec", False)
    return caught.value.message


class Small(BlankSource):
    """A source of two tables and three files."""

    def inspect(self) -> Inspection:
        """Tell of both."""
        return SITE

    def tables(self) -> list[Table]:
        """Name a core table and a plugin's."""
        return [Table("wp_posts", 60, 600, b""), Table("wp_stats", 40, 400, b"")]

    def files(self) -> Any:
        """Name some."""
        paths = (b"wp-content/uploads/a.jpg", b"wp-content/uploads/a.mp4", b"wp-content/x.php")
        return iter(FileInfo(path, 20, 0) for path in paths)


@pytest.mark.parametrize(
    ("content", "files", "size", "rows"),
    [
        ({"uploads": "Skip"}, 1, 20, 100),
        ({"exclude": ["wp-content/**/*.mp4"]}, 2, 40, 100),
        ({"excludeTables": ["stats"]}, 3, 60, 60),
        ({"exclude": ["wp-content/uploads"], "uploads": "Skip", "excludeTables": ["*"]}, 1, 20, 0),
        ({}, 3, 60, 100),
    ],
)
def test_room_is_made_for_what_is_copied(
    content: dict[str, Any], files: int, size: int, rows: int
) -> None:
    """What stays behind counts neither for the volume nor for a limit of size."""
    seen = choosing.counted(SITE, Small(), config(content=content))
    assert (seen.files, seen.file_bytes, seen.rows) == (files, size, rows)
    assert seen.database_bytes == rows * 10


def test_a_table_is_named_with_or_without_its_prefix() -> None:
    """The reason tells which pattern it was."""
    choice = choosing.Choice(Content(exclude_tables=("wp_stats", "*_log")), "wp_")
    assert choice.rows_stay("wp_stats") == "spec.content.excludeTables names wp_stats"
    assert choice.rows_stay("wp_mail_log") == "spec.content.excludeTables names *_log"
    assert choice.rows_stay("wp_posts") is None
    assert choice.rows_stay("wp_woocommerce_sessions") == "sessions of visitors"


def test_patterns_that_fit_nothing_are_named() -> None:
    """A typing mistake in a pattern would otherwise go unnoticed."""
    choice = choosing.Choice(Content(exclude=("a/b", "c"), exclude_tables=("stats", "logs")), "wp_")
    idle = choice.unmet(["wp_stats"], [choice.file_stays(b"a/b/x") or ""])
    assert [one.what for one in idle] == ["logs", "c"]


def test_uploads_stay_behind_as_a_whole() -> None:
    """Themes and plugins come along."""
    choice = choosing.Choice(Content(uploads=Uploads.SKIP), "wp_")
    assert choice.file_stays(b"wp-content/uploads/2024/a.jpg")
    assert choice.file_stays(b"wp-content/uploads.php") is None


@pytest.mark.parametrize("core", CORE_TABLES)
@pytest.mark.parametrize("pattern", ["{}", "wp_{}", "*_{}", "w?_{}", "*"])
def test_tables_of_wordpress_itself_cannot_be_left_out(core: str, pattern: str) -> None:
    """Whatever spelling meets one: the sentence names the pattern and the table."""
    named = pattern.format(core)
    said = refused(content={"excludeTables": [named]})
    assert f"{named} matches wp_" in said
    assert "a table of WordPress itself" in said


def test_a_table_that_only_sounds_like_one_of_wordpress_may_be_left_out() -> None:
    """`wp_posts` under another prefix is some plugin's."""
    wish = config(content={"excludeTables": ["my_posts", "posts_log", "usermeta_old"]})
    assert inspection.accepted(SITE, wish) is SITE


PAIRS: dict[str, tuple[list[dict[str, str]], str]] = {
    "the source's own address": (
        [{"from": "https://www.acme.test", "to": "https://x.test"}],
        "the source's own address: it is rewritten anyway",
    ),
    "the same without www, below http": (
        [{"from": "http://acme.test/"}],
        "the source's own address: it is rewritten anyway",
    ),
    "the same in capitals": ([{"from": "https://WWW.ACME.test"}], "the source's own address"),
    "where WordPress itself is": ([{"from": "https://acme.test/wp"}], "the source's own address"),
    "the clone's address": ([{"from": f"{TARGET}/x"}], "the clone's own address"),
    "a way back to the source": (
        [{"from": "https://cdn.acme.test", "to": "https://acme.test/img"}],
        "a clone must not lead back to it",
    ),
    "one address twice": (
        [{"from": "https://cdn.test"}, {"from": "http://www.cdn.test/"}],
        "names https://cdn.test twice",
    ),
    "a port that is none": ([{"from": "https://cdn.test:99999"}], "is not an address"),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_conflict_of_addresses_is_named(case: str) -> None:
    """Nothing is copied, and one sentence says why."""
    additional, sentence = PAIRS[case]
    assert sentence in refused(additional=additional), case


def test_further_addresses_are_rewritten_in_one_pass() -> None:
    """A CDN and an old domain become the clone's; what takes one's place stays as it is."""
    job = config(
        additional=[
            {"from": "https://cdn.acme.test"},
            {"from": "https://old.test", "to": "https://shop.test"},
            {"from": "https://shop.test", "to": "https://store.test"},
            {"from": "https://www.acme.test/shop", "to": "https://till.test"},
        ]
    ).job
    move = addresses.move(SITE, TARGET, job.additional)
    text = (
        b"https://cdn.acme.test/a https://www.old.test/b https://shop.test/c"
        b" https://acme.test/shop/d https://acme.test/e https://img.cdn.acme.test/f"
    )
    counts = Counts()
    assert Rewriter(move.pairs).text(text, counts, "x") == (
        b"https://copy.clones.test/a https://shop.test/b https://store.test/c"
        b" https://till.test/d https://copy.clones.test/e https://img.cdn.acme.test/f"
    )
    assert counts.residual == 0
