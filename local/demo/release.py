# SPDX-License-Identifier: Apache-2.0
"""Installs WordPress Clone as its users do: namespaces, Secrets, the two charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from local import paths, say
from local.demo.tools import Manifest, Tools

SYSTEM = "wpclone-system"
CLONES = "wordpress-staging"
OPERATOR = "wpclone-operator"
CLUSTER = "wpclone-cluster"
_SOURCE = {"clones.betaweb.ai/source": "true"}
_RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """One installation: the cluster's part, and the operator beside one namespace of clones."""

    tools: Tools

    def namespaces(self) -> None:
        """Have both namespaces; the one with clones in it cannot be deleted by accident."""
        managed = {**_RESTRICTED, "clones.betaweb.ai/managed": "true"}
        self.tools.apply(namespace(SYSTEM, _RESTRICTED), namespace(CLONES, managed))

    def cluster(self, values: Values | None = None) -> None:
        """Install what a cluster needs once, and wait until its kinds can be used."""
        with say.step("cluster chart", "kinds, graph and admission policies installed"):
            self._helm(CLUSTER, "wordpress-clone-cluster", values or {})
            graphs = "resourcegraphdefinitions.kro.run"
            self._wait("condition=Ready", graphs, "--all")
            names = [
                "wordpressclones.clones.betaweb.ai",
                "shareddatabasesites.sites.clones.betaweb.ai",
            ]
            self._wait("condition=Established", "customresourcedefinition", *names)

    def operator(self, values: Values) -> None:
        """Install the operator, and wait until it is ready."""
        with say.step("operator chart", f"operator in {SYSTEM} looks after {CLONES}"):
            self._helm(OPERATOR, "wordpress-clone-operator", values, "--wait", "--timeout=90s")

    def source_login(self, name: str, username: str, password: str) -> None:
        """Put an administrator's login where clones may name it."""
        self.tools.apply(
            secret(CLONES, name, {"username": username, "password": password}, labels=_SOURCE)
        )

    def _helm(self, name: str, chart: str, values: Values, *options: str) -> None:
        where = ["--namespace", SYSTEM, "--values", "-"]
        command = ["upgrade", "--install", name, str(paths.REPOSITORY / "charts" / chart)]
        self.tools.helm(*command, *where, *options, stdin=yaml.safe_dump(dict(values)))

    def _wait(self, what: str, *arguments: str) -> None:
        self.tools.kubectl("wait", f"--for={what}", "--timeout=60s", *arguments, timeout=70)


def namespace(name: str, labels: Mapping[str, str]) -> Manifest:
    """Return a namespace."""
    metadata = {"name": name, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def secret(
    where: str, name: str, data: Mapping[str, str], *, labels: Mapping[str, str] | None = None
) -> Manifest:
    """Return a Secret."""
    metadata = {"name": name, "namespace": where, "labels": dict(labels or {})}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(data)}


def authority(where: str, name: str, certificate: str) -> Manifest:
    """Return a ConfigMap with the certificate of an authority."""
    metadata = {"name": name, "namespace": where}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"ca.crt": certificate},
    }
