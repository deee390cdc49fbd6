# SPDX-License-Identifier: Apache-2.0
"""Offers what every story needs: clones to ask for, to wait for, and to look at from outside."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from local import shared_database
from local.demo import native, story
from local.demo.release import CLONES, Release
from local.sample.site import Login
from local.shell import run
from tests.cluster import Cluster

# The operator's intervals, shortened so that a clone's whole life fits into a test.
SCALED: Final[dict[str, Any]] = {
    "imports": {"slots": 2},
    "minimumRemaining": "2s",
    "recoverable": "12s",
    "retainReaped": "10m",
    # Nothing is there until a test starts it: tests/e2e/outside_bucket.py.
    "s3": {"endpoint": "https://s3.outside.test:9443", "region": "eu-central-1"},
    "timing": {
        "poll": "1s",
        "resync": "5s",
        "leaseDuration": "10s",
        "leaseRenew": "7s",
        "leaseRetry": "1s",
    },
}
# Every kind that a clone is made of, its own object excepted.
KINDS: Final = (
    "shareddatabasesites.sites.clones.betaweb.ai,secrets,configmaps,persistentvolumeclaims,jobs,"
    "deployments,replicasets,pods,services,ingresses"
)


@dataclass(frozen=True)
class Stage:
    """An installation on a cluster, and a live site to clone."""

    cluster: Cluster
    release: Release
    login: Login
    namespace: str = CLONES
    watches: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def close(self) -> None:
        """Delete all clones, and stop watching them."""
        everything = ["delete", "wordpressclones", "--all", f"--namespace={self.namespace}"]
        self.release.tools.kubectl(*everything, timeout=120)
        for watch in self.watches:
            watch.kill()
            watch.communicate()

    def clone(self, name: str, *, secret: str = native.SOURCE_SECRET, **spec: Any) -> Clone:
        """Ask for a clone of the live site."""
        source = {"site": {"url": self.login.url, "credentialsRef": {"name": secret}}}
        return self.ask(name, source, **spec)

    def copy(self, name: str, of: str, **spec: Any) -> Clone:
        """Ask for a clone of another clone."""
        return self.ask(name, {"clone": {"name": of}}, **spec)

    def blank(self, name: str, **spec: Any) -> Clone:
        """Ask for an empty WordPress."""
        return self.ask(name, {"blank": {"title": "Empty"}}, **spec)

    def ask(self, name: str, source: dict[str, Any], **spec: Any) -> Clone:
        """Ask for a clone of any source."""
        manifest = {
            "apiVersion": "clones.betaweb.ai/v1alpha1",
            "kind": "WordPressClone",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {"source": source, **spec},
        }
        watch = self.release.tools.watch(
            "wordpressclones",
            f"--namespace={self.namespace}",
            f"--field-selector=metadata.name={name}",
            f"--output={story.TEMPLATE}",
        )
        self.watches.append(watch)
        self.release.tools.kubectl("create", "-f-", stdin=json.dumps(manifest))
        return Clone(self, name, time.monotonic(), watch)

    def schemas(self) -> set[str]:
        """Return the names of all schemas on the shared server, as its administrator sees them."""
        return self._column("SHOW DATABASES")

    def database_users(self) -> set[str]:
        """Return the names of all accounts on the shared server."""
        return self._column("SELECT user FROM mysql.user")

    def claims(self) -> set[str]:
        """Return the names that the installation has claimed on the shared server."""
        if "wpclone" not in self.schemas():
            return set()
        return self._column("SELECT name FROM wpclone.claims")

    def _column(self, query: str) -> set[str]:
        server = shared_database.server(self.cluster.native.world)
        return set(server.sql(query).split())


@dataclass
class Clone:
    """One clone, as a person sees it."""

    stage: Stage
    name: str
    asked: float
    watch: subprocess.Popen[bytes]
    seen: list[tuple[float, story.Glimpse]] = field(default_factory=list)

    def wait_for(self, *reasons: str, seconds: float = 120) -> story.Glimpse:
        """Follow the clone until the reason of `Ready` is one of these."""
        if self.seen and self.seen[-1][1].reason in reasons:
            return self.seen[-1][1]
        deadline = time.monotonic() + seconds
        for glimpse in story.changes(self.watch, deadline):
            self.seen.append((time.monotonic() - self.asked, glimpse))
            if glimpse.reason in reasons:
                return glimpse
            if glimpse.stalled:
                break
        pytest.fail(f"{self.name} never was {' or '.join(reasons)}:\n{self._told()}")

    def wait_available(self) -> None:
        """Follow the clone until it can be looked at."""
        self.wait_for("Available", seconds=180)

    def first_seen(self, *reasons: str) -> float:
        """Return after how many seconds the clone was first seen in one of these states."""
        return next(when for when, glimpse in self.seen if glimpse.reason in reasons or not reasons)

    @property
    def where(self) -> str:
        """The option that tells kubectl the clone's namespace."""
        return f"--namespace={self.stage.namespace}"

    @property
    def manifest(self) -> dict[str, Any]:
        """The clone's object."""
        return dict(self.stage.cluster.get("wordpressclone", self.name, self.where))

    @cached_property
    def uid(self) -> str:
        """The clone's uid, which everything that it is made of carries."""
        return str(self.manifest["metadata"]["uid"])

    @property
    def host(self) -> str:
        """The host name of the clone's address."""
        return f"{self.name}.{self.stage.cluster.domain}"

    @property
    def site(self) -> str:
        """The clone's address."""
        return f"https://{self.host}"

    @property
    def base(self) -> str:
        """The name of the clone's Deployment, claim and Service."""
        return f"{self.name}-{self.uid[:8]}"

    @property
    def secret(self) -> dict[str, str]:
        """What the clone's credentials Secret holds, decoded."""
        name = f"{self.name}-credentials"
        data = self.stage.cluster.get("secret", name, self.where)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    @property
    def database(self) -> str:
        """The name of the clone's schema and of its user."""
        return "wpc" + self.uid.replace("-", "")[:20]

    def children(self) -> list[str]:
        """Return `kind/name` of everything in the cluster that carries the clone's uid."""
        label = f"--selector=clones.betaweb.ai/uid={self.uid}"
        found = self.stage.cluster.get(KINDS, self.where, label)["items"]
        return sorted(f"{item['kind']}/{item['metadata']['name']}" for item in found)

    def pods(self, role: str) -> list[dict[str, Any]]:
        """Return the clone's pods of one role."""
        label = f"clones.betaweb.ai/uid={self.uid},clones.betaweb.ai/role={role}"
        found = self.stage.cluster.get("pods", self.where, f"--selector={label}")
        return list(found["items"])

    def volumes(self) -> dict[str, Path]:
        """Return the volumes of the clone's claims with their directories on the node's disk."""
        found = self.stage.cluster.get("persistentvolumes")["items"]
        uid8 = self.uid[:8]
        names = [
            item["metadata"]["name"]
            for item in found
            if item["spec"].get("claimRef", {}).get("name", "").endswith(uid8)
        ]
        return {name: self.stage.cluster.native.disk / name for name in names}

    def state_files(self, folder: str) -> list[Path]:
        """Return the files that the clone keeps beside its document root."""
        roots = (path / "state" / folder for path in self.volumes().values())
        return [path for root in roots for path in sorted(root.iterdir())]

    def answer(self) -> int:
        """Ask the clone's public address and return the status of its answer."""
        here = self.stage.cluster.native
        pinned = f"{self.host}:443:{here.ingress}"
        asking = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
        options = [
            "--max-time",
            "5",
            "--resolve",
            pinned,
            "--cacert",
            str(here.ca),
            f"{self.site}/",
        ]
        return int(run([*asking, *options]))

    def page(self) -> str:
        """Open the clone with its link, as a browser does, and return the page."""
        native = self.stage.cluster.native
        command = ["curl", "--silent", "--fail", "--location", "--cookie", "", "--max-time", "20"]
        command += ["--cacert", str(native.ca), "--resolve", f"{self.host}:443:{native.ingress}"]
        # The link is a secret: it goes in by a file, never by an argument.
        link = f'url = "{self.secret["visit-url"]}"\n'
        return self.stage.cluster.run_here([*command, "--config", "-"], stdin=link).stdout

    def change(self, **spec: Any) -> None:
        """Change fields of the clone's spec."""
        patch = json.dumps({"spec": spec})
        options = ["--type=merge", f"--patch={patch}"]
        self.stage.cluster.kubectl("patch", "wordpressclone", self.name, self.where, *options)

    def delete(self) -> None:
        """Delete the clone and wait until its object is gone."""
        self.stage.cluster.kubectl(
            "delete", "wordpressclone", self.name, self.where, "--timeout=90s"
        )

    def assert_nothing_left(self, volumes: Iterable[Path]) -> None:
        """Look from the outside, at API server, disk and database, for anything of the clone."""
        assert self.children() == []
        # A volume goes after its claim, by the hand of the provisioner.
        self.stage.cluster.eventually(lambda: self.volumes() == {}, 60)
        assert [path for path in volumes if path.exists()] == []
        assert self.database not in self.stage.schemas()
        assert self.database not in self.stage.database_users()

    def _told(self) -> str:
        return "\n".join(f"{when:6.1f} s  {glimpse}" for when, glimpse in self.seen)
