# SPDX-License-Identifier: Apache-2.0
"""Sets the stage on the native cluster: images, charts, and a live site on the host outside."""

from collections.abc import Mapping
from typing import Any, Final

from local import images, paths, rootfs, shared_database, world
from local.cluster import Cluster
from local.demo.release import CLONES, SYSTEM, Release, authority, secret
from local.demo.tools import Tools
from local.manifests import STORAGE_CLASS
from local.outside import Host
from local.sample import site
from local.sample.profiles import Profile

# The series of WordPress that Debian's base of the site image brings (local/rootfs.py).
WORDPRESS: Final = "6.8"

SOURCE_HOST = "www.acme.test"
SOURCE_URL = f"https://{SOURCE_HOST}"
SOURCE_SECRET = "acme-admin"  # noqa: S105  the name of a Secret
_DATABASE_SECRET = "wpclone-database"  # noqa: S105  likewise
_SERVER: Final[Mapping[str, Any]] = {
    "name": "shared",
    "host": world.DATABASE_NAME,
    "port": 3306,
    "secretName": _DATABASE_SECRET,
    "ca": True,
    "maxUserConnections": 20,
}
_CLONES_CA = "wpclone-ca"
_INGRESS_CA = "wpclone-ingress-ca"


def tools(cluster: Cluster) -> Tools:
    """Return kubectl and helm for a native cluster."""
    programs = paths.cache() / "bin"
    return Tools(str(programs / "kubectl"), str(programs / "helm"), cluster.world.at.kubeconfig)


def install(cluster: Cluster, overrides: Mapping[str, Any] | None = None) -> Release:
    """Have images and charts in the cluster; `overrides` replace values of the operator chart."""
    references = images.ensure(cluster.runtime)
    release = Release(tools(cluster))
    release.namespaces()
    release.cluster()
    certificate = cluster.world.web.certificate.read_text()
    account = (cluster.world.at.secrets / shared_database.PROVISIONER).read_text()
    login = {"username": shared_database.PROVISIONER, "password": account, "ca.crt": certificate}
    release.tools.apply(
        secret(SYSTEM, _DATABASE_SECRET, login),
        authority(SYSTEM, _INGRESS_CA, certificate),
        authority(CLONES, _CLONES_CA, certificate),
    )
    release.operator({**values(cluster, references), **(overrides or {})})
    return release


def values(cluster: Cluster, references: Mapping[str, str]) -> dict[str, Any]:
    """Return the operator chart's values for a native cluster."""
    net = cluster.world.net
    node = f"{net.node}/32"
    return {
        "watchNamespace": CLONES,
        "installation": f"local-{net.name}",
        "domain": world.CLONE_DOMAIN,
        "images": {
            "operator": references["operator"],
            "site": references["site"],
            "siteWordPress": WORDPRESS,
            "sitePHPExtensions": rootfs.php_extensions(),
        },
        "databases": [_SERVER],
        "ingress": {
            "className": world.INGRESS_CLASS,
            "address": f"{net.node}:443",
            "caConfigMap": _INGRESS_CA,
        },
        "storage": {"className": STORAGE_CLASS},
        "sourceAllowCIDRs": [net.outsides],
        "sourceDatabases": [{"cidr": net.outsides, "port": 3306}],
        "caConfigMap": _CLONES_CA,
        "network": {
            "dns": {"cidrs": [node]},
            "routers": {"cidrs": [node]},
            "databases": [{"cidr": node, "port": 3306}],
        },
    }


def source(cluster: Cluster, profile: Profile, release: Release) -> site.Login:
    """Have the sample site on the outside host, and its administrator's login in a Secret."""
    host = Host(cluster.world)
    host.start()
    login = site.ensure(host, profile, SOURCE_URL)
    host.start_site("acme", [SOURCE_HOST], site.DOCUMENT_ROOT)
    site.wake(host, SOURCE_URL)
    release.source_login(SOURCE_SECRET, login.username, login.password)
    return login
