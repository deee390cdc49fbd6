# SPDX-License-Identifier: Apache-2.0
"""Describes the node: container runtime, kubelet, service network, control groups."""

import json
from contextlib import suppress
from pathlib import Path

from local import paths, programs
from local.processes import Daemon
from local.shell import run
from local.world import World

CGROUPS = Path("/sys/fs/cgroup")
PAUSE_IMAGE = "localhost/wpclone/pause:1"
# A laptop's disk is often nearly full: pods go only when nothing else helps.
EVICTION = {
    "memory.available": "100Mi",
    "nodefs.available": "1%",
    "imagefs.available": "1%",
    "nodefs.inodesFree": "1%",
}


def containerd(world: World) -> Daemon:
    """Return the container runtime, with its whole state below the cluster's directory."""
    at = world.at
    paths.write(at.etc / "containerd.toml", containerd_config(world))
    plugins = json.dumps(cni_config(world), indent=2)
    paths.write(at.etc / "cni" / "10-pods.conflist", plugins)
    arguments = ("/usr/bin/containerd", "--config", str(at.etc / "containerd.toml"))
    return Daemon("containerd", "runs the containers", arguments, world.net.netns)


def containerd_config(world: World) -> str:
    """Render the runtime's configuration.

    The score adjustment is restricted because root may lack the right to lower it; pods' network
    namespaces lie below our own directory, so that they can be told from anybody else's.
    """
    at = world.at
    return f"""\
version = 2
root = "{at.images}"
state = "{at.run / "containerd"}"
[grpc]
  address = "{at.containerd}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{at.etc / "cni"}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    discard_unpacked_layers = false
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""


def cni_config(world: World) -> dict[str, object]:
    """Return the pods' network: a bridge in the node's namespace, addresses by the host."""
    addresses = {
        "type": "host-local",
        "dataDir": str(world.at.var / "cni"),
        "ranges": [[{"subnet": world.net.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": addresses,
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": world.net.netns, "plugins": [bridge, ports]}


def kubelet(world: World) -> Daemon:
    """Return the kubelet."""
    at, net = world.at, world.net
    paths.write(at.etc / "resolv.conf", f"nameserver {net.dns}\n")
    paths.write(at.etc / "kubelet.json", json.dumps(kubelet_config(world), indent=2))
    (at.var / "kubelet").mkdir(parents=True, exist_ok=True)
    arguments = (
        str(programs.binary("kubernetes", "kubelet")),
        f"--config={at.etc / 'kubelet.json'}",
        f"--kubeconfig={at.etc / 'kubelet.conf'}",
        f"--root-dir={at.var / 'kubelet'}",
        f"--hostname-override={net.node_name}",
        f"--node-ip={net.node}",
    )
    return Daemon("kubelet", "runs the pods", arguments, net.netns)


def kubelet_config(world: World) -> dict[str, object]:
    """Return the kubelet's configuration: all below our directories, nothing evicted lightly."""
    at, net, keys = world.at, world.net, world.at.pki / "components"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": net.node,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(keys / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(keys / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(keys / "kubelet-server.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{net.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [net.dns],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{at.containerd}",
        "resolvConf": str(at.etc / "resolv.conf"),
        "healthzBindAddress": "127.0.0.1",
        "evictionHard": EVICTION,
        "imageGCHighThresholdPercent": 100,
        "serializeImagePulls": False,
        "volumePluginDir": str(at.var / "kubelet" / "plugins"),
        "podLogsDir": str(at.var / "podlogs"),
        "shutdownGracePeriod": "0s",
    }


def kube_proxy(world: World) -> Daemon:
    """Return the service network; its tables are in the node's namespace and vanish with it."""
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(world.at.etc / "kube-proxy.conf")},
        "clusterCIDR": world.net.pods,
        "hostnameOverride": world.net.node_name,
        "bindAddress": world.net.node,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        # The machine's connection tracking is not ours to size.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
    paths.write(world.at.etc / "kube-proxy.json", json.dumps(config, indent=2))
    arguments = (
        str(programs.binary("kubernetes", "kube-proxy")),
        f"--config={world.at.etc / 'kube-proxy.json'}",
    )
    return Daemon("kube-proxy", "routes services to pods", arguments, world.net.netns)


def hierarchies() -> list[Path]:
    """Return the roots of the control group hierarchies: one if they are unified."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return [path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]


def make_cgroups(name: str) -> None:
    """Make the group of all pods in every hierarchy, with processors and memory to run on."""
    for root in hierarchies():
        if root == CGROUPS:
            with suppress(
                OSError
            ):  # a controller that is missing or on already is no reason to stop
                (root / "cgroup.subtree_control").write_text("+cpuset +cpu +io +memory +pids")
        group = root / name
        group.mkdir(exist_ok=True)
        for file in ("cpuset.cpus", "cpuset.mems"):
            # A new group of the old kind starts without processors: nothing could run in it.
            if root.name == "cpuset":
                (group / file).write_text((root / file).read_text())


def cgroup_members(name: str) -> set[int]:
    """Return the processes in a group and below it."""
    members: set[int] = set()
    for root in hierarchies():
        for file in (root / name).rglob("cgroup.procs"):
            with suppress(OSError):
                members.update(int(pid) for pid in file.read_text().split())
    return members


def remove_cgroups(name: str) -> None:
    """Remove a group and all groups below it; they must be empty."""
    for root in hierarchies():
        if (root / name).is_dir():
            run(["find", root / name, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"])
