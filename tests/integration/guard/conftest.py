# SPDX-License-Identifier: Apache-2.0
"""Starts the site image once: a WordPress with a theme, a plugin and a drop-in of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import paths
from tests import mariadb, site_container, site_image
from tests.integration.guard.furnishing import (
    ADMINISTRATOR,
    furnish,
    install,
    log_in,
)
from tests.site_container import Site

Probe = Callable[[str], Any]


@pytest.fixture(scope="session")
def image_root() -> Iterator[Path]:
    """Give the site image's root file system, built from wordpress/Dockerfile."""
    lacking = site_image.missing()
    if lacking:
        pytest.skip(lacking)
    with site_image.image() as root:
        yield root


@pytest.fixture(scope="session")
def database() -> Iterator[mariadb.Server]:
    """Give a database server without TLS."""
    lacking = mariadb.missing()
    if lacking:
        pytest.skip(lacking)
    with mariadb.server() as server:
        yield server


@pytest.fixture(scope="session")
def running(image_root: Path, database: mariadb.Server) -> Iterator[Site]:
    """Give the one WordPress all tests look at."""
    with site_container.site(image_root, database, deployed_environment()) as site:
        furnish(site)
        install(site)
        yield site


def deployed_environment() -> dict[str, str]:
    """Give the plain values of the graph's Deployment; a test fills in the others itself."""
    graph = yaml.safe_load((paths.REPOSITORY / "kro/shared-database-site.yaml").read_text())
    (deployment,) = (
        resource["template"]
        for resource in graph["spec"]["resources"]
        if resource["template"]["kind"] == "Deployment"
    )
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    plain = {entry["name"]: str(entry.get("value", "${")) for entry in container["env"]}
    return {name: value for name, value in plain.items() if "${" not in value}


@pytest.fixture
def site(running: Site) -> Site:
    """Give that WordPress in its first state: access by link, everything blocked, no mail."""
    running.tell()
    for file in running.mail.glob("*"):
        file.unlink()
    return running


@pytest.fixture
def visitor(site: Site) -> Mapping[str, str]:
    """Give the cookies of somebody who came by the visit link."""
    return site.get(f"/?wpclone-key={site.gate_key}", cookies={}).cookies


@pytest.fixture
def probe(site: Site, visitor: Mapping[str, str]) -> Probe:
    """Let the site's own plugin do something, and give what it says."""

    def ask(what: str) -> Any:
        answer = site.get(f"/?probe={what}", cookies=visitor)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    return ask


@pytest.fixture
def administrator(site: Site) -> Mapping[str, str]:
    """Give the cookies of the administrator."""
    return log_in(site, *ADMINISTRATOR).cookies
