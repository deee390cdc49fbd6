# SPDX-License-Identifier: Apache-2.0
"""A masked import of the sample site with a shop's people: nobody is in the copy.

The search of these tests is their own: every column of every table, read as bytes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import rootfs
from tests import live_site, sample_site
from tests.integration.mover import people
from tests.integration.mover.jobs import Job
from tests.integration.mover.sites import Site
from wpclone import mask

if TYPE_CHECKING:
    from tests.mariadb import Server

pytestmark = [pytest.mark.database, pytest.mark.wordpress]
PREFIX = sample_site.PREFIX
MASTER = b"a master key for tests, 32 bytes"
KEY = mask.derived(MASTER, "acme").hex()
PERSONAL = {
    "wp-content/uploads/2024/customers.csv": b"anna@customer.example",
    "wp-content/uploads/wpo_wcpdf/invoice-7.pdf": b"%PDF anna",
    "wp-content/uploads/plugin-logs/today.txt": b"anna@customer.example",
}


@pytest.fixture(scope="module")
def source(server: Server) -> Iterator[Site]:
    """Generate the sample site, and let people move in."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    with sample_site.sample(server) as site:
        people.move_in(server, site.login.schema, PREFIX)
        for path, data in PERSONAL.items():
            file = site.html / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Site(server, site.login.schema, site.html)


Start = Callable[..., Job]


@pytest.fixture
def start(source: Site, server: Server, tmp_path: Path) -> Start:
    """Prepare masked imports of the site."""

    def prepared(mode: str = "Standard", rules: str = "", key: str = KEY) -> Job:
        home = tmp_path / uuid.uuid4().hex
        home.mkdir()
        job = Job.make(server, home)
        plan = {"prefix": PREFIX, "rows_per_piece": 200, "home": sample_site.URL}
        source.feed(job, site=sample_site.URL, **plan)
        job.config["mask"] = mode
        for name, file, text in (("mask", "key", key), ("rules", "own.yaml", rules)):
            folder = home / name
            folder.mkdir()
            if text:
                (folder / file).write_text(text)
        job.extra |= {
            "WPCLONE_MASK_SECRET": str(home / "mask"),
            "WPCLONE_MASK_RULES": str(home / "rules"),
        }
        return job

    return prepared


def content(job: Job) -> dict[str, bytes]:
    """Return every table of the clone as one run of bytes."""
    tables = [row[0] for row in job.rows("SHOW TABLES")]
    return {
        table: job.server.dump(job.login.schema, table)
        for table in tables
        if "wpclone" not in table
    }


def met(job: Job, *texts: str) -> set[str]:
    """Return the tables in which one of the texts stands, in any case."""
    found = content(job)
    wanted = [text.lower().encode() for text in texts]
    return {name for name, data in found.items() if any(t in data.lower() for t in wanted)}


@pytest.mark.parametrize("mode", ["Standard", "Strict"])
def test_nobody_is_in_a_masked_copy(start: Start, mode: str) -> None:
    """No address, number or surname of anybody, in any table; the canary agrees."""
    job = start(mode)
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    emails = [person.email for person in people.PEOPLE]
    assert met(job, *emails, "@customers.example", "@visitors.example", "office@acme.test") == set()
    assert met(job, *(person.last for person in people.PEOPLE)) == set()
    assert met(job, *(person.phone for person in people.PEOPLE)) == set()
    assert met(job, *(person.phone_at_home for person in people.PEOPLE)) == set()
    assert met(job, *(person.phone.replace(" ", "") for person in people.PEOPLE)) == set()
    assert result.outcome["proof"]["valuesMasked"] > 20 * people.COUNT
    assert job.rows("SHOW TABLES LIKE 'wpclonemasked'") == []
    for path in PERSONAL:
        assert not (job.root / path).exists()
    why = {item["why"] for item in result.outcome["import"]["skipped"]}
    assert why >= {"an export may hold personal data", "an invoice holds personal data"}


def test_every_password_is_dead_but_the_administrators(start: Start) -> None:
    """Strict keeps no hash; the clone's own administrator is as in any other clone."""
    job = start("Strict")
    assert job.run().code == 0
    hashes = job.rows(f"SELECT user_login, user_pass FROM {PREFIX}users WHERE user_pass <> '*'")
    assert [login for login, _ in hashes] == [job.username]
    assert hashes[0][1].startswith("$P$B")
    assert job.rows(f"SELECT COUNT(*) FROM {PREFIX}woocommerce_order_items") == [(0,)]
    note = f"SELECT DISTINCT customer_note FROM {PREFIX}wc_orders"
    assert job.rows(note) == [("",)]


