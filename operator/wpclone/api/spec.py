# SPDX-License-Identifier: Apache-2.0
"""Models WordPressClone.spec: what a person may ask for.

Descriptions are what `kubectl explain` shows. No field has a default where the operator has a
setting; `None` means "not asked for".
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from wpclone.api.choices import Content, Plugins, Rewrite
from wpclone.api.fields import Host, Image, Label, Lifetime, Quantity, Time
from wpclone.api.model import Strict
from wpclone.api.mover import Mask
from wpclone.api.origins import EXACTLY_ONE, Source


class Access(StrEnum):
    """Who may look at a clone."""

    LINK = "Link"
    LOGIN = "Login"
    PUBLIC = "Public"


class Block(StrEnum):
    """A part of the clone that is always off."""

    BLOCK = "Block"


class Mail(StrEnum):
    """What becomes of mail that the clone sends."""

    CAPTURE = "Capture"


class Updates(StrEnum):
    """Whether the clone may update itself from the internet."""

    BLOCK = "Block"
    ALLOW = "Allow"


class Amounts(Strict):
    """Amounts of cpu and memory."""

    cpu: Quantity | None = Field(default=None, description="Processor time, for example 250m or 1.")
    memory: Quantity | None = Field(default=None, description="Memory, for example 256Mi.")


class Resources(Strict):
    """Resources of the site's pod."""

    requests: Amounts | None = Field(default=None, description="What the pod is given for sure.")
    limits: Amounts | None = Field(default=None, description="What the pod may use at most.")


class Site(Strict):
    """The clone's own site: image, address, size."""

    image: Image | None = Field(
        default=None,
        description=(
            "Container image of the site, from the namespace's allow-list. It must follow the "
            "contract of the official wordpress image. Default: the operator's image."
        ),
    )
    host: Host | None = Field(
        default=None,
        description=(
            "Host name of the clone, under the installation's domain. Default: <name>.<domain>."
        ),
    )
    resources: Resources | None = Field(
        default=None, description="Resources of the site's pod; a change restarts it."
    )
    storage: Quantity | None = Field(
        default=None,
        description=(
            "Size of the volume for files, for example 5Gi; it can only grow. Default: 1.3 times "
            "what the source's files need."
        ),
    )
    plugins: Plugins | None = Field(
        default=None,
        description="Which plugins are switched off in the clone, before its first page.",
    )


class Safety(Strict):
    """What the clone may do to the world, and who may look at it."""

    access: Access | None = Field(
        default=None,
        description=(
            "Who may look at the clone. Link: whoever has the secret link or logs in. Login: users "
            "who log in. Public: everybody."
        ),
    )
    mail: Mail | None = Field(
        default=None,
        description="Capture: mail is kept, readable in wp-admin under Tools, and never leaves.",
    )
    indexing: Block | None = Field(
        default=None, description="Block: search engines are told to stay away."
    )
    cron: Block | None = Field(default=None, description="Block: scheduled tasks do not run.")
    payments: Block | None = Field(default=None, description="Block: payment gateways are off.")
    webhooks: Block | None = Field(default=None, description="Block: webhooks are not delivered.")
    updates: Updates | None = Field(
        default=None,
        description=(
            "Whether WordPress, plugins and themes may be updated from the internet, as far as the "
            "installation's network policies let them; a change restarts the site's pod."
        ),
    )


class Privacy(Strict):
    """What becomes of personal data while the site is copied."""

    mask: Mask | None = Field(
        default=None,
        description=(
            "How much personal data is replaced by invented data while the content is copied. "
            "None: nothing; the clone holds the customers of the live site. Standard: names, "
            "logins, e-mail and postal addresses, telephone numbers, network addresses and answers "
            "to forms, in accounts, comments, orders, tables of plugins and serialized settings; "
            "formats stay, the same person is the same stand-in in every table and every clone of "
            "a customer, and the finished copy is searched for every address and number that was "
            "replaced. Strict: besides, notes, free text and what was ordered are left out, and so "
            "are hashes of passwords; in either mode no password of the source opens the clone. "
            "docs/masking.md lists the rules. Default: the operator's; a namespace may demand a "
            "least mask."
        ),
    )


class CloneSpec(Strict):
    """Everything a person may ask for."""

    source: Source = Field(description=f"Where the content comes from; {EXACTLY_ONE}.")
    customer: Label | None = Field(
        default=None, description="Tenant the clone belongs to, for labels, quota and reports."
    )
    ttl: Lifetime | None = Field(
        default=None,
        description=(
            "How long the clone lives, counted from the moment it is available: a duration such as "
            "4h, 90m or 72h, or Never. The namespace sets a ceiling."
        ),
    )
    extend_until: Time | None = Field(
        default=None,
        description=(
            "A later end, for example 2030-01-31T18:00:00Z. The clone ends at the later of ttl and "
            "this. No edit brings the end nearer than ten minutes from now. The namespace's "
            "ceiling counts from the clone's creation."
        ),
    )
    deletion_protection: bool | None = Field(
        default=None,
        description=(
            "While true, nobody deletes the clone, by hand, from Git or with its namespace. The "
            "ttl goes on: what is to stay needs ttl: Never, too."
        ),
    )
    suspend: bool | None = Field(
        default=None, description="Stops the site's pods, and keeps everything. The ttl goes on."
    )
    site: Site | None = Field(default=None, description="The clone's own site.")
    content: Content | None = Field(
        default=None, description="Which part of the source stays behind."
    )
    rewrite: Rewrite | None = Field(
        default=None, description="What else is rewritten beside the source's own address."
    )
    privacy: Privacy | None = Field(
        default=None, description="What becomes of personal data while the site is copied."
    )
    safety: Safety | None = Field(
        default=None, description="What the clone may do to the world, and who may look at it."
    )
