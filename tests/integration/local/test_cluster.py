# SPDX-License-Identifier: Apache-2.0
"""What a local cluster must do for everything that stands on it."""

import contextlib
import json
import socket
import ssl
import uuid
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from local import shared_database
from local.archives import Image, Layer, files_layer
from local.world import CLONE_DOMAIN, DATABASE_NAME
from tests.cluster import Cluster, Native

pytestmark = pytest.mark.cluster

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """Make a namespace under the restricted standard, and delete it afterwards."""
    name = f"local-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    )
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def image(cluster: Cluster) -> str:
    """Have the base image there: a Debian with Python and a database client."""
    native = cluster.native
    native.images("site")
    return next(name for name in native.cluster.runtime.images() if "/base:" in name)


def pod(namespace: str, image: str, script: str, **spec: Any) -> dict[str, Any]:
    """Return a pod that runs a shell script as an ordinary user."""
    mounts = [
        {"name": each["name"], "mountPath": f"/{each['name']}"} for each in spec.get("volumes", [])
    ]
    container = {
        "name": "main",
        "image": image,
        "command": ["sh", "-euc", script],
        "securityContext": RESTRICTED,
        "volumeMounts": mounts,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": namespace, "labels": {"app": "probe"}},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 33,
                "runAsGroup": 33,
                "fsGroup": 33,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            **spec,
        },
    }


def finished(cluster: Cluster, namespace: str) -> str:
    """Wait until the probe has ended, and return what it printed."""
    wait = ["wait", "pod/probe", "-n", namespace, "--timeout=60s"]
    done = cluster.attempt(*wait, "--for=jsonpath={.status.phase}=Succeeded")
    said = cluster.kubectl("logs", "probe", "-n", namespace)
    assert done.returncode == 0, said + done.stderr
    return said


def claim(namespace: str, size: str, storage_class: str | None = None) -> dict[str, Any]:
    """Return a claim called `data`."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
    }
    if storage_class:
        spec["storageClassName"] = storage_class
    metadata = {"name": "data", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


DATA = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]


def test_a_volume_is_writable_and_vanishes_with_its_claim(
    cluster: Cluster, namespace: str, image: str
) -> None:
    """An ordinary user can write to a fresh volume, whose directory goes with its claim."""
    before = set(cluster.native.disk.iterdir())
    cluster.apply(
        claim(namespace, "10Mi"), pod(namespace, image, "echo kept >/data/file", volumes=DATA)
    )
    finished(cluster, namespace)
    (made,) = set(cluster.native.disk.iterdir()) - before
    assert (made / "file").read_text() == "kept\n"
    volume = made.name

    cluster.kubectl("delete", "pod/probe", "pvc/data", "-n", namespace, "--wait")
    cluster.kubectl("wait", "--for=delete", f"pv/{volume}", "--timeout=30s")

    assert not made.exists()


def test_a_limited_volume_can_be_full(cluster: Cluster, namespace: str, image: str) -> None:
    """Writing more than the claimed size fails as on a real disk, and nothing of it is left."""
    script = "head -c 30M /dev/zero >/data/big && exit 9; test $? != 9; df -P /data | tail -1"
    limited = claim(namespace, "20Mi", cluster.native.limited_storage_class)
    cluster.apply(limited, pod(namespace, image, script, volumes=DATA))

    assert "No space left on device" in finished(cluster, namespace)

    volume = cluster.get("pvc/data", "-n", namespace)["spec"]["volumeName"]
    cluster.kubectl("delete", "pod/probe", "pvc/data", "-n", namespace, "--wait")
    cluster.kubectl("wait", "--for=delete", f"pv/{volume}", "--timeout=30s")
    assert not list(cluster.native.disk.glob(f"{volume}*"))


def test_names_resolve_inside_and_nothing_else_does(
    cluster: Cluster, namespace: str, image: str
) -> None:
    """Pods find services, clones and the database by name, and get a clear no for the rest."""
    names = ["kubernetes.default", f"any.{CLONE_DOMAIN}", DATABASE_NAME]
    script = f"getent ahostsv4 {' '.join(names)}; getent hosts unknown.example || echo unknown"
    cluster.apply(pod(namespace, image, script))

    said = finished(cluster, namespace)

    net = cluster.native.world.net
    assert net.kubernetes in said
    assert said.count(net.node) >= 2
    assert said.endswith("unknown\n")


def test_pods_cannot_leave_the_cluster(cluster: Cluster, namespace: str, image: str) -> None:
    """An address of the public internet is unreachable, so that no test can disturb anybody."""
    script = "curl -sS --max-time 3 http://192.0.2.1/ || echo unreachable"
    cluster.apply(pod(namespace, image, script))
    assert finished(cluster, namespace).endswith("unreachable\n")


def served(native: Native, host: str) -> tuple[int, str]:
    """Fetch a page through the ingress by checked HTTPS; return the status and the text."""
    context = ssl.create_default_context(cafile=str(native.ca))
    with (
        socket.create_connection((native.ingress, 443), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: secure.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def test_an_ingress_serves_https_with_the_request_s_own_host(
    cluster: Cluster, namespace: str, image: str
) -> None:
    """A new Ingress answers at its name, and the application sees the name and the scheme."""
    host = f"{namespace}.{CLONE_DOMAIN}"
    program = (
        "from http.server import *\n"
        "class H(BaseHTTPRequestHandler):\n"
        "  def do_GET(self):\n"
        "    self.send_response(200); self.end_headers()\n"
        "    h = self.headers\n"
        "    self.wfile.write(f\"{h['Host']} {h['X-Forwarded-Proto']}\".encode())\n"
        "HTTPServer(('', 8080), H).serve_forever()\n"
    )
    server = pod(namespace, image, f"exec python3 -c '{program.replace(chr(39), chr(34))}'")
    server["spec"]["containers"][0]["command"] = ["python3", "-c", program]
    server["spec"]["containers"][0]["readinessProbe"] = {
        "tcpSocket": {"port": 8080},
        "periodSeconds": 1,
    }
    meta = {"name": "probe", "namespace": namespace}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta,
        "spec": {"selector": {"app": "probe"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    backend = {"service": {"name": "probe", "port": {"number": 80}}}
    rule = {
        "host": host,
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta,
        "spec": {"ingressClassName": cluster.ingress_class, "rules": [rule]},
    }
    cluster.apply(server, service, ingress)
    cluster.kubectl("wait", "pod/probe", "-n", namespace, "--for=condition=Ready", "--timeout=60s")

    def answered() -> bool:
        return served(cluster.native, host)[0] == 200

    cluster.eventually(answered, seconds=10)
    assert served(cluster.native, host) == (200, f"{host} https")


def connect(native: Native, user: str, **options: Any) -> "pymysql.Connection[Any]":
    """Connect to the shared server by TLS as one of its accounts."""
    secret = (native.world.at.secrets / user).read_text()
    host, ca = native.world.net.node, str(native.ca)
    return pymysql.connect(host=host, user=user, password=secret, ssl_ca=ca, **options)


def test_the_provisioner_makes_schemas_and_reaches_nothing_else(cluster: Cluster) -> None:
    """The operator's account makes a schema and a user, and touches no other schema."""
    name = f"wpc{uuid.uuid4().hex[:20]}"
    with contextlib.closing(connect(cluster.native, shared_database.PROVISIONER)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute(f"CREATE USER {name}@'%' IDENTIFIED BY 'x'")
        cursor.execute(f"GRANT ALL ON {name}.* TO {name}@'%'")
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"DROP USER {name}@'%'")
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            cursor.execute("CREATE DATABASE other")


