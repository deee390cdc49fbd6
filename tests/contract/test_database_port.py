# SPDX-License-Identifier: Apache-2.0
"""What the port `Database` promises, on the fake and on a real MariaDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from local.shared_database import PROVISIONER_GRANTS
from tests import mariadb
from tests.contract.conftest import Open
from tests.fakes.others import FakeDatabase
from tests.fakes.world import settings
from wpclone import errors
from wpclone.controller.gateways.database import MySQLDatabase
from wpclone.controller.ports import Database, DatabaseView, Owner, Unavailable

OURS = Owner("test", "11111111-2222")
OTHERS = Owner("other", "11111111-2222")
NAME = "wpc11111111222233334444"
LENDER = "wpc55555555666677778888"
THEIRS = Owner("test", "55555555-6666")


@pytest.fixture(scope="module")
def server() -> Iterator[mariadb.Server]:
    """Run a MariaDB with the operator's limited account."""
    missing = mariadb.missing()
    if missing:
        pytest.skip(missing)
    with mariadb.server() as running:
        user = "'provisioner'@'%'"
        grants = [grant.format(user=user) for grant in PROVISIONER_GRANTS]
        running.execute(f"CREATE USER {user} IDENTIFIED BY 'canary-provisioner'", *grants)
        yield running


@dataclass
class Subject:
    """A database port, and the server behind it if there is one."""

    database: Database
    server: mariadb.Server | None


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.database)])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """Return the fake, or a real server without any clone's database."""
    if request.param == "fake":
        yield Subject(FakeDatabase(), None)
        return
    running: mariadb.Server = request.getfixturevalue("server")
    (tmp_path / "username").write_text("provisioner")
    (tmp_path / "password").write_text("canary-provisioner\n")
    known: dict[str, Any] = {
        "name": "shared",
        "host": running.host,
        "port": running.port,
        "secretDir": str(tmp_path),
        "maxUserConnections": 3,
    }
    yield Subject(MySQLDatabase(settings(databases=[known]), Open()), running)
    for name in (NAME, LENDER):
        running.execute(f"DROP DATABASE IF EXISTS {name}", f"DROP USER IF EXISTS '{name}'@'%'")
    running.execute("DROP DATABASE IF EXISTS wpclone")


async def test_a_fresh_server_has_nothing(subject: Subject) -> None:
    """Nobody has been there: not even the register exists."""
    assert (await subject.database.view("shared", NAME)).empty


async def test_providing_makes_claim_schema_and_user(subject: Subject) -> None:
    """Afterwards all three are there, and the password opens the door."""
    await subject.database.provide("shared", NAME, OURS, "one")
    assert await subject.database.view("shared", NAME) == DatabaseView(OURS, schema=True, user=True)
    assert await subject.database.admits("shared", NAME, "one")
    assert not await subject.database.admits("shared", NAME, "two")


async def test_providing_again_sets_the_password(subject: Subject) -> None:
    """Repeated after a crash, the user has the Secret's password of today."""
    await subject.database.provide("shared", NAME, OURS, "one")
    await subject.database.provide("shared", NAME, OURS, "two")
    assert await subject.database.admits("shared", NAME, "two")
    assert not await subject.database.admits("shared", NAME, "one")


async def test_a_user_without_its_grant_is_not_admitted(subject: Subject) -> None:
    """A kill between user and grant shows, and providing again makes it good."""
    await subject.database.provide("shared", NAME, OURS, "one")
    if subject.server:
        subject.server.execute(f"REVOKE ALL PRIVILEGES ON {NAME}.* FROM '{NAME}'@'%'")
    else:
        assert isinstance(subject.database, FakeDatabase)
        subject.database.grants.clear()
    assert not await subject.database.admits("shared", NAME, "one")
    await subject.database.provide("shared", NAME, OURS, "one")
    assert await subject.database.admits("shared", NAME, "one")


async def test_another_installation_s_claim_is_respected(subject: Subject) -> None:
    """Neither provided nor dropped: whoever came first owns the name."""
    await subject.database.provide("shared", NAME, OTHERS, "theirs")
    with pytest.raises(errors.Refused):
        await subject.database.provide("shared", NAME, OURS, "ours")
    assert await subject.database.admits("shared", NAME, "theirs")


async def test_dropping_leaves_nothing(subject: Subject) -> None:
    """Schema, user and claim go; dropping again is fine."""
    await subject.database.provide("shared", NAME, OURS, "one")
    await subject.database.drop("shared", NAME, OURS)
    assert (await subject.database.view("shared", NAME)).empty
    await subject.database.drop("shared", NAME, OURS)


async def lent(subject: Subject) -> bool:
    """Tell whether the user may read the other schema; the server and the view have to agree."""
    view = await subject.database.view("shared", NAME)
    assert view.reads in {"", LENDER}
    if subject.server:
        found = subject.server.execute(
            "SELECT privilege_type FROM information_schema.schema_privileges"
            f" WHERE table_schema = '{LENDER}' AND grantee LIKE '%{NAME}%'"
        )
        assert found == ([("SELECT",)] if view.reads and view.certain else [])
    return bool(view.reads)


async def both(subject: Subject) -> None:
    """Make a schema that reads, and one that is read."""
    await subject.database.provide("shared", NAME, OURS, "one")
    await subject.database.provide("shared", LENDER, THEIRS, "two")


