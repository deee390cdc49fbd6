# SPDX-License-Identifier: Apache-2.0
"""Lays a cluster's network: two namespaces, two cables, routes; the machine itself only routes."""

import json

from local.addresses import Addresses
from local.errors import CommandFailed, LocalError
from local.shell import run, succeeds

# The ends of the cables inside the namespaces.
NODE_LINK = "node0"
NODE_OUTSIDE_LINK = "outside0"
OUTSIDE_LINK = "eth0"


def up(net: Addresses) -> None:
    """Make the network, from whatever is there of it already."""
    _refuse_foreign_routes(net)
    for namespace in (net.netns, net.outside_netns):
        if namespace not in _namespaces():
            run(["ip", "netns", "add", namespace])
        run(["ip", "-n", namespace, "link", "set", "lo", "up"])
    if not succeeds(["ip", "link", "show", net.link]):
        _ip(f"link add {net.link} type veth peer name {NODE_LINK} netns {net.netns}")
    if not succeeds(["ip", "-n", net.outside_netns, "link", "show", OUTSIDE_LINK]):
        _ip(
            f"-n {net.netns} link add {NODE_OUTSIDE_LINK} type veth"
            f" peer name {OUTSIDE_LINK} netns {net.outside_netns}"
        )
    _ip(f"address replace {net.host}/24 dev {net.link}")
    _ip(f"link set {net.link} up")
    _configure(net.netns, NODE_LINK, net.node)
    _configure(net.netns, NODE_OUTSIDE_LINK, net.gateway)
    _configure(net.outside_netns, OUTSIDE_LINK, net.outside)
    _route(net)


def _configure(namespace: str, link: str, address: str) -> None:
    _ip(f"-n {namespace} address replace {address}/24 dev {link}")
    _ip(f"-n {namespace} link set {link} up")


def _route(net: Addresses) -> None:
    """Let the three hosts reach each other; nobody gets a default route, so pods cannot get out."""
    enter = ["nsenter", f"--net=/run/netns/{net.netns}", "--"]
    run([*enter, "sysctl", "-qw", "net.ipv4.ip_forward=1"])
    # Answers from a pod on the same bridge must pass the service tables too, where the kernel can.
    run([*enter, "sysctl", "-qwe", "net.bridge.bridge-nf-call-iptables=1"])
    # Without it the node itself could not reach a ClusterIP, for want of any route to it.
    _ip(f"-n {net.netns} route replace {net.services} dev {NODE_LINK} src {net.node}")
    # The node is at home at each of these addresses: a new database only has to listen.
    _ip(f"-n {net.netns} route replace local {net.databases} dev lo")
    for range_ in (net.services, net.pods, net.outsides, net.databases):
        _ip(f"route replace {range_} via {net.node}")
    _ip(f"-n {net.outside_netns} route replace {net.nodes} via {net.gateway}")


def _refuse_foreign_routes(net: Addresses) -> None:
    """Say so instead of breaking a network of this machine that uses one of our ranges."""
    ours = {net.nodes, net.services, net.pods, net.outsides, net.databases}
    for route in json.loads(run(["ip", "-j", "route", "show"])):
        target = route.get("dst")
        if target in ours and route.get("dev") != net.link:
            raise LocalError(
                f"This machine already uses {target} on {route.get('dev')},"
                f" which the cluster {net.name} needs."
            )


def down(net: Addresses) -> None:
    """Take the network away, with the routes that hang on it."""
    for namespace in (net.netns, net.outside_netns):
        if namespace in _namespaces():
            run(["ip", "netns", "delete", namespace])
    if succeeds(["ip", "link", "show", net.link]):
        try:
            run(["ip", "link", "delete", net.link])
        except CommandFailed:
            # The kernel removes the pair by itself, a moment after its namespace.
            if succeeds(["ip", "link", "show", net.link]):
                raise


def cut(net: Addresses) -> None:
    """Pull the cable between the node and the outside host."""
    _ip(f"-n {net.netns} link set {NODE_OUTSIDE_LINK} down")


def mend(net: Addresses) -> None:
    """Plug the cable between the node and the outside host in again."""
    _ip(f"-n {net.netns} link set {NODE_OUTSIDE_LINK} up")


def _namespaces() -> set[str]:
    return {line.split()[0] for line in run(["ip", "netns", "list"]).splitlines() if line}


def _ip(arguments: str) -> None:
    run(["ip", *arguments.split()])
