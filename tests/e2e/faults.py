# SPDX-License-Identifier: Apache-2.0
"""Kills and stops what a clone depends on, and looks at what that did to it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local import shared_database
from local.demo.release import OPERATOR, SYSTEM
from tests.e2e.stage import Clone, Stage

AGENT = "wpclone-operator"
_OPERATOR = (f"--namespace={SYSTEM}", f"--selector=app.kubernetes.io/instance={OPERATOR}")
PAGE = Path("html/wp-content/uploads/kept.txt")


@dataclass(frozen=True)
class Operator:
    """The operator's one process, found before it has to be killed: then it is killed at once."""

    stage: Stage
    process: int

    @classmethod
    def running(cls, stage: Stage, seconds: float = 60) -> Operator:
        """Wait until the operator runs, and return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for pod in stage.cluster.get("pods", *_OPERATOR)["items"]:
                for process in processes(pod["metadata"]["uid"], "wpclone.controller"):
                    return cls(stage, process)
            # A pod shows its processes to the kernel only: no event tells of them.
            time.sleep(0.2)
        pytest.fail(f"no operator was running within {seconds:.0f} s")

    def kill(self, *, replace: bool = True) -> None:
        """Kill it on the spot; replace its pod, or leave it to the kubelet to restart it."""
        os.kill(self.process, signal.SIGKILL)
        if not replace:
            return
        # A container that dies a second time is restarted ever later; a new pod starts at once.
        self.stage.cluster.kubectl("delete", "pod", *_OPERATOR, "--grace-period=0", "--force")


def kill_mover(clone: Clone, seconds: float = 60) -> str:
    """Kill the process that imports a clone, as soon as there is one; return its pod's name."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for pod in clone.pods("import"):
            for process in processes(pod["metadata"]["uid"], "wpclone.mover"):
                os.kill(process, signal.SIGKILL)
                return str(pod["metadata"]["name"])
        # A pod shows its processes to the kernel only: no event tells of them.
        time.sleep(0.1)
    pytest.fail(f"nobody imported {clone.name} within {seconds:.0f} s")


def processes(pod: str, program: str) -> list[int]:
    """Return the processes of a program in a pod, found by the pod's control group."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            inside = pod in (directory / "cgroup").read_text()
            if inside and program in (directory / "cmdline").read_bytes().decode():
                found.append(int(directory.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return found


@dataclass
class Writes:
    """The operator's writes about one clone, as the API server records them."""

    stage: Stage
    name: str
    mark: int

    @classmethod
    def about(cls, stage: Stage, name: str) -> Writes:
        """Begin to follow what the operator writes about a clone."""
        return cls(stage, name, stage.cluster.native.audit_mark())

    def next(self, seconds: float) -> str | None:
        """Return the next write, Events apart, or None if there is none in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for event in self._fresh():
                target = event.get("objectRef", {})
                own = event.get("userAgent") == AGENT and target.get("resource") != "events"
                if own and _belongs(str(target.get("name", "")), self.name):
                    return _told(event)
            # The log is a file: it sends no events.
            time.sleep(0.05)
        return None

    def skip(self) -> None:
        """Forget the writes up to now."""
        self.mark = self.stage.cluster.native.audit_mark()

    def _fresh(self) -> Iterator[dict[str, Any]]:
        with self.stage.cluster.native.world.at.audit.open("rb") as file:
            file.seek(self.mark)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self.mark += len(line)
                yield json.loads(line)


def kill_at_writes(writes: Writes, kills: int, patience: float = 60) -> list[str]:
    """Kill the operator right after each of its next writes about a clone; return what they were.

    Where it has nothing to write any more, it is killed while it is at rest. A restarted container
    still has its lease, a new pod waits for it to run out: both come in turns.
    """
    moments = []
    for number in range(kills):
        writes.skip()
        operator = Operator.running(writes.stage)
        moments.append(writes.next(patience) or "at rest")
        operator.kill(replace=number % 2 == 1)
    return moments


def _belongs(name: str, clone: str) -> bool:
    return name == clone or name.startswith(f"{clone}-")


def _told(event: dict[str, Any]) -> str:
    target = event["objectRef"]
    parts = (target["resource"], target.get("subresource"))
    return f"{event['verb']} {'/'.join(filter(None, parts))}"


def imports(clone: Clone, since: int) -> set[str]:
    """Return the names of the import pods of a clone that were given a node since a mark."""
    prefix = f"{clone.name}-import-"
    bound = (
        event["objectRef"]["name"]
        for event in clone.stage.cluster.native.writes(since)
        if event.get("objectRef", {}).get("subresource") == "binding"
    )
    return {name for name in bound if name.startswith(prefix) and f"-{clone.uid[:8]}-" in name}


@contextmanager
def without(stage: Stage, part: str, seconds: float) -> Iterator[None]:
    """Stop a part of the cluster for a while; do what is to be done meanwhile."""
    cluster = stage.cluster.native.cluster
    until = time.monotonic() + seconds
    cluster.stop(part)
    try:
        yield
        # The outage itself is what is waited for.
        time.sleep(max(until - time.monotonic(), 0))
    finally:
        cluster.start(part)


def restart(stage: Stage, part: str) -> None:
    """Stop a part of the cluster and start it again."""
    with without(stage, part, 0):
        pass


def settle(clone: Clone, *reasons: str, seconds: float) -> None:
    """Wait until the reason of `Ready` is one of these, through any outage of the API server."""
    deadline = time.monotonic() + seconds
    path = '{.status.conditions[?(@.type=="Ready")].reason}'
    command = ["get", "wordpressclone", clone.name, clone.where, f"--output=jsonpath={path}"]
    last = ""
    while time.monotonic() < deadline:
        last = clone.stage.cluster.attempt(*command).stdout
        if last in reasons:
            return
        time.sleep(0.3)
    pytest.fail(f"{clone.name} is {last or 'not to be seen'}, not {' or '.join(reasons)}")


def gone(clone: Clone, seconds: float) -> None:
    """Wait until the clone's object is gone, through any outage of the API server."""
    command = ["get", "wordpressclone", clone.name, clone.where, "--ignore-not-found", "-oname"]

    def is_gone() -> bool:
        done = clone.stage.cluster.attempt(*command)
        return done.returncode == 0 and not done.stdout

    clone.stage.cluster.eventually(is_gone, seconds)


