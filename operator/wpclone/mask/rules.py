# SPDX-License-Identifier: Apache-2.0
"""Reads the rules of masking: which columns and keys hold which kind of personal data.

Rules are data: our own (`rules.yaml`) and a user's, which come after ours and win over them.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wpclone.errors import InvalidSpec
from wpclone.mask.kinds import Kind

MOST_BYTES: Final = 900_000  # a ConfigMap holds no more


def _both(value: Any) -> Any:
    return [value, value] if isinstance(value, str) else value


Both = Annotated[tuple[Kind, Kind], BeforeValidator(_both)]
"""What to do under Standard and under Strict: one word for both, or a list of two."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """Says of one table, or of some of its rows, what its columns hold."""

    table: str = Field(min_length=1, max_length=200)
    about: str = Field(default="", max_length=200)
    when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    rows: Both = (Kind.KEEP, Kind.KEEP)
    columns: Mapping[str, Both] = Field(default_factory=dict)
    key: str = ""
    value: str = ""
    keys: Mapping[str, Both] = Field(default_factory=dict)


class FileRule(_Part):
    """Names files that are about people, by a pattern below the site's root."""

    path: str = Field(min_length=1, max_length=300)
    why: str = Field(min_length=1, max_length=120)


class Document(_Part):
    """One file of rules."""

    rules: tuple[Rule, ...] = ()
    members: Mapping[Kind, tuple[str, ...]] = Field(default_factory=dict)
    files: tuple[FileRule, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, ours first."""

    rules: tuple[Rule, ...]
    members: tuple[tuple[re.Pattern[str], Kind], ...]
    files: tuple[tuple[re.Pattern[bytes], str], ...]
    keep: re.Pattern[str] | None
    documents: tuple[Document, ...] = field(repr=False)

    def of(self, table: str) -> tuple[Rule, ...]:
        """Return the rules of a table, named without the site's prefix; the last word wins."""
        name = table.lower()
        return tuple(r for r in self.rules if fnmatch.fnmatchcase(name, r.table.lower()))

    def member(self, name: str) -> Kind | None:
        """Return what a member of some settings holds by its name, or None if that says nothing."""
        plain = re.sub(r"[^a-z0-9]+", "_", _parted(name)).strip("_")
        return next((kind for pattern, kind in self.members if pattern.fullmatch(plain)), None)

    def personal(self, path: bytes) -> str | None:
        """Return why a file is left out of a masked copy, or None if it is not."""
        return next((why for pattern, why in self.files if pattern.fullmatch(path.lower())), None)

    def keeps(self, address: bytes) -> bool:
        """Tell whether an e-mail address is nobody's and shall stay."""
        return bool(self.keep and self.keep.fullmatch(address.decode("utf-8", "replace")))


def _parted(name: str) -> str:
    """Return `firstName` as `first_name`, the way most others write it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def read(*texts: str) -> Rules:
    """Return the rules in some YAML texts, later ones winning; InvalidSpec in one sentence."""
    documents = tuple(_document(text) for text in texts)
    # The last word wins: members and files of later documents are asked first.
    later = documents[::-1]
    keep = [pattern.lower() for document in documents for pattern in document.keep]
    return Rules(
        rules=tuple(rule for document in documents for rule in document.rules),
        members=tuple(
            (_one_of(patterns), kind)
            for document in later
            for kind, patterns in document.members.items()
        ),
        files=tuple(
            (re.compile(fnmatch.translate(rule.path.lower()).encode()), rule.why)
            for document in later
            for rule in document.files
        ),
        keep=_one_of(keep) if keep else None,
        documents=documents,
    )


def _one_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))


def _document(text: str) -> Document:
    if len(text.encode()) > MOST_BYTES:
        raise InvalidSpec("The masking rules are larger than a ConfigMap can be")
    try:
        return Document.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise InvalidSpec(f"The masking rules are no YAML: {_where(error)}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise InvalidSpec(f"The masking rules: {place}: {first['msg']}") from error


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "it cannot be read"


class Keys:
    """Finds the kind of a value by its key: exact names first, then patterns, the longest first."""

    def __init__(self, layers: Sequence[Mapping[str, Kind]]) -> None:
        """Take the layers in their order; a later one wins over an earlier one."""
        self._exact: dict[str, Kind] = {}
        globs: list[tuple[int, str, Kind]] = []
        for number, layer in enumerate(layers):
            for name, kind in layer.items():
                if any(sign in name for sign in "*?["):
                    globs.append((number, name, kind))
                else:
                    self._exact[name] = kind
        ordered = sorted(globs, key=lambda one: (-one[0], -len(one[1])))
        self._globs = [(re.compile(fnmatch.translate(name)), kind) for _, name, kind in ordered]
        self.kind = functools.lru_cache(4096)(self._kind)

    @property
    def every(self) -> bool:
        """Whether a key of any name has a kind."""
        return any(pattern.pattern == fnmatch.translate("*") for pattern, _ in self._globs)

    def _kind(self, name: str) -> Kind | None:
        if name in self._exact:
            return self._exact[name]
        return next((kind for pattern, kind in self._globs if pattern.match(name)), None)
