# SPDX-License-Identifier: Apache-2.0
"""Says what operator and mover tell each other: configuration in, events and an outcome out."""

from __future__ import annotations

import json
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from wpclone.api.choices import MAX_ADDRESSES, Additional, Content
from wpclone.api.databases import AllowedDatabase
from wpclone.api.model import Lenient, Strict
from wpclone.api.origins import ArchiveSource, DatabaseSource
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import AgentPolicy, SourceKind
from wpclone.api.text import clean
from wpclone.errors import InvalidSpec

# What kubelet keeps of a termination message is 4 KiB; we stay well below.
MAX_REPORT_BYTES: Final = 3072
MAX_SKIPPED: Final = 32
MAX_EXTENSIONS: Final = 64


class ExitCode(IntEnum):
    """How the mover ends (sysexits): the Job's podFailurePolicy tells these apart."""

    DONE = 0
    NEVER = 64
    AGAIN = 75


class OutcomeKind(StrEnum):
    """What came of a run of the mover."""

    INSPECTED = "Inspected"
    IMPORTED = "Imported"
    FAILED = "Failed"


class Mask(StrEnum):
    """How much personal data is masked while a site is copied."""

    NONE = "None"
    STANDARD = "Standard"
    STRICT = "Strict"

    def at_least(self, least: Mask) -> Mask:
        """Return the stronger one of two."""
        order = list(Mask)
        return max(self, least, key=order.index)


class AgentPresence(StrEnum):
    """How the agent plugin came to be on the source."""

    PRESENT = "present"
    INSTALLED = "installed"


class Inspection(Lenient):
    """What the source is, as the inspection saw it."""

    site_url: str = Field(default="", max_length=2048)
    home_url: str = Field(default="", max_length=2048)
    title: str = Field(default="", max_length=200)
    wordpress_version: str = Field(default="", max_length=32)
    db_version: str = Field(default="", max_length=64)
    php_version: str = Field(default="", max_length=32)
    table_prefix: str = Field(default="wp_", max_length=64)
    multisite: bool = False
    database_bytes: int = Field(default=0, ge=0)
    tables: int = Field(default=0, ge=0)
    rows: int = Field(default=0, ge=0)
    files: int = Field(default=0, ge=0)
    file_bytes: int = Field(default=0, ge=0)
    charset: str = Field(default="", max_length=32)
    php_extensions: tuple[str, ...] = Field(default=(), max_length=MAX_EXTENSIONS)
    # Extensions that plugins or the theme say they need, and which one does; judged, not told on.
    php_requirements: dict[str, str] = Field(default_factory=dict, exclude=True)
    agent: AgentPresence | None = None


class ParentClone(Strict):
    """The clone to be copied, and where its site answers inside the cluster."""

    name: str
    uid: str
    url: str
    # Its schema, where that is on the new clone's own server and open to it; else left out.
    database: str | None = Field(default=None, pattern=r"^[a-z0-9]{1,64}$")


class ImportSource(Strict):
    """The source to be copied."""

    kind: SourceKind
    url: str | None = None
    agent: AgentPolicy = AgentPolicy.AUTO
    title: str | None = None
    database: DatabaseSource | None = None
    archive: ArchiveSource | None = None
    clone: ParentClone | None = None


class NetworkConfig(Strict):
    """Where the mover may connect to; everything outside public address space is refused."""

    allow: tuple[str, ...] = ()
    http: bool = False
    proxy: str | None = None
    databases: tuple[AllowedDatabase, ...] | None = None


class S3Config(Strict):
    """Where the buckets of `s3://` addresses are."""

    endpoint: str = Field(default="", max_length=2048)
    region: str = Field(default="us-east-1", max_length=64)


class Limits(Strict):
    """The mover's budgets towards the source."""

    request_seconds: int = Field(default=15, ge=1, le=600)
    source_budget_seconds: int = Field(default=600, ge=1)
    max_source_bytes: int | None = Field(default=None, ge=1)
    parallel_files: int = Field(default=2, ge=1, le=16)
    # Bytes per second. Left out where there is no limit: a retry may run on an older mover.
    rate: int | None = Field(default=None, ge=1)


class SafetyConfig(Strict):
    """What the copy may do once it runs, as decided for this clone."""

    indexing: str = "Block"
    cron: str = "Block"
    mail: str = "Capture"
    payments: str = "Block"
    webhooks: str = "Block"
    updates: str = "Block"


class ImageConfig(Strict):
    """What the clone's site image brings."""

    wordpress_version: str | None = Field(default=None, max_length=32)
    # Left out where they are not known: a retry may run on an older mover.
    php_extensions: tuple[str, ...] | None = Field(default=None, max_length=256)


