# SPDX-License-Identifier: Apache-2.0
"""Generates PHP values as their serialized bytes, with an address or its replacement inside."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# A busy machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OLD = "https://old.example"
NEW = "https://copy.clones.test"


@dataclass(frozen=True)
class Both:
    """The same PHP value serialized with the old and with the new address."""

    old: bytes
    new: bytes


def string(old: bytes, new: bytes) -> Both:
    """Serialize a string."""
    return Both(_string(old), _string(new))


def _string(data: bytes) -> bytes:
    return b's:%d:"%s";' % (len(data), data)


# What stands around an address must neither extend nor begin one.
_AROUND = st.binary(max_size=12).map(lambda data: data.translate(None, b":/\\%&;@.").lower())
_HOSTILE = st.sampled_from([b"", b'";', b'";}', b'{"', b"'", b'a:1:{i:0;s:3:"', b"\0", b"\xff"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Draw a payload in both versions, or one without any address."""
    before, after = draw(_AROUND), draw(_AROUND) + draw(_HOSTILE)
    if draw(st.booleans()):
        return before + after, before + after
    slash = draw(st.sampled_from(["/", r"\/", r"\\\/", "%2F"]))
    old, new = ((text + "/").replace("/", slash).encode() for text in (OLD, NEW))
    return before + b" " + old + after, before + b" " + new + after


_SCALARS = st.sampled_from(
    [b"N;", b"b:1;", b"i:-7;", b"d:0.1;", b"d:1.0E+25;", b"d:-0;", b"d:INF;", b"i:99999999999;"]
).map(lambda data: Both(data, data))
_STRINGS = texts().map(lambda pair: string(*pair))


def _array(items: list[Both]) -> Both:
    def one(values: list[bytes]) -> bytes:
        return b"a:%d:{%s}" % (
            len(values),
            b"".join(b"i:%d;%s" % item for item in enumerate(values)),
        )

    return Both(one([item.old for item in items]), one([item.new for item in items]))


def _object(items: list[Both]) -> Both:
    def one(values: list[bytes]) -> bytes:
        members = b"".join(
            _string(b"\0*\0m%d" % number) + value for number, value in enumerate(values)
        )
        return b'O:8:"stdClass":%d:{%s}' % (len(values), members)

    return Both(one([item.old for item in items]), one([item.new for item in items]))


def _json(inner: Both) -> Both:
    def one(data: bytes) -> bytes:
        return json.dumps({"d": data.decode("utf-8"), "u": OLD}).encode()

    try:
        return string(one(inner.old), one(inner.new).replace(OLD.encode(), NEW.encode()))
    except UnicodeDecodeError:  # JSON cannot hold it: nor does PHP put it there
        return string(inner.old, inner.new)


def _grown(children: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    many = st.lists(children, max_size=4)
    nested = children.map(lambda both: string(both.old, both.new))
    return st.one_of(many.map(_array), many.map(_object), nested, children.map(_json))


values = st.recursive(st.one_of(_SCALARS, _STRINGS), _grown, max_leaves=12)
