# SPDX-License-Identifier: Apache-2.0
"""Gives every model of ours the same manners: frozen, camelCase outside, snake_case inside."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

_ACRONYMS: Final = {"url": "URL", "urls": "URLs", "cpu": "CPU", "http": "HTTP"}


def camel(name: str) -> str:
    """Return a field's name as the API has it: `site_url` -> `siteURL`, `import_` -> `import`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(_ACRONYMS.get(word, word.capitalize()) for word in rest)


class Lenient(BaseModel):
    """A frozen model that overlooks what it does not know: for what we or our like have written."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=camel, populate_by_name=True
    )

    def to_json(self) -> dict[str, Any]:
        """Return the API form; what is not set is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Strict(Lenient):
    """A frozen model that refuses what it does not know: overlooking a wish could do harm."""

    model_config = ConfigDict(extra="forbid")
