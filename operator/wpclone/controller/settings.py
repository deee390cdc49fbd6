# SPDX-License-Identifier: Apache-2.0
"""Reads the operator's settings once: one YAML file, nothing else."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from wpclone.api.choices import PluginFolder
from wpclone.api.databases import AllowedDatabase
from wpclone.api.durations import Duration
from wpclone.api.fields import Lifetime, Quantity
from wpclone.api.mover import Mask
from wpclone.api.spec import Access, Updates
from wpclone.errors import InvalidSpec

PATH: Final = "/etc/wpclone/settings.yaml"
VARIABLE: Final = "WPCLONE_SETTINGS"
_SPELLED: Final = {
    "allow_http_sources": "allowHTTPSources",
    "source_allow_cidrs": "sourceAllowCIDRs",
    "proxy_url": "proxyURL",
    "cpu_request": "cpuRequest",
    "cpu_limit": "cpuLimit",
    "site_wordpress": "siteWordPress",
    "site_php_extensions": "sitePHPExtensions",
}


def _alias(name: str) -> str:
    return _SPELLED.get(name) or to_camel(name)


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_alias, populate_by_name=True
    )


class Images(_Part):
    """What the pods of clones run."""

    site: str
    site_wordpress: str = ""  # what the site image brings; "" is not known and not compared
    site_php_extensions: tuple[str, ...] = ()  # in lower case; none are known, none are compared
    mover: str
    pull_policy: str = "IfNotPresent"
    pull_secret: str = ""


class Ingress(_Part):
    """How clones are reached."""

    class_name: str = ""
    annotations: dict[str, str] = Field(default_factory=dict)
    tls_secret: str = ""
    address: str = ""  # "ip:port": where the outside-in check connects; "" resolves the host
    ca_file: str = ""


class S3(_Part):
    """Where the buckets of archives are."""

    endpoint: str = Field(default="", pattern=r"^(https?://[^/?#@\s]+/?)?$", max_length=2048)
    region: str = Field(default="us-east-1", pattern="^[a-z0-9-]{1,64}$")


class TTL(_Part):
    """How long clones live that do not say."""

    default: Lifetime = timedelta(hours=4)


class Slots(_Part):
    """How many may run at once."""

    slots: int = Field(default=3, ge=1, le=1000)


class DatabaseServer(_Part):
    """A shared server, and the account that makes schemas on it."""

    name: str
    host: str
    port: int = 3306
    secret_dir: Path
    ca_file: str = ""
    max_user_connections: int = Field(default=20, ge=1)


class Storage(_Part):
    """The volume of a clone's files."""

    class_name: str = ""
    access_mode: str = "ReadWriteOnce"
    minimum: Quantity = "1Gi"
    factor: float = Field(default=1.3, ge=1.0, le=10.0)


class SiteResources(_Part):
    """What a site's pod may use, unless the clone says otherwise."""

    cpu_request: Quantity = "100m"
    cpu_limit: Quantity = "1"
    memory_request: Quantity = "256Mi"
    memory_limit: Quantity = "512Mi"


class MoverResources(_Part):
    """What a mover's pod may use."""

    cpu_request: Quantity = "250m"
    memory_request: Quantity = "256Mi"
    memory_limit: Quantity = "512Mi"
    tmp_size: Quantity = "2Gi"


class Resources(_Part):
    """Resources per kind of pod."""

    site: SiteResources = SiteResources()
    mover: MoverResources = MoverResources()


class Where(_Part):
    """On which nodes."""

    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: list[dict[str, Any]] = Field(default_factory=list)


class Placement(_Part):
    """On which nodes each kind of pod runs."""

    site: Where = Where()
    mover: Where = Where()


class Safety(_Part):
    """What holds where a clone does not say."""

    access: Access = Access.LINK
    updates: Updates = Updates.BLOCK


class Privacy(_Part):
    """How much personal data is masked."""

    mask: Mask = Mask.NONE  # where a clone does not say
    least: Mask = Mask.NONE  # whatever a clone says
    rules_config_map: str = "wpclone-mask-rules"


class Plugins(_Part):
    """Which plugins do harm in a copy, or only make it slow."""

    deactivate: tuple[PluginFolder, ...] = ()


class Timing(_Part):
    """How often and how long; scaled down by tests."""

    resync: Duration = timedelta(minutes=10)
    poll: Duration = timedelta(seconds=5)
    lease_duration: Duration = timedelta(seconds=15)
    lease_renew: Duration = timedelta(seconds=10)
    lease_retry: Duration = timedelta(seconds=2)

    @model_validator(mode="after")
    def _ordered(self) -> Timing:
        if not self.lease_retry < self.lease_renew < self.lease_duration:
            raise ValueError("leaseRetry < leaseRenew < leaseDuration must hold")
        return self


class Log(_Part):
    """What is logged, and how."""

    level: str = "info"
    format: str = Field(default="json", pattern="^(json|console)$")


class Settings(_Part):
    """Everything that one installation decides."""

    watch_namespace: str
    installation: str = Field(min_length=1, max_length=63)
    domain: str
    allow_http_sources: bool = False
    source_allow_cidrs: tuple[str, ...] = ()
    source_databases: tuple[AllowedDatabase, ...] = ()
    source_budget: Duration = timedelta(minutes=10)
    source_rate: Quantity | Literal[""] = ""  # bytes per second; "" is no limit
    source_parallel: int = Field(default=2, ge=1, le=16)
    images: Images
    guard_config_map: str
    ca_config_map: str = "wpclone-ca"
    ingress: Ingress = Ingress()
    ttl: TTL = TTL()
    provisioning_deadline: Duration = timedelta(hours=1)
    failed_ttl: Duration = Field(default=timedelta(hours=1), alias="failedTTL")
    recoverable: Duration = timedelta(hours=1)
    retain_reaped: Duration = timedelta(hours=24)
    minimum_remaining: Duration = timedelta(minutes=10)
    imports: Slots = Slots()
    inspections: Slots = Slots(slots=4)
    databases: tuple[DatabaseServer, ...] = Field(min_length=1)
    storage: Storage = Storage()
    resources: Resources = Resources()
    placement: Placement = Placement()
    proxy_url: str = ""
    s3: S3 = S3()
    safety: Safety = Safety()
    privacy: Privacy = Privacy()
    plugins: Plugins = Plugins()
    timing: Timing = Timing()
    log: Log = Log()
    namespace_of_lease: str = ""

    @property
    def poll(self) -> float:
        """How often, in seconds, to look at what sends no events."""
        return self.timing.poll.total_seconds()

    def server(self, name: str) -> DatabaseServer | None:
        """Return the database server of that name."""
        return next((known for known in self.databases if known.name == name), None)


def load() -> Settings:
    """Return the settings of this process; InvalidSpec, in one sentence, if they cannot be used."""
    path = Path(os.environ.get(VARIABLE, PATH))
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings = Settings.model_validate(raw)
    except OSError as error:
        raise InvalidSpec(f"the settings {path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InvalidSpec(f"the settings {path} are no YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InvalidSpec(f"the settings {path}: {where}: {first['msg']}") from error
    lease = settings.namespace_of_lease or os.environ.get("POD_NAMESPACE", "")
    return settings.model_copy(update={"namespace_of_lease": lease or settings.watch_namespace})