def test_kro_may_do_only_what_its_roles_say(cluster: Cluster) -> None:
    """The graph engine is no administrator: it may not read Secrets unless a role says so."""
    user = "--as=system:serviceaccount:kro-system:kro"
    assert (
        cluster.attempt("auth", "can-i", "list", "resourcegraphdefinitions", user).returncode == 0
    )
    assert cluster.attempt("auth", "can-i", "list", "secrets", user).returncode == 1


def test_writes_can_be_counted_by_user_agent(cluster: Cluster, namespace: str) -> None:
    """The audit log names each write's author, so that a settled clone can be proved silent."""
    mark = cluster.native.audit_mark()
    cluster.kubectl("create", "configmap", "counted", "-n", namespace)

    def recorded() -> bool:
        return any("kubectl" in agent for agent in cluster.native.writes_by_agent(mark))

    cluster.eventually(recorded, seconds=5)


def test_an_image_arrives_without_a_registry(
    cluster: Cluster, namespace: str, image: str, tmp_path: Any
) -> None:
    """A thin archive adds one small layer to layers that the node has, and a pod runs it."""
    native = cluster.native
    greeting = tmp_path / "greeting"
    greeting.write_text(namespace)
    layer = files_layer(tmp_path / "layer.tar", {"/greeting": (greeting, 0o644)})
    content = (
        native.cluster.runtime.ctr("images", "ls", f"name=={image}").splitlines()[1].split()[2]
    )
    manifest = json.loads(native.cluster.runtime.ctr("content", "get", content))
    base = [Layer(tmp_path, each["digest"], each["size"]) for each in manifest["layers"]]
    name = f"localhost/wpclone/probe:{namespace}"
    native.cluster.runtime.load_image(Image(name, [*base, layer]))
    cluster.apply(pod(namespace, name, "cat /greeting"))
    assert finished(cluster, namespace) == namespace
    native.cluster.runtime.ctr("images", "rm", name)
