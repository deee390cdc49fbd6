# SPDX-License-Identifier: Apache-2.0
"""Generates people, what they write about themselves, and the values that carry it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import strategies as st

_NAMES = ("Anna", "Łukasz", "José María", "O'Neill", "von der Heide", "Müller-Lüdenscheidt", "Bo")
_LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789._+-", min_size=1, max_size=12).map(
    lambda text: "a" + text.strip("._+-") + "z"
)
_DOMAINS = st.sampled_from(["customer.example", "mail.customer.example", "x.test", "büro.example"])
emails = st.builds(lambda local, domain: f"{local}@{domain}", _LOCAL, _DOMAINS)
names = st.sampled_from(_NAMES) | st.text("abcdefgäöüß", min_size=2, max_size=9).map(str.title)
phones = st.builds(
    lambda prefix, digits, sign: prefix + sign.join([digits[:3], digits[3:]]),
    st.sampled_from(["+49 ", "0049", "0", "(", "+1-", "+352 "]),
    # No network gives out numbers that begin with zeros: those are ours.
    st.text("0123456789", min_size=5, max_size=9).map(lambda digits: "7" + digits),
    st.sampled_from(["", " ", "-", "/", ") "]),
)
# Those of documentation are nobody's already.
ips = st.ip_addresses().filter(lambda address: address.is_global).map(str)
fields: dict[str, st.SearchStrategy[str]] = {
    "email": emails,
    "first": names,
    "last": names,
    "name": st.builds(lambda first, last: f"{first} {last}", names, names),
    "login": names | emails,
    "phone": phones,
    "street": names.map(lambda name: f"{name}weg 12"),
    "city": names,
    "company": names.map(lambda name: f"{name} & Sons"),
    "ip": ips,
    "url": emails.map(lambda email: f"https://{email.replace('@', '.')}/about"),
    "date": st.dates(date(1900, 1, 1), date(2026, 12, 31)).map(str),
}
_MEMBERS = {
    "email": emails,
    "firstName": names,
    "billing_last_name": names,
    "phone": phones | st.integers(10**8, 10**12),
    "note": emails.map(lambda email: f'ask "{email}", or me/us'),
    "visits": st.integers(0, 500),
    "ratio": st.sampled_from([0.1, 1.0, -2.5]),
    "on": st.booleans(),
    "nothing": st.none(),
}
_leaves = st.dictionaries(st.sampled_from(sorted(_MEMBERS)), st.none()).flatmap(
    lambda keys: st.fixed_dictionaries({key: _MEMBERS[key] for key in keys})
)
trees: st.SearchStrategy[Any] = st.recursive(
    _leaves,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["shipping", "list", "x:1;"]), children, max_size=2)
        | children.map(lambda tree: {"saved": php(tree).decode()})
        | children.map(lambda tree: {"json": json.dumps(tree, ensure_ascii=False)})
        | children.map(lambda tree: {"json": json.dumps(tree).replace("/", "\\/")})
    ),
    max_leaves=5,
)


def php(value: Any) -> bytes:
    """Serialize as PHP does."""
    if isinstance(value, str):
        data = value.encode()
        return b's:%d:"%s";' % (len(data), data)
    if isinstance(value, list | dict):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        inner = b"".join(php(key) + php(member) for key, member in items)
        return b"a:%d:{%s}" % (len(value), inner)
    if value is None:
        return b"N;"
    kind = {bool: "b", int: "i", float: "d"}[type(value)]
    return f"{kind}:{value:g};".encode() if kind != "i" else b"i:%d;" % value