async def test_a_schema_is_lent_and_reclaimed(subject: Subject) -> None:
    """To be read by one user for a while; either may be repeated, and its own stays its own."""
    await both(subject)
    for _ in range(2):
        await subject.database.lend("shared", NAME, OURS, LENDER)
        assert await lent(subject)
    for _ in range(2):
        await subject.database.reclaim("shared", NAME, OURS)
        assert not await lent(subject)
    assert await subject.database.admits("shared", NAME, "one")
    assert await subject.database.view("shared", NAME) == DatabaseView(OURS, schema=True, user=True)


async def test_another_installation_s_schema_is_not_lent(subject: Subject) -> None:
    """Nor one that nobody has claimed, nor to somebody else's user."""
    await subject.database.provide("shared", NAME, OURS, "one")
    with pytest.raises(errors.Refused):
        await subject.database.lend("shared", NAME, OURS, LENDER)
    await subject.database.provide("shared", LENDER, OTHERS, "two")
    with pytest.raises(errors.Refused):
        await subject.database.lend("shared", NAME, OURS, LENDER)
    with pytest.raises(errors.Refused):
        await subject.database.reclaim("shared", NAME, OTHERS)
    assert not await lent(subject)


async def test_what_was_lent_goes_with_either(subject: Subject) -> None:
    """A reader takes its rights along; a schema that is gone can be reclaimed all the same."""
    await both(subject)
    await subject.database.lend("shared", NAME, OURS, LENDER)
    await subject.database.drop("shared", LENDER, THEIRS)
    await subject.database.reclaim("shared", NAME, OURS)
    assert not await lent(subject)
    await both(subject)
    await subject.database.lend("shared", NAME, OURS, LENDER)
    await subject.database.drop("shared", NAME, OURS)
    assert (await subject.database.view("shared", NAME)).empty
    assert not await lent(subject)


async def test_a_user_made_anew_has_to_be_let_in_again(subject: Subject) -> None:
    """Providing says that its rights are in doubt; lending settles it."""
    await both(subject)
    await subject.database.lend("shared", NAME, OURS, LENDER)
    if subject.server:
        subject.server.execute(f"DROP USER '{NAME}'@'%'")
    await subject.database.provide("shared", NAME, OURS, "one")
    assert not (await subject.database.view("shared", NAME)).certain
    assert await lent(subject)
    await subject.database.lend("shared", NAME, OURS, LENDER)
    assert (await subject.database.view("shared", NAME)).certain
    assert await lent(subject)


@pytest.mark.database
@pytest.mark.parametrize("lost", ["the right", "the user"])
async def test_a_kill_between_note_and_right_leaves_nothing(
    server: mariadb.Server, subject: Subject, lost: str
) -> None:
    """What was noted and not given is reclaimed as what was."""
    if subject.server is None:
        pytest.skip("the fake does both at once")
    await both(subject)
    await subject.database.lend("shared", NAME, OURS, LENDER)
    if lost == "the user":
        server.execute(f"DROP USER '{NAME}'@'%'")
    else:
        server.execute(f"REVOKE SELECT ON {LENDER}.* FROM '{NAME}'@'%'")
    await subject.database.reclaim("shared", NAME, OURS)
    assert not await lent(subject)


@pytest.mark.database
async def test_the_site_s_user_reaches_its_own_schema_only(
    server: mariadb.Server, tmp_path: Path
) -> None:
    """It may do what WordPress does in its schema and sees no other; connections are capped."""
    (tmp_path / "username").write_text("provisioner")
    (tmp_path / "password").write_text("canary-provisioner")
    known = {
        "name": "shared",
        "host": server.host,
        "port": server.port,
        "secretDir": str(tmp_path),
        "maxUserConnections": 2,
    }
    database = MySQLDatabase(settings(databases=[known]), Open())
    await database.provide("shared", NAME, OURS, 'it\'s "quoted" %s \\')

    def connect() -> Any:
        return pymysql.connect(
            host=server.host,
            port=server.port,
            user=NAME,
            password='it\'s "quoted" %s \\',
            ssl_disabled=True,
        )

    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {NAME}.t (a INT)")
        cursor.execute("SHOW DATABASES")
        seen = {row[0] for row in cursor.fetchall()}
        assert seen == {NAME, "information_schema"}
        with pytest.raises(pymysql.MySQLError):
            cursor.execute("CREATE DATABASE wpcelsewhere")
        with connect(), pytest.raises(pymysql.MySQLError):
            connect()
    await database.drop("shared", NAME, OURS)


@pytest.mark.database
async def test_a_server_that_is_away_is_unavailable_without_details(
    server: mariadb.Server, tmp_path: Path
) -> None:
    """The sentence names the server by its name in the settings, and no secret."""
    (tmp_path / "username").write_text("provisioner")
    (tmp_path / "password").write_text("canary-wrong")
    base = {"name": "shared", "host": "127.0.0.1", "secretDir": str(tmp_path)}
    away = MySQLDatabase(settings(databases=[{**base, "port": 1}]), Open())
    with pytest.raises(Unavailable, match=r"^The database server shared cannot be reached$"):
        await away.view("shared", NAME)
    refusing = MySQLDatabase(settings(databases=[{**base, "port": server.port}]), Open())
    with pytest.raises(Unavailable, match=r"^The database server shared refused the operator's"):
        await refusing.view("shared", NAME)
