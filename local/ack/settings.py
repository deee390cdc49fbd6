# SPDX-License-Identifier: Apache-2.0
"""Reads the flags of the real controllers' programs, and the few that only ours has."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.ack import wishes

SERVICES = ("rds", "iam", "eks")
Numbers = dict[str, float]


@dataclass(frozen=True)
class Settings:
    """What one controller was told."""

    service: str
    region: str
    endpoint: str | None
    identity_endpoint: str | None
    namespaces: tuple[str, ...]
    kinds: tuple[str, ...]
    deletion_policy: str
    cross_namespace: bool
    resource_tags: tuple[str, ...]
    syncs: int
    syncs_of: Numbers
    resync: float
    resync_of: Numbers
    requeue: float
    metrics: str
    health: str
    kubeconfig: Path | None

    def workers(self, kind: str) -> int:
        """Return how many objects of a kind are worked on at once."""
        return int(self.syncs_of.get(kind.lower(), self.syncs))

    def resync_after(self, kind: str) -> float:
        """Return after how many seconds an object in sync is looked at again."""
        return self.resync_of.get(kind.lower(), self.resync)


def read(words: Sequence[str] | None = None) -> Settings:
    """Return the settings; a wrong flag ends the program with a sentence."""
    parser = _parser()
    told = parser.parse_args(words)
    for address in (told.aws_endpoint_url, told.aws_identity_endpoint_url):
        if address and not address.startswith("https:") and not told.allow_unsafe_aws_endpoint_urls:
            parser.error(f"{address} is unsafe: give --allow-unsafe-aws-endpoint-urls as well")
    return Settings(
        service=told.service,
        region=told.aws_region,
        endpoint=told.aws_endpoint_url,
        identity_endpoint=told.aws_identity_endpoint_url or told.aws_endpoint_url,
        namespaces=_words(told.watch_namespace) or ("",),
        kinds=_words(told.reconcile_resources),
        deletion_policy=told.deletion_policy,
        cross_namespace=told.enable_cross_namespace,
        resource_tags=_words(told.resource_tags),
        syncs=told.reconcile_default_max_concurrent_syncs,
        syncs_of=_numbers(parser, told.reconcile_resource_max_concurrent_syncs),
        resync=told.reconcile_default_resync_seconds,
        resync_of=_numbers(parser, told.reconcile_resource_resync_seconds),
        requeue=told.requeue_seconds,
        metrics=told.metrics_addr,
        health=told.healthz_addr,
        kubeconfig=told.kubeconfig,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.ack", allow_abbrev=False)
    add = parser.add_argument
    add("service", choices=SERVICES, help="for which service of AWS (the real ones know theirs)")
    add("--aws-region", required=True)
    add("--aws-endpoint-url")
    add("--aws-identity-endpoint-url")
    _switch(parser, "--allow-unsafe-aws-endpoint-urls", default=False)
    _switch(parser, "--enable-carm", default=True)  # accepted; there is one account here
    _switch(parser, "--enable-cross-namespace", default=True)
    _switch(parser, "--enable-development-logging", default=False)  # accepted, likewise below:
    _switch(parser, "--enable-leader-election", default=False)  # there is one process here
    add("--leader-election-namespace")
    add("--feature-gates", help="accepted: adoption and read-only objects are on")
    add("--watch-namespace", default="", help="comma-separated; empty means all")
    choices = (wishes.DELETE, wishes.RETAIN)
    add("--deletion-policy", choices=choices, default=wishes.DELETE)
    add("--resource-tags", default="", help="key=value, comma-separated")
    add("--reconcile-resources", default="", help="kinds, comma-separated; empty means all")
    add("--reconcile-default-max-concurrent-syncs", type=int, default=1)
    add("--reconcile-resource-max-concurrent-syncs", action="append", default=[])
    add("--reconcile-default-resync-seconds", type=float, default=36000)
    add("--reconcile-resource-resync-seconds", action="append", default=[])
    add("--metrics-addr", default="0.0.0.0:8080")
    add("--healthz-addr", default="0.0.0.0:8081")
    add("--log-level", default="info")
    add("--kubeconfig", type=Path, help="instead of $KUBECONFIG (ours only)")
    add("--requeue-seconds", type=float, default=30, help="while out of sync (ours only)")
    return parser


def _switch(parser: argparse.ArgumentParser, name: str, *, default: bool) -> None:
    """Add a flag that is written as Go's are: alone, or with =true or =false."""
    parser.add_argument(name, nargs="?", const=True, default=default, type=_boolean)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _numbers(parser: argparse.ArgumentParser, given: list[str]) -> Numbers:
    found: Numbers = {}
    for word in (word for text in given for word in _words(text)):
        kind, _, number = word.partition("=")
        if not number.isdigit():
            parser.error(f"{word}: Kind=number is expected")
        found[kind.lower()] = float(number)
    return found
