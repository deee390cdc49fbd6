# SPDX-License-Identifier: Apache-2.0
"""What the outside host must be for a site to clone: elsewhere, reachable, and breakable."""

import http.client
from collections.abc import Iterator

import pytest

from local import paths
from local.outside import Host
from tests.cluster import Cluster

pytestmark = pytest.mark.cluster
NAME = "probe.acme.test"
PAGE = """<?php
$server = new mysqli( 'localhost', 'probe', 'probe', 'probe' );
echo $_SERVER['HTTP_HOST'], ' ', $_SERVER['HTTPS'] ?? 'plain', ' ', $server->server_info;
"""


@pytest.fixture(autouse=True)
def host(cluster: Cluster) -> Iterator[Host]:
    """Have a small PHP site with a database on the outside host."""
    host = cluster.native.outside
    paths.write(host.root / "var/www/probe/index.php", PAGE)
    host.run(["chmod", "-R", "a+rX", "/var/www/probe"])
    host.mariadb.sql(
        "CREATE DATABASE IF NOT EXISTS probe;"
        "CREATE OR REPLACE USER probe@localhost IDENTIFIED BY 'probe';"
        "GRANT ALL ON probe.* TO probe@localhost;"
    )
    host.start_site("probe", [NAME], "/var/www/probe")
    yield host
    host.stop_site("probe")


def fetch(cluster: Cluster, scheme: str) -> str:
    """Fetch the site's page from the node, trusting the local authority; return page or refusal."""
    net = cluster.native.world.net
    enter = f"--net=/run/netns/{net.netns}"
    curl = ["curl", "-sS", "--max-time", "3", "--cacert", str(cluster.native.ca)]
    for port in (80, 443):
        curl += ["--resolve", f"{NAME}:{port}:{net.outside}"]
    done = cluster.run_here(["nsenter", enter, "--", *curl, f"{scheme}://{NAME}/"])
    return done.stdout + done.stderr


def test_a_site_has_its_own_certificate_php_and_database(cluster: Cluster) -> None:
    """The page comes by verified HTTPS and by HTTP, from PHP, out of the host's own MariaDB."""
    secure, plain = fetch(cluster, "https"), fetch(cluster, "http")
    assert secure.startswith(f"{NAME} on ")
    assert "MariaDB" in secure
    assert plain.startswith(f"{NAME} plain ")


def test_this_machine_reaches_the_site_too(host: Host) -> None:
    """A browser here can look at the source, to compare it with its clone."""
    connection = http.client.HTTPConnection(host.address, timeout=5)
    connection.request("GET", "/", headers={"Host": NAME})
    assert connection.getresponse().read().startswith(NAME.encode())
    connection.close()


def test_a_cut_cable_is_noticed_and_mended(cluster: Cluster, host: Host) -> None:
    """While the cable is out nothing arrives; afterwards everything does again."""
    host.cut()
    try:
        assert "curl: (" in fetch(cluster, "http")
    finally:
        host.mend()
    assert fetch(cluster, "http").startswith(NAME)


def test_a_frozen_server_answers_nobody_until_thawed(cluster: Cluster, host: Host) -> None:
    """Connections are taken and never answered, as by a host that is out of memory."""
    host.freeze()
    try:
        assert "curl: (28)" in fetch(cluster, "http")
    finally:
        host.thaw()
    assert fetch(cluster, "http").startswith(NAME)