def edit(clone: Clone, text: str) -> None:
    """Change a row and write a file in the clone, as its user would."""
    query = "UPDATE {table} SET option_value='{text}' WHERE option_name='blogdescription'"
    _sql(clone, query.format(table=_options(clone), text=text))
    (_root(clone) / PAGE).write_text(text)


def edited(clone: Clone) -> tuple[str, str]:
    """Return what row and file say now."""
    query = "SELECT option_value FROM {table} WHERE option_name='blogdescription'"
    return _sql(clone, query.format(table=_options(clone))).strip(), (
        _root(clone) / PAGE
    ).read_text()


def marked(clone: Clone) -> list[str]:
    """Return which attempts the mark of finished imports in the clone's database names."""
    return _sql(clone, "SELECT attempt FROM wpcloneimport").split()


def schemas(clone: Clone) -> list[str]:
    """Return the schemas and users whose names could be the clone's."""
    known = [*clone.stage.schemas(), *clone.stage.database_users()]
    return sorted(name for name in known if clone.database[:12] in name)


def _options(clone: Clone) -> str:
    prefix = clone.manifest["status"]["source"]["tablePrefix"]
    return f"{prefix}options"


def _sql(clone: Clone, query: str) -> str:
    server = shared_database.server(clone.stage.cluster.native.world)
    return server.sql(query, database=clone.database)


def _root(clone: Clone) -> Path:
    (path,) = clone.volumes().values()
    return path


def lose_import_job(clone: Clone) -> None:
    """Delete the Job of the finished import, and wait until the graph has put its husk back."""
    cluster = clone.stage.cluster
    name = f"{clone.name}-import-1-{clone.uid[:8]}"
    old = cluster.get("job", name, clone.where)["metadata"]["uid"]
    cluster.kubectl("delete", "job", name, clone.where)

    def is_back() -> bool:
        found = cluster.attempt("get", "job", name, clone.where, "-ojson").stdout
        job = json.loads(found or "{}")
        return bool(job) and job["metadata"]["uid"] != old and bool(job["spec"].get("suspend"))

    cluster.eventually(is_back, 60)
    assert clone.pods("import") == []


def assert_imported_once(clone: Clone, since: int) -> None:
    """Look at records that nobody can rewrite: one pod has imported, into one schema."""
    assert len(imports(clone, since)) == 1
    assert clone.manifest["status"]["import"]["attempt"] == 1
    assert marked(clone) == ["1"]
    # its schema and its user, and no second pair of either
    assert schemas(clone) == [clone.database] * 2


def assert_alive(clone: Clone, seconds: float = 90) -> None:
    """Give the clone another hour: the operator, the graph and the site's guard all must follow."""
    until = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    clone.change(extendUntil=until)

    def follows() -> bool:
        done = clone.stage.cluster.attempt(
            "get", "wordpressclone", clone.name, clone.where, "-ojson"
        )
        status = json.loads(done.stdout or "{}").get("status", {})
        config = clone.stage.cluster.attempt("get", "configmap", clone.base, clone.where, "-ojson")
        return status.get("expiresAt") == until and until in config.stdout

    clone.stage.cluster.eventually(follows, seconds)
    settle(clone, "Available", seconds=seconds)
    clone.stage.cluster.eventually(lambda: _page(clone) == "200", 30)


def _page(clone: Clone) -> str:
    """Open the clone with its link, as a browser does, and return the status of the page."""
    native = clone.stage.cluster.native
    host = f"{clone.name}.clones.test"
    command = ["curl", "--silent", "--location", "--cookie", "", "--output", "/dev/null"]
    command += ["--cacert", str(native.ca), "--resolve", f"{host}:443:{native.ingress}"]
    # The link is a secret: it goes in by a file, never by an argument.
    command += ["--write-out", "%{http_code}", "--max-time", "10", "--config", "-"]
    link = f'url = "{clone.secret["visit-url"]}"\n'
    return clone.stage.cluster.run_here(command, stdin=link).stdout