def test_a_person_is_the_same_in_two_clones_and_two_tables(start: Start) -> None:
    """Joins by address still join, and another customer's people are others."""
    one, two = start(), start()
    other = start(key=mask.derived(MASTER, "globex").hex())
    for job in (one, two, other):
        assert job.run().code == 0
    asked = (
        f"SELECT a.first_name, a.last_name, a.email, a.phone, l.username, p.meta_value"
        f" FROM {PREFIX}wc_order_addresses a JOIN {PREFIX}wc_customer_lookup l USING (email)"
        f" JOIN {PREFIX}postmeta p ON p.meta_value = a.email JOIN {PREFIX}comments c"
        f" ON c.comment_author_email = a.email ORDER BY a.order_id"
    )
    rows = one.rows(asked)
    assert len(rows) == people.COUNT
    assert len({row[2] for row in rows}) == people.COUNT
    assert rows == two.rows(asked)
    assert not {row[2] for row in rows} & {row[2] for row in other.rows(asked)}
    authors = f"SELECT comment_author FROM {PREFIX}comments WHERE comment_author LIKE '%x %x'"
    assert {name for (name,) in one.rows(authors)} >= {f"{row[0]} {row[1]}" for row in rows}


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        (
            "rules: [{table: wc_orders, columns: {billing_email: keep}}]",
            "wc_orders.billing_email",
        ),
        (
            "rules: [{table: wc_order_addresses, columns: {phone: keep}}]",
            "wc_order_addresses.phone",
        ),
        (
            "rules: [{table: wc_customer_lookup, columns: {last_name: keep}}]",
            "wc_customer_lookup.last_name",
        ),
    ],
    ids=["an address", "a number", "a surname"],
)
def test_a_broken_rule_is_caught(start: Start, rules: str, place: str) -> None:
    """The import fails, says where, and says nobody's name; repaired rules start over."""
    job = start(rules=rules)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "VerificationFailed"), result
    assert PREFIX + place in result.outcome["message"]
    assert not re.search(r"familyname|@customer|170", result.outcome["message"].lower())
    (job.home / "rules" / "own.yaml").unlink()
    assert job.run().code == 0
    assert met(job, *(person.email for person in people.PEOPLE)) == set()


def test_without_its_key_nothing_is_copied(start: Start) -> None:
    """A missing key never means: unmasked."""
    job = start(key="")
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "CredentialsMissing")
    assert job.rows("SHOW TABLES LIKE '%users'") == []


def test_a_rule_that_cannot_be_read_stops_the_import(start: Start) -> None:
    """A misspelled rule of the user's is told before anything is copied."""
    result = start(rules="rules: [{table: x, columns: {y: emial}}]").run()
    assert (result.code, "columns.y" in result.outcome["message"]) == (64, True)


def test_php_reads_every_value_of_a_masked_copy(start: Start) -> None:
    """Whatever was valid serialized data on the source is so in the copy."""
    job = start()
    result = job.run()
    assert result.code == 0
    proof = result.outcome["proof"]
    assert proof["invalidSerializedBefore"] == proof["invalidSerializedAfter"]
    php = shutil.which("php")
    assert php
    for table in ("usermeta", "options", "postmeta", "wc_orders_meta"):
        column = "option_value" if table == "options" else "meta_value"
        asked = f"SELECT HEX({column}) FROM {PREFIX}{table} WHERE {column} LIKE 'a:%'"
        lines = "\n".join(str(row[0]) for row in job.rows(asked))
        code = 'while($l=fgets(STDIN)) if(false===@unserialize(hex2bin(trim($l)))) echo "bad ",$l;'
        said = subprocess.run(
            [php, "-r", code], input=lines, text=True, capture_output=True, check=True
        )
        broken = {bytes.fromhex(line[4:].strip()) for line in said.stdout.splitlines()}
        assert broken <= {b"a:1:{not really"}, table


def test_a_killed_mover_remembers_whom_it_has_seen(start: Start, source: Site) -> None:
    """Numbers of tables that were finished before the kill are masked in those that come after."""
    job = start()
    plan: dict[str, Any] = {"prefix": PREFIX, "rows_per_piece": 200, "site": sample_site.URL}
    mode = job.config["mask"]
    source.feed(job, home=sample_site.URL, cut_before=30, **plan)
    job.config["mask"] = mode
    first = job.run()
    assert first.code == 75, first
    source.feed(job, home=sample_site.URL, **plan)
    job.config["mask"] = mode
    assert job.run().code == 0
    assert met(job, *(person.phone for person in people.PEOPLE)) == set()


def test_whom_a_half_loaded_table_has_shown_is_remembered(start: Start, source: Site) -> None:
    """What was seen is stored with the rows: those that are in are not read a second time."""
    job = start()
    mode = job.config["mask"]
    plan: dict[str, Any] = {"prefix": PREFIX, "rows_per_piece": 20, "site": sample_site.URL}
    source.feed(job, home=sample_site.URL, cut_before=5, **plan)
    job.config["mask"] = mode
    assert job.run().code == 75
    comments = f"SELECT comment_author_email FROM {PREFIX}comments"
    ((there,),) = job.rows(f"SELECT COUNT(*) FROM {PREFIX}comments")
    whole = source.server.execute(comments, schema=source.schema)
    assert 0 < there < len(whole)
    seen = mask.Seen(mask.Key(bytes.fromhex(KEY)))
    for (email,) in whole[:there]:
        seen.email(str(email).lower().encode())
    wanted = {number for _, number in seen.fresh()}
    assert wanted
    assert wanted <= {number for (number,) in job.rows("SELECT hash FROM wpclonemasked")}
    source.feed(job, home=sample_site.URL, **plan)
    job.config["mask"] = mode
    assert job.run().code == 0
    assert met(job, *(str(email) for (email,) in whole if email)) == set()
