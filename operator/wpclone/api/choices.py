# SPDX-License-Identifier: Apache-2.0
"""Models what a person chooses of a source's content: what stays behind, what else is rewritten."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints, WithJsonSchema, model_validator

from wpclone.api import cel
from wpclone.api.fields import SiteURL
from wpclone.api.model import Strict

MAX_PATTERNS: Final = 32
MAX_ADDRESSES: Final = 16
MAX_PLUGINS: Final = 64
MAX_PATH: Final = 256
MAX_TABLE: Final = 64
MAX_FOLDER: Final = 100
# Without the rows of one of these there is no WordPress.
CORE_TABLES: Final = (
    *("commentmeta", "comments", "links", "options", "postmeta", "posts", "term_relationships"),
    *("term_taxonomy", "termmeta", "terms", "usermeta", "users"),
)
PATH_PATTERN: Final = r"^[^/\x00-\x1f]([^\x00-\x1f]*[^/\x00-\x1f])?/?$"
TABLE_PATTERN: Final = r"^[A-Za-z0-9_*?]+$"
FOLDER_PATTERN: Final = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"
BOTH_WAYS: Final = "a plugin stands in deactivate or in keepActive, not in both"
_CORE: Final = ", ".join(f"'{name}'" for name in (*CORE_TABLES, *(f"wp_{n}" for n in CORE_TABLES)))

PathGlob = Annotated[
    str,
    StringConstraints(pattern=PATH_PATTERN, max_length=MAX_PATH),
    WithJsonSchema(
        cel.text(
            MAX_PATH,
            cel.rule(
                "self.size() > 0 && !self.startsWith('/') && "
                "!self.matches('(^|/)([.][.]?|)/') && !self.matches('(^|/)[.][.]?$') && "
                "!self.matches('[[:cntrl:]]')",
                "must be a path below the site's folder, such as wp-content/uploads/2019 or "
                "wp-content/**/*.mp4, without a slash in front and without ..",
            ),
        )
    ),
]
TableGlob = Annotated[
    str,
    StringConstraints(pattern=TABLE_PATTERN, max_length=MAX_TABLE),
    WithJsonSchema(
        cel.text(
            MAX_TABLE,
            cel.rule(
                f"self.matches('{TABLE_PATTERN}')",
                "must be the name of a table, such as wp_redirection_404 or *_log, of letters, "
                "digits, underscores, * and ?",
            ),
            cel.rule(
                f"!self.matches('{TABLE_PATTERN}') || ![" + _CORE + "].exists(core, core.matches("
                "'^' + self.replace('*', '.*').replace('?', '.') + '$'))",
                "must not match a table of WordPress itself: without the rows of wp_posts, "
                "wp_options, wp_users and the like there is no site",
            ),
        )
    ),
]
PluginFolder = Annotated[
    str,
    StringConstraints(pattern=FOLDER_PATTERN, max_length=MAX_FOLDER),
    WithJsonSchema(
        cel.text(
            MAX_FOLDER,
            cel.rule(
                f"self.matches('{FOLDER_PATTERN}')",
                "must be the name of a folder in wp-content/plugins, such as wordfence",
            ),
        )
    ),
]


class Uploads(StrEnum):
    """What becomes of the media library's files."""

    COPY = "Copy"
    SKIP = "Skip"


class Content(Strict):
    """Which part of the source stays behind."""

    exclude: tuple[PathGlob, ...] = Field(
        default=(),
        max_length=MAX_PATTERNS,
        description=(
            "Files that stay behind: paths below the site's folder, the one that holds wp-content. "
            "* stands for any part of a name, ? for one character, [a-c] for one of some, and ** "
            "for any folders; a folder takes all that is in it along. Examples: "
            "wp-content/uploads/2019, wp-content/**/*.mp4. Caches, logs and backups never come."
        ),
    )
    exclude_tables: tuple[TableGlob, ...] = Field(
        default=(),
        max_length=MAX_PATTERNS,
        description=(
            "Tables whose rows stay behind; the tables themselves come, empty, so that their "
            "plugins still work. Names with or without the site's prefix; * stands for any "
            "characters, ? for one. Tables of WordPress itself cannot be named."
        ),
    )
    uploads: Uploads | None = Field(
        default=None,
        description=(
            "Copy (as without the field): the files of wp-content/uploads come along. Skip: they "
            "stay behind, and their places in the clone's pages stay empty."
        ),
    )


class Additional(Strict):
    """One more address to be rewritten."""

    from_: SiteURL = Field(
        alias="from",
        description=(
            "Address that the source's content names beside its own, such as "
            "https://cdn.acme.example or an old domain; with and without www, below http and https."
        ),
    )
    to: SiteURL | None = Field(
        default=None,
        description="Address that takes its place in the clone. Default: the clone's own address.",
    )


class Rewrite(Strict):
    """What else is rewritten beside the source's own address."""

    additional: tuple[Additional, ...] = Field(
        default=(),
        max_length=MAX_ADDRESSES,
        description=(
            "Further addresses to rewrite, at most 16. All are replaced in one pass, the longest "
            "first, so what takes the place of one is never rewritten by another."
        ),
    )

    @model_validator(mode="after")
    def _one_each(self) -> Rewrite:
        named = [pair.from_ for pair in self.additional]
        if len(set(named)) != len(named):
            raise ValueError("an address may be named only once")
        return self


class Plugins(Strict):
    """Which plugins are switched off in the clone, beside those that the installation names."""

    deactivate: tuple[PluginFolder, ...] = Field(
        default=(),
        max_length=MAX_PLUGINS,
        description=(
            "Plugins that are switched off in the clone before its first page: the names of their "
            "folders in wp-content/plugins. Their files come along."
        ),
    )
    keep_active: tuple[PluginFolder, ...] = Field(
        default=(),
        max_length=MAX_PLUGINS,
        description=(
            "Plugins that stay active although the installation switches them off in clones, as it "
            "does with known plugins for security, caches, backups, CDNs and mail."
        ),
    )

    @model_validator(mode="after")
    def _not_both(self) -> Plugins:
        if set(self.deactivate) & set(self.keep_active):
            raise ValueError(BOTH_WAYS)
        return self
