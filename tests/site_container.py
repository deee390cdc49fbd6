# SPDX-License-Identifier: Apache-2.0
"""Runs the site image as a real container on loopback, as a pod would: uid 33, read-only root."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import paths
from tests import mariadb
from tests.site_image import OURS

# As clones get it: with the agent's classes among its own files.
GUARD = paths.REPOSITORY / "charts" / "wordpress-clone-operator" / "files" / "guard"
USER = 33
START_SECONDS = 30
HEALTH = "/.wpclone/health"


@dataclass(frozen=True)
class Answer:
    """What the site said to one request."""

    status: int
    headers: Mapping[str, str]
    body: str
    cookies: Mapping[str, str]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Site:
    """One running clone: its container, its folders and what it was told about itself."""

    root: Path
    folder: Path
    login: mariadb.Login
    server: mariadb.Server
    environment: Mapping[str, str] = field(default_factory=dict)
    uid: str = "5e0c1a2b-0000-4000-8000-00000000c10e"
    url: str = "https://acme-preview.clones.test"
    gate_key: str = field(default_factory=lambda: secrets.token_hex(16))
    name: str = field(default_factory=lambda: f"{OURS}{os.getpid()}-{secrets.token_hex(4)}")
    port: int = field(default_factory=lambda: free_port())  # noqa: PLW0108  defined below
    _process: subprocess.Popen[bytes] | None = None

    @property
    def html(self) -> Path:
        """The document root on the volume."""
        return self.folder / "html"

    @property
    def mail(self) -> Path:
        """Where captured mail lies."""
        return self.folder / "state" / "mail"

    def tell(self, **state: object) -> None:
        """Change the clone's live state, as the kubelet does: a folder swapped by a link."""
        live = {"access": "Link", "safety": {}, "name": "acme-preview",
                "source": "www.acme.test", "expiresAt": None, **state}  # fmt: skip
        mount = self.folder / "live"
        fresh = Path(tempfile.mkdtemp(prefix="..", dir=mount))
        fresh.chmod(0o755)
        paths.write(fresh / "clone.json", json.dumps(live))
        before = [path for path in mount.glob("..?*") if path.is_dir() and path != fresh]
        _link(mount / "..data", fresh.name)
        _link(mount / "clone.json", "..data/clone.json")
        for old in before:
            if not old.is_symlink():
                shutil.rmtree(old)

    def start(self, *command: str) -> None:
        """Start the container and return once it is healthy, or ended if given a command."""
        for part in ("html", "state", "live", "bundle"):
            (self.folder / part).mkdir(exist_ok=True)
        for part in ("html", "state"):
            os.chown(self.folder / part, USER, USER)
        if not (self.folder / "live" / "clone.json").exists():
            self.tell()
        self.folder.chmod(0o755)
        paths.write(self.folder / "bundle" / "config.json", json.dumps(self._bundle(command)))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["runc", "run", "--bundle", self.folder / "bundle", self.name],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        if command:
            self._process.wait(START_SECONDS)
            return
        self._await_health()

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError):
                if self.get(HEALTH, cookies={}).status == 200:
                    return
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the site did not start:\n{self.log()[-3000:]}")
            time.sleep(0.05)  # there is no event to wait for: the port answers, or not yet

    def log(self) -> str:
        """Give what the container has printed so far."""
        return (self.folder / "log").read_text(errors="replace")

    def stop(self) -> int:
        """End the container as a kubelet would, and give its exit code."""
        if self._process is None:
            return 0
        subprocess.run(["runc", "kill", self.name, str(int(signal.SIGWINCH))],
                       check=False, capture_output=True, timeout=20)  # fmt: skip
        try:
            code = self._process.wait(15)
        except subprocess.TimeoutExpired:
            subprocess.run(["runc", "delete", "--force", self.name], check=False, timeout=20)
            code = self._process.wait(15)
        self._process = None
        return code

    def execute(self, *command: str) -> str:
        """Run a program inside the container; what it printed."""
        done = subprocess.run(["runc", "exec", self.name, *command], check=False,
                              capture_output=True, timeout=60)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr.decode() + done.stdout.decode())
        return done.stdout.decode()

    def get(
        self,
        path: str,
        *,
        cookies: Mapping[str, str],
        method: str = "GET",
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a path as the ingress would hand it on, without following redirects."""
        sent = {"Host": self.url.split("/")[2], "X-Forwarded-Proto": "https", **(headers or {})}
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data, headers=sent, method=method
        )
        opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as reply:
                return _answer(reply.status, reply.headers.items(), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers.items(), error.read())

    def _bundle(self, command: Sequence[str]) -> dict[str, object]:
        return {
            "ociVersion": "1.0.2",
            "process": {
                "user": {"uid": USER, "gid": USER},
                "args": ["/usr/local/bin/wpclone-entrypoint", *command],
                "env": [f"{name}={value}" for name, value in self._environment().items()],
                "cwd": "/var/www/html",
                "noNewPrivileges": True,
            },
            "root": {"path": str(self.root), "readonly": True},
            "hostname": "site",
            "mounts": self._mounts(),
            # The host's network: the container is reached on loopback, under a port of its own.
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
        }

    def _mounts(self) -> list[dict[str, object]]:
        def bind(source: Path, target: str, *options: str) -> dict[str, object]:
            return {"source": str(source), "destination": target, "type": "bind",
                    "options": ["bind", *options]}  # fmt: skip

        def fresh(kind: str, target: str, *options: str) -> dict[str, object]:
            return {"source": kind, "destination": target, "type": kind, "options": list(options)}

        return [
            fresh("proc", "/proc"),
            fresh("tmpfs", "/dev", "nosuid", "mode=755", "size=64k"),
            fresh("tmpfs", "/tmp", "nosuid", "mode=1777"),  # noqa: S108  the container's own
            bind(self.html, "/var/www/html", "rw"),
            bind(self.folder / "state", "/var/lib/wpclone", "rw"),
            bind(GUARD, "/opt/wpclone", "ro"),
            bind(self.folder / "live", "/run/wpclone", "ro"),
        ]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "WPCLONE_LISTEN": str(self.port),
            "WPCLONE_CLONE_UID": self.uid,
            "WPCLONE_CLONE_NAME": "acme-preview",
            "WPCLONE_TARGET_URL": self.url,
            "WPCLONE_SOURCE_DISPLAY": "www.acme.test",
            "WPCLONE_GATE_KEY": self.gate_key,
            "WPCLONE_SALT": "a salt for tests",
            "WORDPRESS_DB_HOST": f"127.0.0.1:{self.server.port}",
            "WORDPRESS_DB_NAME": self.login.schema,
            "WORDPRESS_DB_USER": self.login.user,
            "WORDPRESS_DB_PASSWORD": self.login.password,
            "WORDPRESS_TABLE_PREFIX": "wp_",
            **self.environment,
        }


def _answer(status: int, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
    cookies = {}
    plain: dict[str, str] = {}
    for name, value in headers:
        if name.lower() == "set-cookie":
            key, _, rest = value.partition("=")
            cookies[key] = rest.split(";")[0]
        joined = plain.get(name.lower())
        plain[name.lower()] = value if joined is None else f"{joined} | {value}"
    return Answer(status, plain, body.decode(errors="replace"), cookies)


@contextlib.contextmanager
def site(
    root: Path, server: mariadb.Server, environment: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """Run one clone on an empty schema until the context ends; nothing of it stays."""
    folder = Path(tempfile.mkdtemp(prefix="wpclone-site-"))
    ours = Site(root, folder, server.schema(), server, environment or {})
    try:
        ours.start()
        yield ours
    finally:
        ours.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _link(link: Path, target: str) -> None:
    """Have a symbolic link lead to a target, without a moment in which there is none."""
    scratch = link.with_name(f"{link.name}_tmp")
    scratch.symlink_to(target)
    scratch.replace(link)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
