# SPDX-License-Identifier: Apache-2.0
"""Models WordPressClone.spec: what a person may ask for.

Descriptions are what `kubectl explain` shows. No field has a default where the operator has a
setting; `None` means "not asked for".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from wpclone.api.fields import Host, Image, Label, Lifetime, ObjectName, Quantity, SiteURL, Time
from wpclone.api.model import Strict
from wpclone.api.mover import AgentPolicy, Mask, SourceKind


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


class SecretRef(Strict):
    """Names a Secret in the clone's namespace."""

    name: ObjectName = Field(description="Name of a Secret in the same namespace.")


class SiteSource(Strict):
    """A live WordPress site, reached by its address and an administrator's login."""

    url: SiteURL = Field(
        description=(
            "Address of the live site, for example https://www.acme.example. https, without "
            "user name, query or fragment; a path is fine if WordPress lives in a folder."
        )
    )
    credentials_ref: SecretRef = Field(
        description=(
            "Secret with the login of an administrator on the source: keys username and password, "
            "or username and application-password, or agent-key of a paired agent. It must carry "
            "the label clones.betaweb.ai/source=true, and you must be allowed to read it."
        )
    )
    agent: AgentPolicy = Field(
        default=AgentPolicy.AUTO,
        description=(
            "Auto: the agent plugin is brought to the source if it is not there, and leaves again "
            "by itself. Existing: it must be there already."
        ),
    )


class BlankSource(Strict):
    """An empty WordPress."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="Title of the new site."
    )


class Source(Strict):
    """Where the content comes from: exactly one member."""

    site: SiteSource | None = Field(default=None, description="Copy a live WordPress site.")
    blank: BlankSource | None = Field(
        default=None, description="Copy nothing: an empty WordPress of the clone image's version."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Source:
        if (self.site is None) == (self.blank is None):
            raise ValueError("name exactly one of site, blank")
        return self

    @property
    def kind(self) -> SourceKind:
        """Which member is named."""
        return SourceKind.BLANK if self.site is None else SourceKind.SITE


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

    source: Source = Field(
        description="Where the content comes from; name exactly one of site, blank."
    )
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
    suspend: bool | None = Field(
        default=None, description="Stops the site's pods, and keeps everything. The ttl goes on."
    )
    site: Site | None = Field(default=None, description="The clone's own site.")
    privacy: Privacy | None = Field(
        default=None, description="What becomes of personal data while the site is copied."
    )
    safety: Safety | None = Field(
        default=None, description="What the clone may do to the world, and who may look at it."
    )
