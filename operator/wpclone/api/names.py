# SPDX-License-Identifier: Apache-2.0
"""Computes the name of every thing that is made for a clone.

A name is a function of the clone's own name and UID, so that repeating a write after a crash meets
the same object, and a new clone of an old name meets none of the old one's.
"""

from __future__ import annotations

from typing import Final, Protocol

# The longest derived name is a Job's: 40 + len("-inspect-") + attempt + "-" + 8, below 63.
MAX_CLONE_NAME: Final = 40
# What a graph names where a clone has none of it: never made by us, optional wherever it is used.
NONE: Final = "wpclone-none"


class Identity(Protocol):
    """Whatever has a clone's name and UID: the clone, or what is left of an unreadable one."""

    @property
    def name(self) -> str:
        """The clone's `metadata.name`."""
        ...

    @property
    def uid(self) -> str:
        """The clone's `metadata.uid`."""
        ...


def _hex(uid: str, digits: int) -> str:
    return uid.replace("-", "").lower()[:digits]


def uid8(uid: str) -> str:
    """Return the first eight hex digits of a UID."""
    return _hex(uid, 8)


def base(clone: Identity) -> str:
    """Return the name of the KRO instance and of all its children except the Job."""
    return f"{clone.name}-{uid8(clone.uid)}"


def inspect_job(clone: Identity, attempt: int) -> str:
    """Return the name of the Job that looks at the source, per attempt."""
    return f"{clone.name}-inspect-{attempt}-{uid8(clone.uid)}"


def import_job(clone: Identity, attempt: int) -> str:
    """Return the name of the Job that copies the source, per attempt."""
    return f"{clone.name}-import-{attempt}-{uid8(clone.uid)}"


def credentials(clone: Identity) -> str:
    """Return the name of the Secret for people and pods; it is guessable, hence without the UID."""
    return f"{clone.name}-credentials"


def mask(clone: Identity) -> str:
    """Return the name of the Secret with the masking key, there while content is copied."""
    return f"{base(clone)}-mask"


def copy_key(clone: Identity) -> str:
    """Return the name of the Secret that opens another clone, there while it is copied."""
    return f"{base(clone)}-copy"


def service(clone: Identity, namespace: str) -> str:
    """Return the address at which a clone's pods are reached inside the cluster."""
    return f"http://{base(clone)}.{namespace}.svc"


def database(uid: str) -> str:
    """Return the name of a clone's schema, and of its database user.

    No underscore: MySQL reads `_` and `%` in the database name of a GRANT as wildcards.
    """
    return f"wpc{_hex(uid, 20)}"


def host(clone: Identity, domain: str, override: str | None = None) -> str:
    """Return the host name under which a clone is served."""
    return override or f"{clone.name}.{domain}"


def url(host_name: str, path: str = "") -> str:
    """Return a clone's public address, without a slash at its end."""
    return f"https://{host_name}{path.rstrip('/')}"
