# SPDX-License-Identifier: Apache-2.0
"""Reads forms and links out of WordPress' admin pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: its attributes and the fields that a browser would send."""

    attributes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found)
            self.forms.append(self._open)
        elif tag == "input" and self._open is not None and found.get("name"):
            self._open.fields[found["name"]] = found.get("value", "")
        elif tag == "a" and found.get("href"):
            self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms(page: str) -> list[Form]:
    """Return the forms of a page."""
    return _read(page).forms


def link(page: str, *parts: str) -> str | None:
    """Return the first link that holds all of the parts, unescaped."""
    return next((href for href in _read(page).links if all(part in href for part in parts)), None)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader
