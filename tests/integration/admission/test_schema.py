# SPDX-License-Identifier: Apache-2.0
"""Says of each bad input which sentence a person reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.integration.admission.conftest import As
from tests.integration.admission.people import accepted, refused
from wpclone.api.fields import rfc3339

pytestmark = pytest.mark.cluster
URL = "spec.source.site.url"
LONG = "a" * 41
# Below the ceiling, which counts from the clone's creation.
SOON = rfc3339(datetime.now(UTC) + timedelta(hours=48))

GOOD: dict[str, dict[str, Any]] = {
    "the shortest clone": {},
    "a blank site": {"spec.source": {"blank": {"title": "Playground"}}},
    "a site in a folder": {URL: "https://www.acme.test/blog/"},
    "plain http, which the operator judges": {URL: "http://10.1.2.3:8080/"},
    "an internationalised name": {URL: "https://xn--bcher-kva.example"},
    "an IPv6 address": {URL: "https://[2001:db8::1]/"},
    "every field": {
        "spec.customer": "acme-eu",
        "spec.ttl": "1h30m",
        "spec.extendUntil": SOON,
        "spec.suspend": True,
        "spec.site": {
            "host": "shop.clones.example",
            "storage": "5Gi",
            "resources": {"requests": {"cpu": 1, "memory": "128Mi"}, "limits": {"cpu": "1500m"}},
        },
        "spec.safety": {
            "access": "Login",
            "mail": "Capture",
            "indexing": "Block",
            "cron": "Block",
            "payments": "Block",
            "webhooks": "Block",
            "updates": "Allow",
        },
    },
}

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a long name": ({"metadata.name": LONG}, "the name must have at most 40 characters"),
    "a name with two hyphens": ({"metadata.name": "a--b"}, "the name must start with a letter and"),
    "a name that starts with a digit": ({"metadata.name": "1a"}, "must start with a letter"),
    "a name with a dot": (
        {"metadata.name": "a.b"},
        "the name must start with a letter and consist",
    ),
    "no spec": ({"spec": None}, "spec: Required value"),
    "no source": (
        {"spec.source": {}},
        "spec.source: Invalid value: name exactly one of site, database, archive, clone, blank",
    ),
    "two sources": ({"spec.source.blank": {}}, "name exactly one of site, database"),
    "no Secret": ({"spec.source.site.credentialsRef": None}, "credentialsRef: Required value"),
    "a Secret's bad name": (
        {"spec.source.site.credentialsRef": {"name": "A_b"}},
        "must be the name of an object: lower-case letters, digits, hyphens and dots",
    ),
    "another protocol": ({URL: "ftp://www.acme.test"}, "url: Forbidden: must start with https://"),
    "no host": ({URL: "https://"}, "must be an address such as https://www.acme.example"),
    "spaces": ({URL: "https://www acme.test"}, "must be an address such as"),
    "a password in the address": ({URL: "https://a:b@www.acme.test"}, "must have no user name or"),
    "a query": ({URL: "https://www.acme.test/?page_id=2"}, "must end before any ? or #"),
    "days": (
        {"spec.ttl": "2d"},
        "must be a duration in hours, minutes and seconds, such as 90m or 72h",
    ),
    "a second": ({"spec.ttl": "1s"}, "must be at least 1m"),
    "a duration without end": ({"spec.ttl": "9" * 20 + "h"}, "must be a duration in hours"),
    "a day's name": ({"spec.extendUntil": "tomorrow"}, "must be of type date-time"),
    "a customer with spaces": (
        {"spec.customer": "Acme Inc"},
        "must be lower-case letters, digits and hyphens, such as acme or acme-eu",
    ),
    "a host without a domain": ({"spec.site": {"host": "acme"}}, "must be a host name such as"),
    "an image with spaces": ({"spec.site": {"image": "a b"}}, "must be an image such as"),
    "an unknown unit": (
        {"spec.site": {"storage": "5Gb"}},
        "must be an amount above 0, such as 250m, 512Mi or 5Gi",
    ),
    "no storage at all": ({"spec.site": {"storage": 0}}, "must be an amount above 0"),
    "more asked for than allowed": (
        {"spec.site": {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": "500m"}}}},
        "requests.cpu must not be above limits.cpu",
    ),
    "an unknown way in": (
        {"spec.safety": {"access": "Everybody"}},
        'supported values: "Link", "Login", "Public"',
    ),
    "mail that leaves": ({"spec.safety": {"mail": "Allow"}}, 'supported values: "Capture"'),
    "a typo": ({"spec.tll": "4h"}, "field not declared in schema"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_accepted(someone: As, case: str) -> None:
    """Every sensible wish is accepted without a warning."""
    admin = someone()
    accepted(admin.tries(admin.clone(GOOD[case]), "--dry-run=server"))


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused(someone: As, case: str) -> None:
    """Every bad input is refused in a sentence that says what would be right."""
    changes, sentence = BAD[case]
    admin = someone()
    refused(admin.tries(admin.clone(changes), "--dry-run=server"), sentence)


def test_a_password_is_not_repeated(someone: As) -> None:
    """An address with a password in it is refused without showing the password."""
    admin = someone()
    done = admin.tries(
        admin.clone({URL: "https://a:hunter22@www.acme.test/?x"}), "--dry-run=server"
    )
    refused(done, "must have no user name or password")
    assert "hunter22" not in done.stderr


EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "another source": ({URL: "https://other.test"}, "Content is copied once; make a new clone."),
    "another customer": ({"spec.customer": "other"}, "Content is copied once; make a new clone."),
    "another image": (
        {"spec.site": {"image": "other", "storage": "5Gi"}},
        "Content is copied once; make a new clone.",
    ),
    "another host": (
        {"spec.site": {"host": "a.clones.example", "storage": "5Gi"}},
        "Content is copied once; make a new clone.",
    ),
    "another mask": (
        {"spec.privacy": {"mask": "None"}},
        "Content is copied once; make a new clone.",
    ),
    "less storage": ({"spec.site": {"storage": "4Gi"}}, "storage can only grow"),
    "storage unsaid": ({"spec.site": None}, "storage can only grow"),
}
CHANGES: dict[str, dict[str, Any]] = {
    "a longer life": {"spec.ttl": "8h"},
    "an extension": {"spec.extendUntil": SOON},
    "a pause": {"spec.suspend": True},
    "more storage": {"spec.site": {"storage": "6Gi"}},
    "more memory": {
        "spec.site": {"storage": "5Gi", "resources": {"limits": {"memory": "1Gi"}}},
    },
    "another way in": {"spec.safety": {"access": "Login"}},
}
STORED = {"spec.site": {"storage": "5Gi"}}


@pytest.fixture
def stored(someone: As) -> None:
    """Have a clone there."""
    admin = someone()
    accepted(admin.tries(admin.clone(STORED, "edited")))


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("case", EDITS)
def test_what_never_changes(someone: As, case: str) -> None:
    """An edit of what was decided once is refused, with what to do instead."""
    changes, sentence = EDITS[case]
    admin = someone()
    edited = admin.clone({**STORED, **changes}, "edited")
    refused(admin.tries(edited, "--dry-run=server"), sentence)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("case", CHANGES)
def test_what_may_change(someone: As, case: str) -> None:
    """What may change during life may."""
    admin = someone()
    edited = admin.clone({**STORED, **CHANGES[case]}, "edited")
    accepted(admin.tries(edited, "--dry-run=server"))


def test_the_kind_explains_itself(installed: Cluster) -> None:
    """`kubectl explain` and the short names work, and say something."""
    assert "Stops the site's pods" in installed.kubectl("explain", "wpc.spec")
    said = " ".join(installed.kubectl("explain", "wpc.spec.source.site.credentialsRef").split())
    assert "clones.betaweb.ai/source=true" in said
    said = " ".join(installed.kubectl("explain", "wpc.spec.privacy.mask").split())
    assert "the same person is the same stand-in" in said
    known = installed.kubectl("api-resources", "--categories=wordpress", "-o", "name")
    assert known.split() == ["wordpressclones.clones.betaweb.ai"]


@pytest.mark.usefixtures("stored")
def test_clones_are_found_by_customer(someone: As) -> None:
    """A field selector finds the clones of one tenant."""
    admin = someone()
    accepted(admin.tries(admin.clone({"spec.customer": "acme-eu"}, "tenant")))
    found = admin.does("get", "wpc", "--field-selector=spec.customer=acme-eu", "-o", "name")
    assert found.stdout.split() == ["wordpressclone.clones.betaweb.ai/tenant"]
