# SPDX-License-Identifier: Apache-2.0
"""Runs the outside host: a machine of its own behind a cable, where the sites live that get cloned.

    host = Host(World.of("demo"))
    host.start()                                        # root file system, MariaDB, Apache with PHP
    host.run(["php", "/opt/make.php"], stdin="...")     # programs run there, as root of that host
    host.start_site("acme", ["www.acme.test"], "/var/www/acme")
    host.cut(); host.mend()                             # pull the cable to the node, plug it in

A site's names resolve in the cluster; the cluster's web authority signs its certificate.
The host keeps its sites over `down` and `up`, until a fresh start.
"""

import json
import os
import signal
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from local import network, paths, pki, rootfs, services
from local.apache import ENVIRONMENT, site_config
from local.errors import LocalError
from local.mariadb import Server
from local.processes import Daemon, Daemons
from local.shell import run, succeeds
from local.world import World

APACHE = "outside-apache"
MARIADB = "outside-mariadb"
_MODULES = ("ssl", "rewrite", "headers", "php8.4")


class Host:
    """The outside host of one cluster."""

    def __init__(self, world: World) -> None:
        """Speak of the host beside this cluster."""
        self._world = world
        self._net = world.net
        self._daemons = Daemons(world.at)
        socket = self.root / "run" / "mysqld" / "mysqld.sock"
        data = world.at.outside / "mariadb"
        self.mariadb = Server(MARIADB, data, socket, self._net.outside_netns, self._net.outside)

    @property
    def root(self) -> Path:
        """Where the host's root file system lies on this machine."""
        return self._world.at.outside / "root"

    @property
    def address(self) -> str:
        """The host's address, for the cluster and for this machine."""
        return self._net.outside

    @property
    def database(self) -> Sequence[str]:
        """Options with which a database client on the host is the server's administrator."""
        return ("--no-defaults", "--socket=/run/mysqld/mysqld.sock", "--user=root")

    @property
    def names(self) -> dict[str, str]:
        """The names that the cluster and the host resolve by our word, and their addresses."""
        file = self._world.at.outside / "names.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    @property
    def inhabited(self) -> bool:
        """Whether a site was ever started here."""
        return bool(self.names)

    def start(self) -> None:
        """Start the host, unless it runs."""
        if not Path("/run/netns", self._net.outside_netns).exists():
            raise LocalError(
                f"The cluster {self._net.name} is down: the outside host needs its network."
            )
        self._mount()
        pair = pki.issue(
            self._world.web,
            "outside-database",
            common="localhost",
            names=["localhost", self.address],
        )
        self.mariadb.initialise()
        self._daemons.start(self.mariadb.daemon(pair, self._world.web))
        self._prepare_apache()
        self.start_web()
        self._daemons.await_ready(MARIADB, self.mariadb.ready, 60)
        services.write_hosts(self._world, self.names)

    def run(
        self, argv: Sequence[str], *, stdin: str | bytes | None = None, timeout: float = 60
    ) -> str:
        """Run a program on the host, as its root, and return what it printed."""
        enter = ["nsenter", f"--net=/run/netns/{self._net.outside_netns}", "--"]
        return run([*enter, "chroot", self.root, *argv], stdin=stdin, timeout=timeout)

    def start_site(self, name: str, hostnames: Sequence[str], document_root: str) -> None:
        """Serve a directory of the host under these names, by HTTPS and by HTTP."""
        names = {**self.names, **dict.fromkeys(hostnames, self.address)}
        pair = pki.issue(
            self._world.web, f"site-{name}", common=hostnames[0], names=list(hostnames)
        )
        keys = self.root / "etc" / "ssl" / "sites"
        paths.write(keys / f"{name}.crt", pair.certificate.read_bytes())
        paths.write(keys / f"{name}.key", pair.key.read_bytes(), 0o600)
        config = site_config(name, hostnames, document_root)
        paths.write(self.root / "etc" / "apache2" / "sites-enabled" / f"{name}.conf", config)
        self.tell_names(names)
        self.start_web()
        self._reload(hostnames[0])

    def stop_site(self, name: str) -> None:
        """Serve a site no more; its files and database stay."""
        (self.root / "etc" / "apache2" / "sites-enabled" / f"{name}.conf").unlink(missing_ok=True)
        self.stop_web()
        self.start_web()

    def tell_names(self, names: dict[str, str]) -> None:
        """Make the cluster and the host resolve these names, and no others of earlier."""
        paths.write(self._world.at.outside / "names.json", json.dumps(names, sort_keys=True))
        listing = {"localhost": "127.0.0.1", **names}
        lines = "".join(f"{address} {name}\n" for name, address in listing.items())
        paths.write(self.root / "etc" / "hosts", lines)
        services.write_hosts(self._world, names)

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        self._daemons.start(self._apache())
        # It listens before it can take signals: a reload in between would end it. The answer to
        # this question comes from the server itself, whatever its sites are busy with.
        probe = ["curl", "-sS", "--max-time", "2", "--output", "/dev/null", "--request", "OPTIONS"]
        probe += ["--request-target", "*", f"http://{self.address}/"]
        self._daemons.await_ready(APACHE, lambda: succeeds(probe), 30)

    def stop_web(self) -> None:
        """Stop the web server; connections end at once."""
        self._daemons.stop([APACHE])

    def freeze(self) -> None:
        """Let every process of the web server hang, as a host does that swaps itself to death."""
        self._signal_web(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the web server go on."""
        self._signal_web(signal.SIGCONT)

    def cut(self) -> None:
        """Pull the cable between the node and this host."""
        network.cut(self._net)

    def mend(self) -> None:
        """Plug the cable in again."""
        network.mend(self._net)

    def _reload(self, hostname: str) -> None:
        """Make the web server read its sites again, undisturbed, and wait for this one."""
        record = self._daemons.record(APACHE)
        if record is not None:
            os.kill(record.pid, signal.SIGUSR1)
        self._daemons.await_ready(APACHE, lambda: self._serves(hostname), 30)

    def _serves(self, hostname: str) -> bool:
        """Tell whether the web server shows a certificate for this name."""
        context = ssl.create_default_context(cafile=str(self._world.web.certificate))
        try:
            with (
                socket.create_connection((self.address, 443), timeout=2) as plain,
                context.wrap_socket(plain, server_hostname=hostname),
            ):
                return True
        except OSError:
            return False

    def _apache(self) -> Daemon:
        arguments = ("/usr/sbin/chroot", str(self.root), "/usr/sbin/apache2", "-DFOREGROUND")
        duty = f"serves sites at {self.address}"
        return Daemon(APACHE, duty, arguments, self._net.outside_netns, ENVIRONMENT)

    def _mount(self) -> None:
        """Lay the host's own files over the base, which all hosts share and none can change."""
        outside = self._world.at.outside
        for part in ("root", "upper", "work"):
            (outside / part).mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={rootfs.tree()},upperdir={outside / 'upper'},workdir={outside / 'work'}"
        _mount(self.root, "overlay", layers)
        _mount(self.root / "run", "tmpfs", "mode=755")
        _mount(self.root / "proc", "proc")
        for directory in ("mysqld", "apache2", "lock"):
            (self.root / "run" / directory).mkdir(exist_ok=True)

    def _prepare_apache(self) -> None:
        """Turn on what the sites need in Debian's own Apache configuration."""
        enabled = self.root / "etc" / "apache2" / "mods-enabled"
        if not all((enabled / f"{module}.load").is_symlink() for module in _MODULES):
            self.run(["a2enmod", "-q", *_MODULES])
        enabled.with_name("sites-enabled").joinpath("000-default.conf").unlink(missing_ok=True)
        name = "ServerName outside.test\n"
        paths.write(self.root / "etc" / "apache2" / "conf-enabled" / "name.conf", name)

    def _signal_web(self, kind: signal.Signals) -> None:
        record = self._daemons.record(APACHE)
        if record is not None and record.runs():
            os.killpg(record.pid, kind)


def _mount(point: Path, kind: str, options: str = "defaults") -> None:
    """Mount a file system, unless an earlier call, perhaps a killed one, has done so."""
    if not point.is_mount():
        run(["mount", "-t", kind, kind, "-o", options, point])
