# SPDX-License-Identifier: Apache-2.0
"""Builds the cluster's programs from published Go modules, once for each state of their pins."""

import hashlib
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local import paths, say
from local.errors import CommandFailed, LocalError
from local.locks import exclusive
from local.shell import run

# Go's build cache grows by about 4 GB for all goals; below this much free space it is emptied.
LOW_DISK = 12 << 30
_SCRATCH = ".building-"
_KUBERNETES_VERSION = "k8s.io/component-base/version.git"


@dataclass(frozen=True)
class Goal:
    """A Go module below local/build, and what to take from it."""

    name: str
    packages: tuple[str, ...] = (".",)
    variables: tuple[str, ...] = ()
    chart: str = ""  # a module whose `helm` folder is kept beside the program

    @property
    def source(self) -> Path:
        """The folder with go.mod and go.sum."""
        return paths.BUILD / self.name

    @property
    def target(self) -> Path:
        """Where the programs of this very state of the pins are, or will be."""
        return paths.cache() / "programs" / f"{self.name}-{self.fingerprint()}"

    def flags(self) -> list[str]:
        """Return what `go build` is told besides the packages."""
        linker = " ".join(["-s", "-w", *(f"-X {variable}" for variable in self.variables)])
        return ["-trimpath", "-buildvcs=false", "-mod=readonly", f"-ldflags={linker}"]

    def fingerprint(self) -> str:
        """Return a hash of everything that decides what comes out."""
        digest = hashlib.sha256(repr((self, self.flags(), platform.machine())).encode())
        for file in sorted(self.source.glob("*")):
            if file.suffix in {".mod", ".sum", ".go"}:
                digest.update(f"{file.name}\0".encode() + file.read_bytes())
        return digest.hexdigest()[:12]


GOALS = (
    Goal("pause"),
    Goal(
        "kubernetes",
        tuple(
            f"k8s.io/kubernetes/cmd/{program}"
            for program in (
                "kube-apiserver",
                "kube-controller-manager",
                "kube-proxy",
                "kube-scheduler",
                "kubectl",
                "kubelet",
            )
        ),
        tuple(
            _KUBERNETES_VERSION + variable
            for variable in ("Version=v1.35.4", "Major=1", "Minor=35", "TreeState=clean")
        ),
    ),
    Goal("provisioner"),
    Goal(
        "kro",
        ("github.com/kubernetes-sigs/kro/cmd/controller",),
        chart="github.com/kubernetes-sigs/kro",
    ),
    Goal("coredns"),
    Goal("skipper", ("github.com/zalando/skipper/cmd/skipper",)),
    Goal(
        "helm",
        ("helm.sh/helm/v4/cmd/helm",),
        ("helm.sh/helm/v4/internal/version.version=v4.1.4",),
    ),
)


def goal(name: str) -> Goal:
    """Return the goal with this name."""
    return next(each for each in GOALS if each.name == name)


def binary(goal_name: str, program: str = "") -> Path:
    """Return a built program, or say how to build it."""
    path = goal(goal_name).target / "bin" / (program or goal_name)
    if not path.exists():
        raise LocalError(f"{path.name} is not built yet: run `python -m local build`.")
    return path


def missing() -> list[str]:
    """Return the names of the goals that are not built."""
    return [each.name for each in GOALS if not (each.target / "SHA256SUMS").exists()]


def build(names: list[str]) -> None:
    """Build what is missing of the named goals, and check what is there against its checksums."""
    with exclusive(paths.cache() / "build.lock", "Another build is running; waiting for it."):
        for each in GOALS:
            if each.name in names:
                _build(each)


def _build(each: Goal) -> None:
    with say.step(each.name, "built") as note:
        if (each.target / "SHA256SUMS").exists():
            run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=each.target)
            note.text = "is built, checksums match"
            return
        _need_go()
        if shutil.disk_usage(paths.cache()).free < LOW_DISK:
            run(["go", "clean", "-cache"], timeout=300)
        each.target.parent.mkdir(parents=True, exist_ok=True)
        paths.remove_scratch(each.target.parent, f"{_SCRATCH}*")
        paths.remove_scratch(each.target.parent, f"{each.name}-*", keep=2)
        with tempfile.TemporaryDirectory(dir=each.target.parent, prefix=_SCRATCH) as scratch:
            _compile(each, Path(scratch))
            # It appears whole or not at all: a killed build leaves a scratch directory.
            Path(scratch, "done").replace(each.target)


def _compile(each: Goal, scratch: Path) -> None:
    result = scratch / "done"
    (result / "bin").mkdir(parents=True)
    environment = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    run(
        ["nice", "go", "build", *each.flags(), "-o", f"{result}/bin/", *each.packages],
        env=environment,
        cwd=each.source,
        timeout=3600,
    )
    if each.chart:
        module = run(["go", "list", "-m", "-f", "{{.Dir}}", each.chart], cwd=each.source).strip()
        shutil.copytree(Path(module) / "helm", result / "helm")
        run(["chmod", "-R", "u+w", result])
    files = sorted(str(path.relative_to(result)) for path in result.rglob("*") if path.is_file())
    sums = run(["sha256sum", *files], cwd=result)
    paths.write(result / "SHA256SUMS", sums)


def _need_go() -> None:
    try:
        version = run(["go", "env", "GOVERSION"]).strip().removeprefix("go")
    except CommandFailed as error:
        raise LocalError(
            "Building the cluster needs Go 1.26 or newer; see https://go.dev/dl/."
        ) from error
    if tuple(int(part) for part in version.split(".")[:2]) < (1, 26):
        raise LocalError(f"Building the cluster needs Go 1.26 or newer; this is {version}.")


def link_tools(directory: Path) -> None:
    """Put kubectl and helm of the right version into one directory for people's PATH."""
    directory.mkdir(parents=True, exist_ok=True)
    for target in (binary("kubernetes", "kubectl"), binary("helm")):
        link = directory / target.name
        temporary = directory / f".{target.name}.{os.getpid()}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        temporary.replace(link)
