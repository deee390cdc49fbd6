# SPDX-License-Identifier: Apache-2.0
"""Speaks to a cluster as a person would: with kubectl and helm."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.shell import run

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Tools:
    """The two programs, and the cluster that they speak to."""

    kubectl_program: str = "kubectl"
    helm_program: str = "helm"
    kubeconfig: Path | None = None

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl and return what it printed."""
        argv = [self.kubectl_program, *arguments]
        return run(argv, stdin=stdin, timeout=timeout, env=self.environment)

    def helm(self, *arguments: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run helm and return what it printed."""
        argv = [self.helm_program, *arguments]
        return run(argv, stdin=stdin, timeout=timeout, env=self.environment)

    def apply(self, *manifests: Manifest) -> None:
        """Create or change objects; their content never stands on a command line."""
        listing = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        arguments = ["apply", "--server-side", "--force-conflicts", "--field-manager=demo", "-f-"]
        self.kubectl(*arguments, stdin=json.dumps(listing))

    def get(self, *arguments: str) -> Any:
        """Return objects as values."""
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def watch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `kubectl get --watch`; its lines come through the pipe of its standard output."""
        argv = [self.kubectl_program, "get", *arguments, "--watch"]
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, **self.environment},
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the programs need to find the cluster."""
        return {"KUBECONFIG": str(self.kubeconfig)} if self.kubeconfig else {}
