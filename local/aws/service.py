# SPDX-License-Identifier: Apache-2.0
"""Puts the parts of the simulator together, starts them, and stops them in order."""

import ipaddress
import logging
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from moto.core.models import DEFAULT_ACCOUNT_ID
from werkzeug.serving import BaseWSGIServer, make_server

from local import pki
from local.aws import furniture, responses
from local.aws.admin import Admin
from local.aws.cloud import Cloud, instances
from local.aws.engines import Engines
from local.aws.front import Front, Handler
from local.aws.instance import Instance
from local.aws.ledger import Ledger
from local.aws.memory import Memory
from local.aws.pod_identity import PodIdentities
from local.errors import PartFailed

# States in which an instance's server is up, when the simulator starts over its data.
_UP = frozenset({"available", "storage-full", "backing-up", "modifying", "deleting"})


class Service:
    """One simulator."""

    def __init__(  # noqa: PLR0913  each is a fact of its surroundings
        self,
        *,
        state: Path,
        control: Path,
        network: ipaddress.IPv4Network,
        domain: str,
        authority: Path,
        region: str,
    ) -> None:
        """Put it together; nothing runs yet."""
        self._control = control
        self._authority = pki.authority(authority, "ca")
        engines = Engines(state / "rds", state / "sockets", network, domain, self._authority)
        self._cloud = Cloud(engines, Ledger(state / "ledger.jsonl"), region)
        responses.install(self._cloud)
        self._identities = PodIdentities(DEFAULT_ACCOUNT_ID, furniture.clusters)
        self._memory = Memory(state / "account.pickle", self._cloud, self._identities)
        self._servers: list[BaseWSGIServer] = []
        engines.sockets.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, listen: Sequence[tuple[str, str | None, int | None]]) -> None:
        """Take up the account as it was left, and answer."""
        # Calls are in the ledger, without what is secret in them.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._memory.recall()
        furniture.furnish(self._cloud.region)
        for one in instances():
            if one.status in _UP:
                self._revive(one)
        self._memory.start()
        self._cloud.lives.moved = self._memory.mark
        self._cloud.lives.start()
        self._control.unlink(missing_ok=True)
        admin = Admin(self._cloud, self._identities, self._memory)
        self._serve(make_server(f"unix://{self._control}", 0, admin, threaded=True))
        self._control.chmod(0o600)
        front = Front(self._cloud, self._identities, self._memory.mark)
        for scheme, host, port in listen:
            tls = self._certificate(name, host or "127.0.0.1") if scheme == "https" else None
            self._serve(
                make_server(
                    host or "127.0.0.1",
                    port or 0,
                    front,
                    threaded=True,
                    request_handler=Handler,
                    ssl_context=tls,
                )
            )

    def stop(self) -> None:
        """Answer no more, then let nothing change, then remember, then end the servers."""
        self._cloud.moods.remove()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._cloud.lives.stop()
        self._memory.stop()
        self._cloud.engines.end_all()
        self._control.unlink(missing_ok=True)

    def _revive(self, instance: Instance) -> None:
        try:
            self._cloud.engines.start(instance.home)
        except PartFailed as failure:  # one lost server is no reason to have no AWS at all
            sys.stderr.write(f"{failure}\n")
            instance.life.force("failed")

    def _serve(self, server: BaseWSGIServer) -> None:
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _certificate(self, name: str, address: str) -> tuple[str, str]:
        names = [name, f"*.{name}", address]  # a bucket may stand before the name
        pair = pki.issue(self._authority, "aws", common=name, names=names)
        return str(pair.certificate), str(pair.key)
