# SPDX-License-Identifier: Apache-2.0
"""Shows what the charts render for staging and production, and what must hold of it.

UPDATE_GOLDEN=1 renews the files; the diff is reviewed like code.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from wpclone.controller.settings import Settings

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
PROFILES = ("staging", "production")
CHARTS = ("cluster", "operator")
Objects = Callable[[str, str], list[dict[str, Any]]]
# These are reviewed where they are made: crds/, kro/ and wordpress/guard.
_ELSEWHERE = ("CustomResourceDefinition", "ResourceGraphDefinition")


def _elsewhere(document: str) -> bool:
    kind = re.search(r"^kind: (\w+)$", document, re.MULTILINE)
    return kind is not None and kind[1] in _ELSEWHERE


def _without_code(document: str) -> str:
    if "\n  name: wpclone-guard-" not in document:
        return document
    return re.sub(r"\ndata:\n.*(?=\nimmutable:)", "\ndata: …", document, flags=re.DOTALL)


def golden(text: str) -> str:
    """Return a rendered chart without what is reviewed elsewhere and changes with it."""
    kept = [_without_code(part) for part in text.split("\n---\n") if not _elsewhere(part)]
    text = re.sub(r"wpclone-guard-[0-9a-f]{8}", "wpclone-guard-<hash>", "\n---\n".join(kept))
    return re.sub(r"(checksum/settings: )[0-9a-f]{64}", r"\1<hash>", text)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("chart", CHARTS)
def test_what_will_run(rendered: Callable[[str, str], str], chart: str, profile: str) -> None:
    """A reviewer reads the diff of what will run."""
    expected = HERE / f"{chart}-{profile}.golden.yaml"
    found = golden(rendered(chart, profile))
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_operator_can_read_its_settings(objects: Objects, profile: str) -> None:
    """Chart and operator agree on every key, and unknown ones are refused by the operator."""
    (config,) = (
        one
        for one in objects("operator", profile)
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].endswith("-settings")
    )
    settings = Settings.model_validate(yaml.safe_load(config["data"]["settings.yaml"]))
    assert settings.watch_namespace == f"wordpress-{profile}"
    guards = [
        one["metadata"]["name"]
        for one in objects("operator", profile)
        if one["metadata"]["name"].startswith("wpclone-guard-")
    ]
    assert guards == [settings.guard_config_map]


def test_the_chart_passes_on_every_setting(objects: Objects) -> None:
    """No setting of the operator is out of reach of whoever installs it."""
    (config,) = (
        one
        for one in objects("operator", "production")
        if one["metadata"]["name"].endswith("-settings")
    )
    given = yaml.safe_load(config["data"]["settings.yaml"])
    known = {str(field.alias) for field in Settings.model_fields.values()}
    # The Lease lives in the release's namespace, which the pod knows by itself.
    assert known - set(given) == {"namespaceOfLease"}


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_stays_in_its_namespaces(objects: Objects, profile: str) -> None:
    """The operator's chart makes nothing cluster-wide and names the namespace of each object."""
    for one in objects("operator", profile):
        assert not one["kind"].startswith("Cluster"), one["metadata"]["name"]
        namespace = one["metadata"]["namespace"]
        assert namespace in ("wpclone-system", f"wordpress-{profile}"), one["kind"]


def test_two_releases_share_no_object(objects: Objects) -> None:
    """Staging and production live beside each other, also in one release namespace."""
    staging, production = (
        {
            (one["kind"], one["metadata"]["namespace"], one["metadata"]["name"])
            for one in objects("operator", profile)
        }
        for profile in PROFILES
    )
    assert not staging & production


def _rules(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        rule for one in objects if one["kind"] in ("Role", "ClusterRole") for rule in one["rules"]
    ]


@pytest.mark.parametrize("chart", CHARTS)
def test_rights_are_spelled_out(objects: Objects, chart: str) -> None:
    """No wildcard, no exec, no escalation, no listing of Secrets; verbs and kinds in order."""
    for rule in _rules(objects(chart, "staging")):
        assert "*" not in json.dumps(rule)
        assert rule["verbs"] == sorted(rule["verbs"])
        assert rule["resources"] == sorted(rule["resources"])
        assert "pods/exec" not in rule["resources"]
        assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"])
        if "secrets" in rule["resources"]:
            assert not {"list", "watch", "update", "patch"} & set(rule["verbs"])


