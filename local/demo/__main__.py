# SPDX-License-Identifier: Apache-2.0
"""Runs the demo, or takes it away: `python -m local.demo [--cluster native|current] [--down]`."""

import argparse
import sys
import time
from collections.abc import Sequence

from local import addresses, packages, paths, programs, requirements, rootfs, say
from local.cluster import Cluster
from local.demo import current, ending, native, story
from local.demo.release import CLONES, Release
from local.errors import CommandFailed, LocalError
from local.sample.profiles import DEMO

NAME = "acme-preview"
EXAMPLE = paths.REPOSITORY / "examples" / f"{NAME}.yaml"


def demo(name: str) -> None:
    """Have everything there is to see, on a cluster of this machine."""
    requirements.machine()
    say.line("Building what is not built yet (a cold start takes a while, later ones do not):")
    packages.install()
    programs.build([goal.name for goal in programs.GOALS])
    programs.link_tools(paths.cache() / "bin")
    rootfs.build()
    say.line("Starting a cluster:")
    cluster = Cluster(name)
    # What a stopped cluster remembers are clones whose time is over: begin anew, images excepted.
    cluster.up(fresh=not cluster.daemons.runs("kube-apiserver"))
    say.line("Installing WordPress Clone, and a live site outside the cluster:")
    release = native.install(cluster)
    native.source(cluster, DEMO, release)
    clone(release)
    ending.native(cluster, release.tools, NAME)


def clone(release: Release) -> None:
    """Apply the example and follow it to its end; a clone of an earlier demo that lives is kept."""
    say.line(f"Asking for a clone: kubectl apply -f {EXAMPLE.relative_to(paths.REPOSITORY)}")
    dead = {"Expired", "Reaped"}
    reason = ending.reason(release.tools, NAME)
    if reason in dead or ending.stalled(release.tools, NAME):
        gone = ["delete", "wordpressclone", NAME, f"--namespace={CLONES}", "--timeout=120s"]
        release.tools.kubectl(*gone, timeout=130)
    release.tools.kubectl("apply", f"--filename={EXAMPLE}")
    story.follow(release.tools, CLONES, NAME, 300)


def down(name: str) -> None:
    """Stop the demo's cluster; what was built and the imported images stay for the next time."""
    requirements.machine()
    Cluster(name).down(purge=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--cluster", choices=["native", "current"], default="native")
    parser.add_argument(
        "--name", default="demo", type=addresses.check, help="native cluster's name"
    )
    parser.add_argument("--down", action="store_true", help="take the demo away")
    begun = time.monotonic()
    try:
        options = parser.parse_args(arguments)
        verbs = {
            ("native", False): lambda: demo(options.name),
            ("native", True): lambda: down(options.name),
            ("current", False): current.demo,
            ("current", True): current.down,
        }
        verbs[options.cluster, options.down]()
    except (LocalError, CommandFailed) as error:
        say.problem(str(error))
        return 1
    except KeyboardInterrupt:
        say.problem("Interrupted; `make demo` goes on from here, `make demo-down` takes all away.")
        return 130
    say.line(f"All of it took {time.monotonic() - begun:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