class ImportConfig(Strict):
    """The mover's configuration, handed over as JSON in WPCLONE_IMPORT."""

    attempt: int = Field(ge=1)
    source: ImportSource
    network: NetworkConfig = NetworkConfig()
    limits: Limits = Limits()
    inspection: Inspection | None = None
    safety: SafetyConfig = SafetyConfig()
    content: Content | None = None
    additional: tuple[Additional, ...] = Field(default=(), max_length=MAX_ADDRESSES)
    # Folders of plugins that are switched off: the installation's and the clone's own, resolved.
    plugins_off: tuple[str, ...] = ()
    # Left out where nothing is masked: a retry may run on a mover that is older than masking.
    mask: Mask | None = None
    image: ImageConfig | None = None
    # Left out where the buckets are where AWS has them, likewise.
    s3: S3Config | None = None

    @classmethod
    def read(cls, text: str) -> ImportConfig:
        """Return the configuration in `text`, or raise InvalidSpec with one sentence."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidSpec(f"WPCLONE_IMPORT: {where}: {first['msg']}") from None

    def text(self) -> str:
        """Return the JSON text; equal configurations give equal texts."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))


class Skipped(Lenient):
    """One thing that was left out of the copy, and why."""

    what: str = Field(max_length=200)
    why: str = Field(max_length=200)


class ImportResult(Lenient):
    """What was copied."""

    attempt: int = Field(default=1, ge=1)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    tables: int = Field(default=0, ge=0)
    rows: int = Field(default=0, ge=0)
    bytes: int = Field(default=0, ge=0)
    files: int = Field(default=0, ge=0)
    file_bytes: int = Field(default=0, ge=0)
    skipped: tuple[Skipped, ...] = Field(default=(), max_length=MAX_SKIPPED)
    neutralised: tuple[str, ...] = Field(default=(), max_length=MAX_SKIPPED)


class Proof(Lenient):
    """The proof that addresses were rewritten correctly."""

    values_rewritten: int = Field(default=0, ge=0)
    residual_urls: int = Field(default=0, ge=0)
    protected_urls: int = Field(default=0, ge=0)
    serialized_values: int = Field(default=0, ge=0)
    invalid_serialized_before: int = Field(default=0, ge=0)
    invalid_serialized_after: int = Field(default=0, ge=0)
    values_masked: int = Field(default=0, ge=0)


class Outcome(Lenient):
    """What a run of the mover says last: in its termination message and as its last event."""

    outcome: OutcomeKind
    reason: Reason | None = None
    message: str = Field(default="", max_length=1024)
    retryable: bool = False
    inspection: Inspection | None = None
    import_: ImportResult | None = None
    proof: Proof | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that belongs to this outcome."""
        if self.outcome is not OutcomeKind.FAILED:
            return ExitCode.DONE
        return ExitCode.AGAIN if self.retryable else ExitCode.NEVER

    @classmethod
    def failed(cls, reason: Reason, message: str, *, retryable: bool = False) -> Outcome:
        """Return the outcome of a run that could not do its work; the message is cleaned."""
        sentence = clean(message, 1024)
        return cls(outcome=OutcomeKind.FAILED, reason=reason, message=sentence, retryable=retryable)

    def termination_message(self) -> bytes:
        """Return valid JSON of at most MAX_REPORT_BYTES; lists lose their tail if need be."""
        full = self.to_json()
        for keep in (MAX_EXTENSIONS, 16, 8, 4, 0):
            text = _json(_shortened(full, keep))
            if len(text) <= MAX_REPORT_BYTES:
                return text
        # Only hostile addresses are this long; what the operator needs most is told without them.
        bare = Outcome(
            outcome=self.outcome,
            reason=self.reason,
            message=clean(self.message, 200),
            retryable=self.retryable,
        )
        return _json(bare.to_json())

    @classmethod
    def read(cls, text: str | bytes) -> Outcome | None:
        """Return the outcome in a termination message, or None if there is none to be read."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None


def _shortened(report: dict[str, Any], keep: int) -> dict[str, Any]:
    """Return a report with at most `keep` entries in each of its lists."""
    short = dict(report)
    lists = (("inspection", "phpExtensions"), ("import", "skipped"), ("import", "neutralised"))
    for part, name in lists:
        if name in short.get(part, {}):
            short[part] = {**short[part], name: short[part][name][:keep]}
    return short


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Progress(Lenient):
    """One line of the mover's standard output: how far the Job is."""

    event: Annotated[str, Field(pattern="^progress$")] = "progress"
    percent: int = Field(ge=0, le=100)
    detail: str = Field(default="", max_length=200)

    @classmethod
    def read(cls, line: str | bytes) -> Progress | None:
        """Return the progress in a line of the log, or None if the line tells of something else."""
        try:
            return cls.model_validate_json(line)
        except ValidationError:
            return None
