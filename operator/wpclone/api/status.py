# SPDX-License-Identifier: Apache-2.0
"""Models WordPressClone.status: what was observed and decided, written by the operator only."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from wpclone.api.fields import Count, Lifetime, Time
from wpclone.api.model import Lenient

MAX_DETAIL: Final = 256  # characters of `progress.detail`

Short = Annotated[str, StringConstraints(max_length=64)]
Name = Annotated[str, StringConstraints(max_length=253)]
Line = Annotated[str, StringConstraints(max_length=512)]
Address = Annotated[str, StringConstraints(max_length=2048)]
Number = Count | None


class ConditionStatus(Lenient):
    """One condition, as stored."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="What the condition is about."
    )
    status: Annotated[str, StringConstraints(pattern="^(True|False|Unknown)$", max_length=7)] = (
        Field(description="True, False or Unknown.")
    )
    reason: Annotated[
        str, StringConstraints(pattern="^[A-Za-z]([A-Za-z0-9]*)$", min_length=1, max_length=64)
    ] = Field(description="Why, in one CamelCase word.")
    message: Annotated[str, StringConstraints(max_length=1024)] = Field(
        default="", description="Why, in a sentence, and what to do next."
    )
    observed_generation: Count = Field(
        default=0, description="The generation of the spec that the condition speaks of."
    )
    last_transition_time: Time = Field(description="When the status last changed.")


class Reference(Lenient):
    """Names an object in the clone's namespace."""

    name: Name = Field(description="Name of the object.")


class GraphReference(Lenient):
    """Names the KRO instance behind the clone."""

    kind: Short = Field(description="Kind of the instance.")
    name: Name = Field(description="Name of the instance.")


class ProgressStatus(Lenient):
    """How far the clone is."""

    percent: Annotated[int, Field(ge=0, le=100, json_schema_extra={"format": "int32"})] = Field(
        default=0, description="0 to 100."
    )
    detail: Annotated[str, StringConstraints(max_length=MAX_DETAIL)] = Field(
        default="", description="What is being done, in one sentence."
    )


class SourceStatus(Lenient):
    """What the source is, as the inspection saw it."""

    display: Annotated[str, StringConstraints(max_length=256)] | None = Field(
        default=None, description="The source in short, for people."
    )
    site_url: Address | None = Field(default=None, description="Address the source uses itself.")
    wordpress_version: Short | None = Field(default=None, description="Version of WordPress.")
    php_version: Short | None = Field(default=None, description="Version of PHP.")
    table_prefix: Short | None = Field(default=None, description="Prefix of the database tables.")
    multisite: bool | None = Field(default=None, description="Whether it is a network of sites.")
    database_bytes: Number = Field(default=None, description="Size of the database.")
    files: Number = Field(default=None, description="Number of files.")
    file_bytes: Number = Field(default=None, description="Size of the files.")


class ResolvedStatus(Lenient):
    """What was decided once, from spec, settings and inspection."""

    image: Line | None = Field(default=None, description="Image of the site.")
    image_digest: Line | None = Field(default=None, description="Digest of the running image.")
    storage: Short | None = Field(default=None, description="Size of the volume for files.")
    database_mode: Short | None = Field(default=None, description="How the database is provided.")
    database_server: Name | None = Field(default=None, description="Name of the database server.")
    host: Name | None = Field(default=None, description="Host name of the clone.")
    mask: Short | None = Field(
        default=None, description="How much personal data was masked: None, Standard or Strict."
    )
    ttl: Lifetime | None = Field(default=None, description="Lifetime from being available.")
    graph: Short | None = Field(default=None, description="Graph definition and its generation.")


class SkippedStatus(Lenient):
    """One thing that was left out of the copy."""

    what: Annotated[str, StringConstraints(max_length=256)] = Field(description="What.")
    why: Annotated[str, StringConstraints(max_length=256)] = Field(description="Why.")


