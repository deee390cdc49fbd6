# SPDX-License-Identifier: Apache-2.0
"""Runs the demo on the cluster that kubectl points at: the charts and a clone of your own site.

Images, database and ingress of a foreign cluster are its owner's business, and so is the site: a
sample site could not be reached there under a name and a certificate that anybody trusts. They are
named by WPCLONE_DEMO_VALUES (a values file of the operator chart), WPCLONE_DEMO_SOURCE,
WPCLONE_DEMO_USERNAME and WPCLONE_DEMO_PASSWORD (asked for if it is not set).
"""

import getpass
import json
import os
from pathlib import Path

import yaml

from local import say
from local.demo import ending, story
from local.demo.release import CLONES, CLUSTER, OPERATOR, SYSTEM, Release
from local.demo.tools import Tools
from local.errors import CommandFailed, LocalError

NAME = "demo"
_SECRET = "demo-source"  # noqa: S105  the name of a Secret


def demo() -> None:
    """Install the charts and clone the site that the environment names."""
    values, source, username = _asked("VALUES"), _asked("SOURCE"), _asked("USERNAME")
    password = os.environ.get("WPCLONE_DEMO_PASSWORD") or getpass.getpass(
        f"Password of {username} at {source}: "
    )
    release = Release(Tools())
    say.line(f"On {release.tools.kubectl('config', 'current-context').strip()}:")
    release.namespaces()
    release.cluster()
    release.operator(yaml.safe_load(Path(values).read_text()))
    release.source_login(_SECRET, username, password)
    release.tools.apply(_manifest(source))
    story.follow(release.tools, CLONES, NAME, 900)
    ending.shown(release.tools)
    ending.common(NAME)


def down() -> None:
    """Delete the clone, await its end, and uninstall the charts in the documented order."""
    tools = Tools()
    gone = ["delete", "wordpressclone", NAME, f"--namespace={CLONES}", "--ignore-not-found"]
    tools.kubectl(*gone, "--timeout=300s", timeout=310)
    tools.kubectl("delete", "secret", _SECRET, f"--namespace={CLONES}", "--ignore-not-found")
    uninstall = ("--ignore-not-found", "--wait", f"--namespace={SYSTEM}")
    lease = _lease(tools)
    tools.helm("uninstall", OPERATOR, *uninstall)
    guards = "--selector=app.kubernetes.io/name=wordpress-clone-operator"
    tools.kubectl("delete", "configmaps", f"--namespace={CLONES}", guards)
    if lease:
        tools.kubectl("delete", "lease", lease, f"--namespace={SYSTEM}", "--ignore-not-found")
    # The cluster's part refuses to go while a namespace is kept for clones.
    tools.kubectl("label", "namespace", CLONES, "clones.betaweb.ai/managed-")
    tools.helm("uninstall", CLUSTER, *uninstall)
    say.line(
        "The kinds and the graph stay, because other clones would go with them, and so does the"
        " schema wpclone on the database server: docs/operations.md, Uninstall, 4 and 5."
    )


def _lease(tools: Tools) -> str | None:
    """Return the name of the operator's Lease, or None if the operator is not installed."""
    try:
        values = tools.helm("get", "values", OPERATOR, f"--namespace={SYSTEM}", "--output=json")
    except CommandFailed:
        return None
    return f"wpclone-{json.loads(values)['installation']}"


def _asked(name: str) -> str:
    value = os.environ.get(f"WPCLONE_DEMO_{name}")
    if not value:
        raise LocalError(
            "On your own cluster the demo needs WPCLONE_DEMO_VALUES (values file of"
            " charts/wordpress-clone-operator), WPCLONE_DEMO_SOURCE (a site's address) and"
            f" WPCLONE_DEMO_USERNAME (its administrator): WPCLONE_DEMO_{name} is missing."
        )
    return value


def _manifest(url: str) -> dict[str, object]:
    site = {"url": url, "credentialsRef": {"name": _SECRET}}
    return {
        "apiVersion": "clones.betaweb.ai/v1alpha1",
        "kind": "WordPressClone",
        "metadata": {"name": NAME, "namespace": CLONES},
        "spec": {"source": {"site": site}, "ttl": "4h"},
    }
