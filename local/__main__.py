# SPDX-License-Identifier: Apache-2.0
"""Offers the local cluster as verbs on the command line; every failure is a sentence."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import addresses, images, native, packages, paths, programs, requirements, rootfs, say
from local.cluster import Cluster
from local.errors import LocalError, tail
from local.outside import Host
from local.parts import PARTS

Verb = Callable[[argparse.Namespace], int]


def build(options: argparse.Namespace) -> int:
    """Install and build everything the clusters are made of; what is built already is checked."""
    everything = [goal.name for goal in programs.GOALS]
    packages.install()
    with ThreadPoolExecutor() as pool:  # one waits for the network where the other computes
        jobs = []
        if options.only in (None, "rootfs"):
            jobs.append(pool.submit(rootfs.build))
        if options.only in (None, "native"):
            jobs.append(pool.submit(native.build))
        if options.only not in ("rootfs", "native"):
            jobs.append(pool.submit(programs.build, [options.only] if options.only else everything))
        for job in jobs:
            job.result()
    if not programs.missing():
        programs.link_tools(paths.cache() / "bin")
    return 0


def up(options: argparse.Namespace) -> int:
    """Start a cluster, or what is missing of it."""
    requirements.built()
    begun = time.monotonic()
    cluster = Cluster(options.name)
    try:
        cluster.up(fresh=options.fresh)
    except (LocalError, KeyboardInterrupt):
        say.problem(f"`python -m local down --name {options.name}` takes away what was started.")
        raise
    say.line(f"The cluster {options.name} is up after {time.monotonic() - begun:.1f} s.")
    say.line(
        f'Look at it:  eval "$(.venv/bin/python -m local env --name {options.name})";'
        " kubectl get nodes"
    )
    return 0


def down(options: argparse.Namespace) -> int:
    """Stop a cluster; nothing of it is left running, mounted or routed."""
    Cluster(options.name).down(purge=options.purge)
    if options.purge:
        addresses.release(options.name)
    return 0


def status(options: argparse.Namespace) -> int:
    """Show each part of a cluster: its process and its memory, or how it died."""
    cluster = Cluster(options.name)
    names = cluster.daemons.names()
    if not names:
        say.line(f"The cluster {options.name} is down.")
        return 3
    for name in names:
        record = cluster.daemons.record(name)
        if record is not None and record.runs():
            say.line(f"  runs   {name:<26} pid {record.pid:<8} {_memory(record.pid):>5} MiB")
    for failure in cluster.dead():
        say.line(f"  DEAD   {failure}")
    return 1 if cluster.dead() else 0


def env(options: argparse.Namespace) -> int:
    """Print the lines for a shell that make kubectl and helm speak to a cluster."""
    for name, value in environment(Cluster(options.name)).items():
        say.line(f"export {name}={shlex.quote(value)}")
    return 0


def logs(options: argparse.Namespace) -> int:
    """Print the end of one part's log."""
    say.line(tail(Cluster(options.name).daemons.log(options.part), options.lines))
    return 0


def restart(options: argparse.Namespace) -> int:
    """Stop and start one part of a running cluster."""
    cluster = Cluster(options.name)
    cluster.stop(options.part)
    cluster.start(options.part)
    return 0


def build_images(options: argparse.Namespace) -> int:
    """Build the project's images from their Dockerfiles and import them into a cluster."""
    names = [options.only] if options.only else [recipe.name for recipe in images.RECIPES]
    for reference in images.ensure(Cluster(options.name).runtime, names).values():
        say.line(reference)
    return 0


def import_archives(options: argparse.Namespace) -> int:
    """Import image archives, OCI or docker, into a cluster."""
    for archive in options.archives:
        with say.step("image", f"imported from {archive.name}"):
            Cluster(options.name).runtime.load(archive)
    return 0


def outside(options: argparse.Namespace) -> int:
    """Start the outside host of a cluster, where sites to be cloned live."""
    host = Host(Cluster(options.name).world)
    with say.step("outside host", f"MariaDB and Apache at {host.address}"):
        host.start()
    return 0


def aws(options: argparse.Namespace) -> int:
    """Start the simulated AWS of a cluster."""
    Cluster(options.name).aws()
    return 0


def ack(options: argparse.Namespace) -> int:
    """Start the simulated AWS of a cluster, and ACK's controllers for it."""
    Cluster(options.name).ack()
    return 0


def execute(options: argparse.Namespace) -> int:
    """Run a command with a cluster's kubectl, in the network of one of its hosts if asked."""
    cluster = Cluster(options.name)
    command = [word for word in options.command if word != "--"]
    net = cluster.world.net
    namespace = {"node": net.netns, "outside": net.outside_netns}.get(options.where)
    if namespace:
        command = ["nsenter", f"--net=/run/netns/{namespace}", "--", *command]
    os.execvpe(command[0], command, {**os.environ, **environment(cluster)})  # noqa: S606  the user's


def environment(cluster: Cluster) -> dict[str, str]:
    """Return what a process needs to speak to a cluster."""
    tools = str(paths.cache() / "bin")
    path = [tools, *(part for part in os.environ.get("PATH", "").split(":") if part != tools)]
    return {"KUBECONFIG": str(cluster.world.at.kubeconfig), "PATH": ":".join(path)}


def _memory(pid: int) -> int:
    """Return a process's resident memory in MiB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123  a file of the kernel
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="python -m local", description=__import__("local").__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("--name", default="demo", type=addresses.check, help="which cluster")

    def verb(
        name: str, function: Verb, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        summary = (function.__doc__ or "").splitlines()[0]
        sub = verbs.add_parser(name, help=summary, description=summary, parents=parents)
        sub.set_defaults(verb=function)
        return sub

    goals = [goal.name for goal in programs.GOALS]
    verb("build", build).add_argument(
        "--only", choices=[*goals, "native", "rootfs"], help="just this one"
    )
    verb("up", up, named).add_argument("--fresh", action="store_true", help="begin with nothing")
    verb("down", down, named).add_argument("--purge", action="store_true", help="remove its files")
    log = verb("logs", logs, named)
    log.add_argument("part")
    log.add_argument("--lines", type=int, default=40)
    verb("restart", restart, named).add_argument("part", choices=PARTS)
    only = [recipe.name for recipe in images.RECIPES]
    verb("images", build_images, named).add_argument("--only", choices=only, help="just this one")
    verb("import", import_archives, named).add_argument("archives", nargs="+", type=Path)
    for function in (status, env, outside, aws, ack):
        verb(function.__name__, function, named)
    run = verb("exec", execute, named)
    run.add_argument("--where", choices=["here", "node", "outside"], default="here")
    run.add_argument("command", nargs=argparse.REMAINDER)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    try:
        options = parser().parse_args(arguments)
        requirements.machine()
        verb: Verb = options.verb
        return verb(options)
    except LocalError as error:
        say.problem(f"{error}")
        return 1
    except KeyboardInterrupt:
        say.problem("Interrupted.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
