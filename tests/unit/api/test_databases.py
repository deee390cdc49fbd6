# SPDX-License-Identifier: Apache-2.0
"""Which database servers an installation allows as sources."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from wpclone.api import databases
from wpclone.api.databases import AllowedDatabase

ALLOWED = (
    AllowedDatabase(host="db.acme.example", port=3306),
    AllowedDatabase(host="*.rds.example", port=3307),
    AllowedDatabase(cidr="10.20.0.0/16", port=3306),
)


@pytest.mark.parametrize(
    ("host", "port", "expected", "reason"),
    [
        ("db.acme.example", 3306, True, "it is listed by its name"),
        ("DB.acme.example.", 3306, True, "names know no case, and may end in a dot"),
        ("db.acme.example", 3307, False, "another port is another server"),
        ("a.b.rds.example", 3307, True, "a star stands for several labels"),
        ("rds.example", 3307, False, "a star stands for one label at least"),
        ("evilrds.example", 3307, False, "a star ends at a dot"),
        ("unknown.example", 3306, True, "it may lead into a listed network"),
        ("unknown.example", 3307, False, "no network is listed with this port"),
        ("10.20.3.4", 3306, True, "it lies in a listed network"),
        ("10.21.3.4", 3306, False, "it lies in none"),
        ("fd00::1", 3306, False, "a network of IPv4 holds no other address"),
    ],
)
def test_a_server_is_conceivable_by_name_or_network(
    host: str, port: int, reason: str, *, expected: bool
) -> None:
    """What cannot be allowed whatever the name leads to is refused before anybody looks it up."""
    assert databases.conceivable(host, port, ALLOWED) is expected, reason


def test_an_empty_list_allows_nothing() -> None:
    """The default: no database is a source until somebody says so."""
    assert not databases.conceivable("db.acme.example", 3306, ())


@pytest.mark.parametrize(
    "entry",
    [
        {"port": 3306},
        {"host": "db.example", "cidr": "10.0.0.0/8", "port": 3306},
        {"host": "*", "port": 3306},
        {"cidr": "10.0.0.1/8", "port": 3306},
        {"cidr": "everywhere", "port": 3306},
        {"host": "db.example", "port": 0},
        {"host": "db.example", "port": 3306, "user": "root"},
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: dict[str, Any]) -> None:
    """A typing error in the settings must not open more than was meant, nor less."""
    with pytest.raises(ValidationError):
        AllowedDatabase.model_validate(entry)
