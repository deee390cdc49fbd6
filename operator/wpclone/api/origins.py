# SPDX-License-Identifier: Apache-2.0
"""Models WordPressClone.spec.source: the places that a clone's content may come from."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from wpclone.api.fields import ArchiveURI, DatabaseHost, ObjectName, Schema, SiteURL
from wpclone.api.model import Strict
from wpclone.api.sourcekinds import AgentPolicy, ArchiveFormat, SourceKind, TLSMode

EXACTLY_ONE: Final = "name exactly one of site, database, archive, clone, blank"


class SecretRef(Strict):
    """Names a Secret in the clone's namespace."""

    name: ObjectName = Field(description="Name of a Secret in the same namespace.")


class ConfigMapRef(Strict):
    """Names a ConfigMap in the clone's namespace."""

    name: ObjectName = Field(description="Name of a ConfigMap in the same namespace.")


class ClaimRef(Strict):
    """Names a volume claim in the clone's namespace."""

    name: ObjectName = Field(description="Name of a PersistentVolumeClaim in the same namespace.")


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


class TLS(Strict):
    """How the connection to a source's database is protected."""

    mode: TLSMode = Field(
        default=TLSMode.VERIFY_IDENTITY,
        description=(
            "VerifyIdentity: encrypted, and the certificate is for this host. VerifyCA: encrypted, "
            "and the certificate is of a known authority. Required: encrypted, whoever answers. "
            "Disabled: not encrypted."
        ),
    )
    ca_ref: ConfigMapRef | None = Field(
        default=None,
        description=(
            "ConfigMap with the authority that signed the server's certificate, in its key ca.crt. "
            "Default: the authorities that the mover's image knows."
        ),
    )


class Files(Strict):
    """Where the files of a database's site are: exactly one member."""

    uri: ArchiveURI | None = Field(
        default=None,
        description=(
            "A tar archive, gzipped or not, of the folder that holds wp-content: https://… or "
            "s3://bucket/key."
        ),
    )
    claim_ref: ClaimRef | None = Field(
        default=None, description="Volume that holds the folder wp-content; it is only read."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Files:
        if (self.uri is None) == (self.claim_ref is None):
            raise ValueError("name exactly one of uri, claimRef")
        return self


class DatabaseSource(Strict):
    """A site's database that can be reached from the cluster, and a place with its files."""

    host: DatabaseHost = Field(
        description="Host of a MySQL or MariaDB server that the installation allows as a source."
    )
    port: int = Field(default=3306, ge=1, le=65_535, description="Port of the server.")
    name: Schema = Field(description="Name of the site's schema.")
    table_prefix: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_]{1,64}$")] | None = Field(
        default=None,
        max_length=64,
        description="Prefix of the site's tables, such as wp_. Default: what the tables tell.",
    )
    credentials_ref: SecretRef = Field(
        description=(
            "Secret with a login that can read the schema: keys username and password. It must "
            "carry the label clones.betaweb.ai/source=true, and you must be allowed to read it."
        )
    )
    tls: TLS | None = Field(
        default=None, description="How the connection is protected. Default: VerifyIdentity."
    )
    site_url: SiteURL | None = Field(
        default=None,
        alias="siteURL",
        description="Address of the site. Default: what its option home says.",
    )
    files: Files = Field(
        description="Where the site's files are; name exactly one of uri, claimRef."
    )


class ArchiveSource(Strict):
    """An export of a site, or a dump of its database with an archive of wp-content."""

    uri: ArchiveURI = Field(
        description=(
            "Where the archive is: https://… without a query, or s3://bucket/key. An address that "
            "is itself a secret goes into the key url of the Secret instead; name here what "
            "comes before its query."
        )
    )
    format: ArchiveFormat = Field(
        default=ArchiveFormat.AUTO,
        description=(
            "Export: written by `wpclone export`. Dump: an archive that holds an SQL dump and "
            "wp-content. Auto: whichever it is."
        ),
    )
    credentials_ref: SecretRef | None = Field(
        default=None,
        description=(
            "Secret for the archive: keys access-key-id and secret-access-key for s3://, username "
            "and password for https://, or url with the whole address. It must carry the label "
            "clones.betaweb.ai/source=true, and you must be allowed to read it."
        ),
    )
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None,
        max_length=64,
        description="Checksum of the whole archive; another one is refused.",
    )


class CloneSource(Strict):
    """Another clone in this namespace: a copy of a copy."""

    name: ObjectName = Field(
        description=(
            "Name of a clone in the same namespace, of the same customer, that has its content. "
            "The copy is never masked less than it."
        )
    )


class Source(Strict):
    """Where the content comes from: exactly one member."""

    site: SiteSource | None = Field(default=None, description="Copy a live WordPress site.")
    database: DatabaseSource | None = Field(
        default=None, description="Copy a site's database and files, without the site's help."
    )
    archive: ArchiveSource | None = Field(
        default=None, description="Unpack an export, or a dump with wp-content."
    )
    clone: CloneSource | None = Field(default=None, description="Copy another clone.")
    blank: BlankSource | None = Field(
        default=None, description="Copy nothing: an empty WordPress of the clone image's version."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Source:
        if len(self._named()) != 1:
            raise ValueError(EXACTLY_ONE)
        return self

    def _named(self) -> list[SourceKind]:
        members = {
            SourceKind.SITE: self.site,
            SourceKind.DATABASE: self.database,
            SourceKind.ARCHIVE: self.archive,
            SourceKind.CLONE: self.clone,
            SourceKind.BLANK: self.blank,
        }
        return [kind for kind, member in members.items() if member is not None]

    @property
    def kind(self) -> SourceKind:
        """Which member is named."""
        return self._named()[0]

    @property
    def inspected(self) -> bool:
        """Whether there is anything to look at before the clone is made."""
        return self.blank is None

    @property
    def secret(self) -> str | None:
        """Name of the Secret that a person made for this source, if it needs one."""
        named = self.site or self.database or self.archive
        return named.credentials_ref.name if named and named.credentials_ref else None

    @property
    def claim(self) -> str | None:
        """Name of the volume claim that the source's files are on, if they are."""
        claim = self.database.files.claim_ref if self.database else None
        return claim.name if claim else None

    @property
    def authority(self) -> str | None:
        """Name of the ConfigMap with the authority of the source's own server, if it has one."""
        tls = self.database.tls if self.database else None
        return tls.ca_ref.name if tls and tls.ca_ref else None
