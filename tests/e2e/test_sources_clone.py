# SPDX-License-Identifier: Apache-2.0
"""Tells of a copy of a copy: it shows what was changed in the first one, and outlives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import shared_database
from local.sample.site import PREFIX
from tests.e2e.stage import Clone, Stage

pytestmark = pytest.mark.cluster
TEXTS = "'char','varchar','tinytext','text','mediumtext','longtext','json'"


def sql(clone: Clone, query: str) -> list[str]:
    """Ask the shared server about a clone's schema; `{}` stands for it and the site's prefix."""
    server = shared_database.server(clone.stage.cluster.native.world)
    return server.sql(query.replace("{}", f"{clone.database}.{PREFIX}")).splitlines()


def places_with(clone: Clone, host: str) -> list[str]:
    """Return the columns of a clone's tables that hold a host's name."""
    columns = sql(
        clone,
        "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns"
        f" WHERE table_schema = '{clone.database}' AND data_type IN ({TEXTS})"
        # The mover's own report says where the content came from.
        " AND table_name NOT LIKE 'wpclone%'",
    )
    assert len(columns) > 50
    found = []
    for place in columns:
        table, column = place.split(".")
        count = f"SELECT COUNT(*) FROM {clone.database}.`{table}` WHERE `{column}` LIKE '%{host}%'"
        if sql(clone, count) != ["0"]:
            found.append(place)
    return found


def files(clone: Clone) -> dict[str, int]:
    """Return the files of a clone's content, and how big each is."""
    (root,) = (path / "html" / "wp-content" for path in clone.volumes().values())
    return {str(p.relative_to(root)): p.stat().st_size for p in _below(root)}


def _below(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.is_file()]


VISITS = (
    "SELECT COUNT(*), SUM(CRC32(CONCAT(id, note))), '' FROM {}visits WHERE id % 100 <> 7"
    " UNION SELECT COUNT(*), SUM(id), MAX(note) FROM {}visits WHERE id % 100 = 7"
)


def visited(clone: Clone) -> None:
    """Give a clone a table that is worth the server's work: one row in a hundred has an address."""
    sql(clone, "CREATE TABLE {}visits (id INT PRIMARY KEY, note VARCHAR(200) NOT NULL)")
    note = f"IF(seq % 100 = 7, '{clone.site}/visit', CONCAT('a visit ', seq))"
    sql(clone, f"INSERT INTO {{}}visits SELECT seq, {note} FROM {clone.database}.seq_1_to_20404")


def imports(clone: Clone) -> str:
    """Return what the import said last, in its termination message."""
    (pod,) = clone.pods("import")
    return str(pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"])


def others_it_may_read(clone: Clone) -> list[str]:
    """Return the schemas beside its own that a clone's database user has any right on."""
    rights = f"SELECT Db FROM mysql.db WHERE User = '{clone.database}' AND Db <> '{clone.database}'"
    return sql(clone, rights) + sql(clone, "SELECT reader FROM wpclone.lent")


def test_a_copy_of_a_copy_shows_what_was_changed_and_outlives_it(stage: Stage) -> None:
    """From a clone of the live site, with a changed post, to a clone of that clone."""
    first = stage.clone("first", ttl="1h")
    first.wait_available()
    changed = f"Changed in the first clone: {first.site}/about"
    (page,) = sql(first, "SELECT MIN(ID) FROM {}posts WHERE post_type = 'page'")
    sql(first, f"UPDATE {{}}posts SET post_content = '{changed}' WHERE ID = {page}")
    visited(first)
    second = stage.copy("second", of="first", ttl="1h")
    second.wait_available()
    assert sql(second, VISITS) == [
        row.replace(first.host, second.host) for row in sql(first, VISITS)
    ]
    assert "20,200 of them within the database server" in imports(second)
    assert others_it_may_read(second) == []
    expected = changed.replace(first.host, second.host)
    assert sql(second, f"SELECT post_content FROM {{}}posts WHERE ID = {page}") == [expected]
    assert places_with(second, first.host) == []
    assert places_with(first, first.host) != []
    status = second.manifest["status"]
    assert status["source"]["display"] == "clone first"
    assert status["import"]["proof"]["residualURLs"] == 0
    counted = "SELECT COUNT(*) FROM {}users"
    assert sql(second, counted) == sql(first, counted)
    assert set(files(first)) - set(files(second)) == set()
    assert [child for child in second.children() if child.endswith("-copy")] == []
    first.delete()
    assert second.answer() == 401  # the gate is shut, the site is there
    stage.cluster.kubectl(
        "wait", "--for=condition=Ready", "wordpressclone/second", second.where, "--timeout=60s"
    )
    second.delete()


def test_a_copy_is_never_masked_less(stage: Stage) -> None:
    """A wish for less is refused in a sentence; without a wish the copy is as its parent."""
    parent = stage.clone("masked-parent", ttl="1h", privacy={"mask": "Standard"})
    parent.wait_available()
    refused = stage.copy("bare", of="masked-parent", ttl="1h", privacy={"mask": "None"})
    told = refused.wait_for("InvalidSpec")
    assert "masked-parent is masked as Standard, and None would be less" in told.message
    refused.delete()
    child = stage.copy("masked-child", of="masked-parent", ttl="1h")
    child.wait_available()
    assert child.manifest["status"]["resolved"]["mask"] == "Standard"
    people = "SELECT user_login, user_email FROM {}users ORDER BY ID"
    assert sql(child, people) == sql(parent, people)
    parent.delete()
    child.delete()