class ProofStatus(Lenient):
    """The proof that addresses were rewritten correctly."""

    values_rewritten: Number = Field(default=None, description="Values that were changed.")
    residual_urls: Number = Field(
        default=None, description="Old addresses left where they should have been rewritten."
    )
    protected_urls: Number = Field(
        default=None, description="Old addresses left on purpose, such as post guids."
    )
    serialized_values: Number = Field(default=None, description="Serialized PHP values seen.")
    invalid_serialized_before: Number = Field(
        default=None, description="Serialized values that were broken on the source already."
    )
    invalid_serialized_after: Number = Field(
        default=None, description="Serialized values that are broken in the clone."
    )
    values_masked: Number = Field(
        default=None, description="Values in which personal data was replaced or removed."
    )


class ImportStatus(Lenient):
    """What was copied."""

    attempt: Number = Field(default=None, description="Number of the attempt.")
    started_at: Time | None = Field(default=None, description="When the import began.")
    finished_at: Time | None = Field(default=None, description="When the import ended.")
    tables: Number = Field(default=None, description="Tables copied.")
    rows: Number = Field(default=None, description="Rows copied.")
    bytes: Number = Field(default=None, description="Bytes of SQL copied.")
    files: Number = Field(default=None, description="Files copied.")
    file_bytes: Number = Field(default=None, description="Bytes of files copied.")
    skipped: tuple[SkippedStatus, ...] = Field(
        default=(), max_length=32, description="What was left out, and why."
    )
    proof: ProofStatus | None = Field(default=None, description="The proof of correctness.")


class DatabaseStatus(Lenient):
    """Where the clone's data is."""

    host: Name | None = Field(default=None, description="Host of the database server.")
    name: Short | None = Field(default=None, description="Name of the schema.")


class SafetyStatus(Lenient):
    """What was observed to be in force."""

    guard_version: Short | None = Field(default=None, description="Version of the guard.")
    neutralised: tuple[Annotated[str, StringConstraints(max_length=128)], ...] = Field(
        default=(), max_length=32, description="What was switched off in the copy."
    )
    mails_captured: Number = Field(default=None, description="Mails kept from leaving.")


class TimingsStatus(Lenient):
    """How many seconds each step took."""

    inspect: Number = Field(default=None, description="Seconds of the inspection.")
    database: Number = Field(default=None, description="Seconds to make the database.")
    import_: Number = Field(default=None, description="Seconds of the import.")
    start: Number = Field(default=None, description="Seconds to start the site.")


class CloneStatus(Lenient):
    """Everything the operator says of a clone."""

    observed_generation: Count | None = Field(
        default=None, description="The generation of the spec that this status speaks of."
    )
    conditions: tuple[ConditionStatus, ...] = Field(
        default=(),
        max_length=16,
        description=(
            "Ready is the summary; SourceReady, DatabaseReady, ContentReady and SiteReady are its "
            "parts. Reconciling and Stalled are there only while true."
        ),
    )
    url: Address | None = Field(default=None, description="Public address of the clone.")
    credentials_ref: Reference | None = Field(
        default=None,
        description="Secret with the clone's address, the link that opens it, and its login.",
    )
    available_at: Time | None = Field(default=None, description="When it first was available.")
    expires_at: Time | None = Field(default=None, description="When the clone goes off line.")
    recoverable_until: Time | None = Field(
        default=None, description="Until when raising extendUntil brings an expired clone back."
    )
    progress: ProgressStatus | None = Field(default=None, description="How far the clone is.")
    source: SourceStatus | None = Field(default=None, description="What the source is.")
    resolved: ResolvedStatus | None = Field(default=None, description="What was decided once.")
    import_: ImportStatus | None = Field(default=None, description="What was copied.")
    database: DatabaseStatus | None = Field(default=None, description="Where the data is.")
    graph_ref: GraphReference | None = Field(
        default=None, description="The KRO instance behind the clone."
    )
    safety: SafetyStatus | None = Field(
        default=None, description="What was observed to be in force."
    )
    timings: TimingsStatus | None = Field(
        default=None, description="How many seconds each step took."
    )

    def condition(self, kind: str) -> ConditionStatus | None:
        """Return the stored condition of a type: to be told by, never to act by."""
        return next((known for known in self.conditions if known.type == kind), None)