def test_kro_gets_the_kinds_of_the_graph_and_no_more(objects: Objects) -> None:
    """Kro may touch what the graph renders; a kind that is missing would make it stand still."""
    graph = yaml.safe_load((REPOSITORY / "kro/shared-database-site.yaml").read_text())
    rendered = {part["template"]["kind"].lower() for part in graph["spec"]["resources"]}
    plurals = {f"{kind}es" if kind.endswith("ess") else f"{kind}s" for kind in rendered}
    (role,) = (
        one
        for one in objects("cluster", "staging")
        if "rbac.kro.run/aggregate-to-controller" in one["metadata"]["labels"]
    )
    granted = {
        name
        for rule in role["rules"]
        if rule["apiGroups"] != ["sites.clones.betaweb.ai"]
        for name in rule["resources"]
    }
    assert granted == plurals


def test_every_policy_is_in_force(objects: Objects) -> None:
    """A policy without a binding enforces nothing, and nobody notices."""
    found = objects("cluster", "staging")
    policies, bound = (
        {one["metadata"]["name"] for one in found if one["kind"] == kind}
        for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    )
    assert policies == bound
    assert len(policies) == 10


@pytest.mark.parametrize(
    ("chart", "arguments", "said"),
    [
        ("operator", ["--set=typo=1"], "typo"),
        ("operator", ["--set=ingress.typo=1"], "typo"),
        ("operator", ["--set=watchNamespace="], "watchNamespace"),
        ("operator", ["--set=ttl.default=1d"], "default"),
        ("operator", ["--set=databases=null"], "databases"),
        ("operator", ["--set=images.pullPolicy=Sometimes"], "pullPolicy"),
        ("operator", ["--set=ingress.address=198.51.100.10"], "address"),
        ("cluster", ["--set=limits.maxTTL=1w"], "maxTTL"),
        ("cluster", ["--set=operatorAccounts=null"], "operatorAccounts"),
    ],
)
def test_wrong_values_are_named(
    attempt: Callable[..., subprocess.CompletedProcess[str]],
    chart: str,
    arguments: list[str],
    said: str,
) -> None:
    """A value that is unknown, missing or malformed is refused, and the message names it."""
    done = attempt(chart, "staging", *arguments)
    assert done.returncode != 0
    assert said in done.stderr


def _undescribed(schema: dict[str, Any], path: str) -> list[str]:
    missing = [] if path == "" or schema.get("description") or path.endswith("[]") else [path]
    if schema.get("type") == "object" and "properties" in schema:
        assert schema["additionalProperties"] is False, path
    for name, part in schema.get("properties", {}).items():
        missing += _undescribed(part, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        missing += _undescribed(schema["items"], f"{path}[]")
    return missing


@pytest.mark.parametrize("chart", CHARTS)
def test_every_value_is_described(chart: str) -> None:
    """values.schema.json says what each value is for, and refuses what it does not know."""
    folder = REPOSITORY / "charts" / f"wordpress-clone-{chart}"
    schema = json.loads((folder / "values.schema.json").read_text())
    assert _undescribed(schema, "") == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("chart", CHARTS)
def test_lint_is_silent(helm: str, chart: str, profile: str) -> None:
    """Helm's own linter finds nothing, warnings included."""
    done = subprocess.run(
        [
            helm,
            "lint",
            "--strict",
            "--quiet",
            str(REPOSITORY / "charts" / f"wordpress-clone-{chart}"),
            f"--values={HERE / f'{chart}-{profile}.values.yaml'}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # Lint cannot be told which kinds a cluster has; ours fails readably without kro.
    problems = [
        line
        for line in done.stdout.splitlines()
        if line.startswith("[") and "kro is not installed" not in line
    ]
    assert problems == []


def test_the_example_of_the_page_on_operations_renders(helm: str, tmp_path: Path) -> None:
    """What docs/operations.md shows for Amazon EKS is complete and valid, without a warning."""
    page = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "operator.yaml").write_text(example, encoding="utf-8")
    chart = str(REPOSITORY / "charts" / "wordpress-clone-operator")
    command = [helm, "install", "wpclone-operator", chart, "--dry-run=client"]
    done = subprocess.run(
        [*command, "--namespace=wpclone-system", f"--values={tmp_path / 'operator.yaml'}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout
