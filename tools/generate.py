# SPDX-License-Identifier: Apache-2.0
"""Writes every generated file of the project, or says which one is not current.

    python -m tools.generate            write
    python -m tools.generate --check    write nothing; exit 1 if anything would change

The models of `operator/wpclone/api` make the CRD; the CRD, the graph and the guard are copied into
the charts, because a chart cannot reach outside its folder, the guard with the agent's classes;
each chart's README comes from its schema and values; the tables of docs/masking.md come from the
rules of masking.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools import chart_docs, mask_docs
from wpclone import mask
from wpclone.api import crd

ROOT = Path(__file__).resolve().parent.parent
CRD = "wordpressclones.clones.betaweb.ai.yaml"
GRAPH = "shared-database-site.yaml"
CLUSTER = Path("charts/wordpress-clone-cluster")
OPERATOR = Path("charts/wordpress-clone-operator")
RULES = Path("operator/wpclone/mask/rules.yaml")
MASKING = Path("docs/masking.md")
GUARD = OPERATOR / "files/guard"
# Parts of the agent that belong to a live site: who may read it, and how the agent leaves again.
GUARDS_OWN = ("gate", "keys", "options", "page", "removal", "routes", "sessions")
# Helm leaves both alone on uninstall, Argo CD too: deleting a kind deletes every clone.
KEPT = """\
  annotations:
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
    helm.sh/resource-policy: keep
"""
# Folders in which nothing but generated files may lie.
SEALED = (Path("crds"), CLUSTER / "files", GUARD)


def kept(document: str) -> str:
    """Return a manifest whose object outlives the release that brought it."""
    head, metadata, rest = document.partition("\nmetadata:\n")
    if not metadata or "\n  annotations:" in f"\n{rest}".partition("\nspec:")[0]:
        raise ValueError("expected metadata without annotations")
    return head + metadata + KEPT + rest


def wanted(root: Path) -> Mapping[Path, bytes]:
    """Return every generated file: its path below the root, and what it must hold."""
    definition = crd.text()
    graph = (root / "kro" / GRAPH).read_text(encoding="utf-8")
    files = {
        Path("crds") / CRD: definition.encode(),
        CLUSTER / "files" / CRD: kept(definition).encode(),
        CLUSTER / "files" / GRAPH: kept(graph).encode(),
    }
    for source in sorted((root / "wordpress/guard").glob("*")):
        if source.is_file():
            files[GUARD / source.name] = source.read_bytes()
    # With the agent's classes the guard streams a clone to its copies; for some it stands in.
    own = {f"class-wpclone-agent-{name}.php" for name in GUARDS_OWN}
    for source in sorted((root / "wordpress/agent/includes").glob("*.php")):
        if source.name not in own:
            files[GUARD / source.name] = source.read_bytes()
    for chart in (CLUSTER, OPERATOR):
        files[chart / "README.md"] = chart_docs.readme(root / chart).encode()
    rules = mask.read((root / RULES).read_text(encoding="utf-8"))
    files[MASKING] = mask_docs.page((root / MASKING).read_text(encoding="utf-8"), rules).encode()
    return files


def stale(root: Path, files: Mapping[Path, bytes]) -> Iterator[Path]:
    """Yield each file that differs from what it must hold, is missing, or should not be there."""
    for path, content in files.items():
        if not (root / path).is_file() or (root / path).read_bytes() != content:
            yield path
    for folder in SEALED:
        for found in sorted((root / folder).glob("*")):
            if found.relative_to(root) not in files:
                yield found.relative_to(root)


def write(root: Path, files: Mapping[Path, bytes]) -> None:
    """Write what differs and remove what should not be there."""
    for path in stale(root, files):
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[path])
        else:
            target.unlink()
        print(path)


def main(arguments: list[str]) -> int:
    """Write, or check; return the exit code."""
    files = wanted(ROOT)
    if arguments == ["--check"]:
        old = list(stale(ROOT, files))
        for path in old:
            print(f"{path} is not current: run `make generate`", file=sys.stderr)
        return 1 if old else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 64
    write(ROOT, files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
