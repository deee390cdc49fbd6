# SPDX-License-Identifier: Apache-2.0
"""Says at the end what there is, how to look at it, and how to end it."""

import base64
import hashlib
import os
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from local import say
from local.cluster import Cluster
from local.demo.release import CLONES
from local.demo.tools import Tools


def reason(tools: Tools, name: str) -> str:
    """Return what the STATUS column shows, or nothing for a clone that is not there."""
    return str(_ready(tools, name).get("reason", ""))


def stalled(tools: Tools, name: str) -> bool:
    """Tell whether a clone waits for a person."""
    return any(c["type"] == "Stalled" and c["status"] == "True" for c in _conditions(tools, name))


def shown(tools: Tools) -> None:
    """Show the table that everybody sees first."""
    say.line("\n$ kubectl get wordpressclones --namespace wordpress-staging")
    say.line(tools.kubectl("get", "wordpressclones", f"--namespace={CLONES}").rstrip())


def native(cluster: Cluster, tools: Tools, name: str) -> None:
    """Say how to look at a clone on this machine's own cluster."""
    shown(tools)
    net, config = cluster.world.net, cluster.world.at.kubeconfig
    host = f"{name}.clones.test"
    say.line(
        f"\nkubectl here:   export KUBECONFIG={config} PATH={tools.kubectl_program[:-8]}:$PATH"
    )
    common(name)
    rules = f"MAP www.acme.test {net.outside}, MAP *.clones.test {net.node}"
    authority = cluster.world.web.certificate
    sandbox = "--no-sandbox " if os.geteuid() == 0 else ""  # Chromium's condition for root
    say.line(f"In Chromium:    chromium {sandbox}--user-data-dir=$(mktemp -d) \\")
    say.line(f'                  --host-resolver-rules="{rules}" \\')
    say.line(f"                  --ignore-certificate-errors-spki-list={_keys(cluster)} \\")
    say.line(f'                  "$({visit(name)})"')
    say.line(f"Elsewhere:      echo {net.node} {host} >> /etc/hosts; trust {authority}")
    say.line("Take it away:   make demo-down")
    say.line(f"Files, too:     .venv/bin/python -m local down --name {net.name} --purge")


def common(name: str) -> None:
    """Say where the login is and how a clone ends, which is the same on every cluster."""
    place = f"kubectl -n {CLONES} get secret {name}-credentials -o jsonpath="
    say.line(f"Its address:    {visit(name)}")
    say.line(f"Its user:       {place}'{{.data.wordpress-username}}' | base64 -d")
    say.line(f"Its password:   {place}'{{.data.wordpress-password}}' | base64 -d")
    say.line(f"End the clone:  kubectl -n {CLONES} delete wordpressclone {name}")


def visit(name: str) -> str:
    """Return the command that prints the link which opens the gate."""
    place = f"kubectl -n {CLONES} get secret {name}-credentials -o jsonpath="
    return f"{place}'{{.data.visit-url}}' | base64 -d"


def _ready(tools: Tools, name: str) -> dict[str, Any]:
    return next((c for c in _conditions(tools, name) if c["type"] == "Ready"), {})


def _conditions(tools: Tools, name: str) -> list[dict[str, Any]]:
    found = tools.get("wordpressclones", f"--namespace={CLONES}")["items"]
    clone: dict[str, Any] = next((item for item in found if item["metadata"]["name"] == name), {})
    return list(clone.get("status", {}).get("conditions", []))


def _keys(cluster: Cluster) -> str:
    """Return the keys of ingress and source: no browser has to trust our authority for ever."""
    return ",".join(_key(cluster, name) for name in ("ingress", "site-acme"))


def _key(cluster: Cluster, name: str) -> str:
    certificate = x509.load_pem_x509_certificate(
        (cluster.world.web.certificate.parent / f"{name}.crt").read_bytes()
    )
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
