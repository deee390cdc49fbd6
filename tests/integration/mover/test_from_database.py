# SPDX-License-Identifier: Apache-2.0
"""An import from a database and files beside it, through the mover's program and real servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.mover import sites

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source-files")


def test_try(job: Job, site: Site) -> None:
    """Everything."""
    login = site.server.schema()
    site.server.execute(f"GRANT SELECT, TRIGGER ON `{site.schema}`.* TO '{login.user}'@'%'")
    secret = job.home / "source"
    secret.mkdir()
    (secret / "username").write_text(login.user)
    (secret / "password").write_text(login.password)
    job.config = {
        "attempt": 1,
        "network": {"databases": [{"cidr": "127.0.0.0/8", "port": site.server.port}]},
        "source": {
            "kind": "database",
            "database": {
                "host": "localhost",
                "port": site.server.port,
                "name": site.schema,
                "credentialsRef": {"name": "x"},
                "tls": {"mode": "Disabled"},
                "files": {"claimRef": {"name": "files"}},
            },
        },
    }
    job.extra["WPCLONE_SOURCE_FILES"] = str(site.folder)
    r = job.run()
    for table in ("wp_old", "wp_keyless", "wp_computed"):
        same = f"SELECT * FROM {table}"
        assert job.rows(same) == site.server.execute(same, schema=site.schema), table
    assert r.code == 0
