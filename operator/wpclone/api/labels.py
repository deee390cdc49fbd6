# SPDX-License-Identifier: Apache-2.0
"""Names the labels, annotations and the finalizer by which our things are known."""

from __future__ import annotations

from typing import Final

from wpclone.api.names import Identity

GROUP: Final = "clones.betaweb.ai"

NAME: Final = "app.kubernetes.io/name"
INSTANCE: Final = "app.kubernetes.io/instance"
# kro puts its own value here on its children: never select by it.
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
CLONE: Final = f"{GROUP}/clone"
UID: Final = f"{GROUP}/uid"
CUSTOMER: Final = f"{GROUP}/customer"
INSTALLATION: Final = f"{GROUP}/installation"

# On pods: which NetworkPolicy opens what for them, and what the pod is for.
EGRESS: Final = f"{GROUP}/egress"
ROLE: Final = f"{GROUP}/role"
# Values of the former: movers go to public addresses, copiers to other clones and nowhere else.
MOVER: Final = "mover"
COPIER: Final = "copier"
# On the Secrets of people: "an operator may read this as the login of a source site".
SOURCE: Final = f"{GROUP}/source"
# On a namespace: it holds clones, so it may not be deleted under them.
MANAGED: Final = f"{GROUP}/managed"

FINALIZER: Final = f"{GROUP}/reap"

# Any new value: look now, and start the next attempt if the last one failed.
RECONCILE: Final = f"{GROUP}/reconcile"
# "true": make no write for this clone.
PAUSED: Final = f"{GROUP}/paused"
# Any new value: decide anew what was resolved once.
RE_RESOLVE: Final = f"{GROUP}/re-resolve"

MANAGER: Final = "wpclone"
APPLICATION: Final = "wordpress-clone"
TRUE: Final = "true"


def of(clone: Identity, installation: str, customer: str | None = None) -> dict[str, str]:
    """Return the labels of everything that is made for `clone`; a new dict at each call."""
    return {
        NAME: APPLICATION,
        INSTANCE: clone.name,
        MANAGED_BY: MANAGER,
        CLONE: clone.name,
        UID: clone.uid,
        CUSTOMER: customer or "",
        INSTALLATION: installation,
    }


def selector(uid: str) -> str:
    """Return the label selector for everything that was made for the clone with this UID."""
    return f"{UID}={uid}"
