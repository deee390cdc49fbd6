# SPDX-License-Identifier: Apache-2.0
"""Holds the rules that cross fields: unions, immutability, order of amounts, the clone's name.

Rules of a single field stand beside its type in `fields`. Keys are paths in the schema; "" is the
object itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wpclone.api import cel
from wpclone.api.choices import BOTH_WAYS
from wpclone.api.names import MAX_CLONE_NAME
from wpclone.api.origins import EXACTLY_ONE

_NAME_SHAPE: Final = "^[a-z]([a-z0-9-]*[a-z0-9])?$"


def _ordered(amount: str) -> dict[str, str]:
    both = f"{cel.given('self', f'requests.{amount}')} && {cel.given('self', f'limits.{amount}')}"
    return cel.rule(
        f"!({both}) || !quantity(string(self.requests.{amount}))"
        f".isGreaterThan(quantity(string(self.limits.{amount})))",
        f"requests.{amount} must not be above limits.{amount}",
    )


RULES: Final[Mapping[str, tuple[dict[str, str], ...]]] = {
    "": (
        cel.rule(
            f"self.metadata.name.size() <= {MAX_CLONE_NAME}",
            f"the name must have at most {MAX_CLONE_NAME} characters",
            fieldPath=".metadata.name",
        ),
        cel.rule(
            f"self.metadata.name.matches('{_NAME_SHAPE}') && !self.metadata.name.contains('--')",
            "the name must start with a letter and consist of lower-case letters, digits and "
            "single hyphens",
            fieldPath=".metadata.name",
        ),
        cel.rule(
            "!has(self.spec.source.clone) || self.spec.source.clone.name != self.metadata.name",
            "a clone cannot be copied from itself",
            fieldPath=".spec.source.clone.name",
        ),
    ),
    "spec": (
        cel.fixed("customer"),
        cel.fixed("site.image"),
        cel.fixed("site.host"),
        cel.fixed("privacy.mask"),
        cel.fixed("content"),
        cel.fixed("rewrite"),
        cel.fixed("site.plugins"),
        cel.rule(
            f"!({cel.given('oldSelf', 'site.storage')}) || "
            f"({cel.given('self', 'site.storage')} && "
            "!quantity(string(oldSelf.site.storage))"
            ".isGreaterThan(quantity(string(self.site.storage))))",
            "storage can only grow",
            reason=cel.FORBIDDEN,
            fieldPath=".site.storage",
        ),
    ),
    "spec.source": (
        cel.rule(
            "[has(self.site), has(self.database), has(self.archive), has(self.clone), "
            "has(self.blank)].filter(named, named).size() == 1",
            EXACTLY_ONE,
        ),
        cel.rule("self == oldSelf", cel.COPIED_ONCE, reason=cel.FORBIDDEN),
    ),
    "spec.source.database.files": (
        cel.rule("has(self.uri) != has(self.claimRef)", "name exactly one of uri, claimRef"),
    ),
    "spec.rewrite.additional[]": (
        cel.rule(
            "!has(self.to) || self.to != self.from",
            "to must be another address than from, or be left out for the clone's own",
        ),
    ),
    "spec.site.plugins": (
        cel.rule(
            "!has(self.deactivate) || !has(self.keepActive) || "
            "!self.deactivate.exists(name, name in self.keepActive)",
            BOTH_WAYS,
        ),
    ),
    "spec.site.resources": (_ordered("cpu"), _ordered("memory")),
}
