# SPDX-License-Identifier: Apache-2.0
"""Speaks to a cluster as one person or account, about the clones of one namespace."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

from tests.cluster import Cluster

SYSTEM = "wpclone-system"
RELEASE = "wpclone-operator"
OPERATOR = f"system:serviceaccount:{SYSTEM}:{RELEASE}"
# May edit everything in the namespace, Secrets included.
ALICE = "alice"
# May write clones, and read no Secret.
BOB = "bob"
SECRET = "acme-admin"


@dataclass(frozen=True)
class Person:
    """Somebody with a namespace in mind; nobody in particular is the administrator."""

    cluster: Cluster
    namespace: str
    name: str = ""

    def clone(self, changes: dict[str, Any] | None = None, name: str = "acme") -> dict[str, Any]:
        """Return a good clone; `changes` sets fields by dotted path, and None takes one away."""
        manifest: dict[str, Any] = {
            "apiVersion": "clones.betaweb.ai/v1alpha1",
            "kind": "WordPressClone",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {
                "source": {
                    "site": {
                        "url": "https://www.acme.test",
                        "credentialsRef": {"name": SECRET},
                    }
                }
            },
        }
        for path, value in copy.deepcopy(changes or {}).items():
            _set(manifest, path.split("."), value)
        return manifest

    def tries(self, manifest: dict[str, Any], *more: str) -> CompletedProcess[str]:
        """Apply a manifest, well or not; `--dry-run=server` among `more` leaves nothing behind."""
        text = json.dumps(manifest)
        return self.does("apply", "--server-side", "-f-", *more, stdin=text)

    def does(self, *arguments: str, stdin: str | None = None) -> CompletedProcess[str]:
        """Run kubectl in the namespace, well or not."""
        who = [f"--as={self.name}"] if self.name else []
        return self.cluster.attempt(*arguments, *who, f"--namespace={self.namespace}", stdin=stdin)


def _set(manifest: dict[str, Any], path: list[str], value: Any) -> None:
    *way, last = path
    for step in way:
        manifest = manifest.setdefault(step, {})
    if value is None:
        manifest.pop(last, None)
    else:
        manifest[last] = value


def accepted(done: CompletedProcess[str]) -> None:
    """Assert that the API server said yes, without a warning."""
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


def refused(done: CompletedProcess[str], sentence: str) -> None:
    """Assert that the API server said no, in this sentence."""
    assert done.returncode != 0, done.stdout
    assert sentence in " ".join(done.stderr.split())
