# SPDX-License-Identifier: Apache-2.0
"""Describes what a cluster offers its pods and visitors: names, ingress, volumes, and kro."""

from collections.abc import Mapping

from local import paths, pki, programs
from local.processes import Daemon
from local.shell import run
from local.world import (
    AWS_NAME,
    CLONE_DOMAIN,
    DATABASE_NAME,
    INGRESS_CLASS,
    RDS_DOMAIN,
    World,
)

# Where the ingress asks for Ingress objects: a proxy with an identity of its own.
_API_FOR_INGRESS = 8001


def coredns(world: World) -> Daemon:
    """Return the name server of all pods."""
    config = world.at.etc / "Corefile"
    paths.write(config, corefile(world))
    write_hosts(world, _hosts(world))
    arguments = (str(programs.binary("coredns")), "-conf", str(config))
    return Daemon("coredns", "answers names", arguments, world.net.netns)


def corefile(world: World) -> str:
    """Render the name server's configuration: outside hosts, services, clones, and nothing else."""
    etc = world.at.etc
    return f"""\
.:53 {{
  errors
  health 127.0.0.1:8080
  ready 127.0.0.1:8181
  hosts {etc / "hosts"} {{
    ttl 1
    reload 500ms
    fallthrough
  }}
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {etc / "coredns.conf"}
    ttl 1
  }}
  template IN A {CLONE_DOMAIN} {{
    answer "{{{{ .Name }}}} 1 IN A {world.net.node}"
  }}
  template IN AAAA {CLONE_DOMAIN} {{
    rcode NOERROR
  }}
{_instances()}  template ANY ANY . {{
    rcode NXDOMAIN
  }}
}}
"""


def _instances() -> str:
    """Answer for database instances: the address of each stands in its name."""
    numbers = "-".join(f"(?P<{part}>[0-9]+)" for part in "abcd")
    address = ".".join(f"{{{{ .Group.{part} }}}}" for part in "abcd")
    return f"""\
  template IN A {RDS_DOMAIN} {{
    match "[.]{numbers}[.]"
    answer "{{{{ .Name }}}} 1 IN A {address}"
    fallthrough
  }}
  template IN AAAA {RDS_DOMAIN} {{
    rcode NOERROR
  }}
"""


def outdated(world: World) -> bool:
    """Tell whether an older version of this has started the name server."""
    config = world.at.etc / "Corefile"
    return not config.exists() or config.read_text() != corefile(world)


def _hosts(world: World) -> dict[str, str]:
    """Return the hosts that the name server has been told."""
    path = world.at.etc / "hosts"
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: address for address, name in (line.split() for line in lines)}


def write_hosts(world: World, names: Mapping[str, str]) -> None:
    """Tell the name server the hosts outside the cluster; it notices within a second."""
    known = {**names, DATABASE_NAME: world.net.node, AWS_NAME: world.net.node}
    lines = (f"{address} {name}" for name, address in sorted(known.items()))
    paths.write(world.at.etc / "hosts", "\n".join(lines) + "\n")


def ingress_api(world: World) -> Daemon:
    """Return the ingress controller's way to the API: it can present no certificate itself."""
    arguments = (
        str(programs.binary("kubernetes", "kubectl")),
        f"--kubeconfig={world.at.etc / 'ingress.conf'}",
        "proxy",
        "--address=127.0.0.1",
        f"--port={_API_FOR_INGRESS}",
    )
    return Daemon("ingress-api", "lets the ingress read its objects", arguments, world.net.netns)


def ingress(world: World) -> Daemon:
    """Return the ingress controller: HTTPS on 443 with one certificate for all clones."""
    names = [f"*.{CLONE_DOMAIN}", CLONE_DOMAIN]
    pair = pki.issue(world.web, "ingress", common=f"*.{CLONE_DOMAIN}", names=names)
    arguments = (
        str(programs.binary("skipper")),
        f"-address={world.net.node}:443",
        f"-tls-cert={pair.certificate}",
        f"-tls-key={pair.key}",
        "-kubernetes",
        "-kubernetes-in-cluster=false",
        f"-kubernetes-url=http://127.0.0.1:{_API_FOR_INGRESS}",
        f"-kubernetes-ingress-class=^{INGRESS_CLASS}$",
        "-kubernetes-https-redirect=false",
        "-enable-kubernetes-endpointslices=true",
        "-forwarded-headers=X-Forwarded-For,X-Forwarded-Host,X-Forwarded-Proto=https,X-Forwarded-Port=443",
        # WordPress answers a request for any name but its own with a redirect.
        "-proxy-preserve-host=true",
        "-source-poll-timeout=500",
        "-wait-first-route-load",
        "-wait-for-healthcheck-interval=0",
        "-support-listener=127.0.0.1:9911",
        "-access-log-disabled",
    )
    return Daemon("ingress", "serves https for *." + CLONE_DOMAIN, arguments, world.net.netns)


def redirect(world: World) -> Daemon:
    """Return the small server on port 80 that sends everybody to HTTPS."""
    arguments = (
        str(programs.binary("skipper")),
        f"-address={world.net.node}:80",
        "-wait-for-healthcheck-interval=0",
        '-inline-routes=all: * -> redirectTo(308, "https:") -> <shunt>',
        "-support-listener=127.0.0.1:9912",
        "-access-log-disabled",
    )
    return Daemon("ingress-redirect", "sends http to https", arguments, world.net.netns)


def provisioner(world: World) -> Daemon:
    """Return what makes and deletes volumes."""
    world.at.volumes.mkdir(parents=True, exist_ok=True)
    _remount_limited(world)
    arguments = (
        str(programs.binary("provisioner")),
        f"-kubeconfig={world.at.etc / 'provisioner.conf'}",
        f"-root={world.at.volumes}",
        f"-node={world.net.node_name}",
    )
    return Daemon("provisioner", "makes and deletes volumes", arguments, world.net.netns)


def _remount_limited(world: World) -> None:
    """Mount the volumes that are file systems of their own again, after a stop or a reboot."""
    for image in world.at.volumes.glob("*.img"):
        directory = image.with_suffix("")
        if directory.is_dir() and not directory.is_mount():
            run(["mount", "-o", "loop", image, directory])


def kro(world: World) -> Daemon:
    """Return kro with the rights of aggregation mode, and workers for many clones."""
    arguments = (
        str(programs.binary("kro", "controller")),
        "--metrics-bind-address=127.0.0.1:8078",
        "--health-probe-bind-address=127.0.0.1:8079",
        "--dynamic-controller-concurrent-reconciles=16",
        "--dynamic-controller-rate-limiter-rate-limit=100",
        "--dynamic-controller-rate-limiter-burst-limit=1000",
        "--dynamic-controller-default-resync-period=3600",
        "--instance-requeue-interval=1s",
        "--rgd-progress-requeue-delay=1s",
        "--client-qps=500",
        "--client-burst=1000",
        "--graceful-shutdown-timeout=2s",
        "--zap-devel=false",
    )
    environment = {"KUBECONFIG": str(world.at.etc / "kro.conf")}
    return Daemon("kro", "unfolds instances", arguments, world.net.netns, environment)
