# SPDX-License-Identifier: Apache-2.0
"""Which program is started for each service, and with which flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.ack import programs, rights, settings
from local.errors import LocalError

PLACE = programs.Place("http://10.77.3.2:5000", Path("/etc/ack-rds.conf"), ("wordpress-staging",))


@pytest.mark.parametrize("name", settings.SERVICES)
def test_2_6_a_real_controller_takes_the_place_by_a_setting(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets exactly the flags of the stand-in, but for the two that are ours."""
    service = programs.SERVICES[name]
    monkeypatch.delenv(service.variable, raising=False)
    own = programs.command(service, PLACE)
    real = tmp_path / "controller"
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    monkeypatch.setenv(service.variable, str(real))
    theirs = programs.command(service, PLACE)
    assert theirs[0] == str(real)
    assert own[1:4] == ("-m", "local.ack", name)
    assert set(own[4:]) - set(theirs) == {"--requeue-seconds=30"}
    assert set(theirs[1:]) <= set(own)


def test_2_6_the_flags_are_those_of_the_real_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both endpoints, unsafe ones allowed, no CARM, and ports on loopback only."""
    service = programs.SERVICES["rds"]
    monkeypatch.delenv(service.variable, raising=False)
    flags = programs.flags(service, PLACE)
    assert flags == (
        "--aws-region=us-east-1",
        "--aws-endpoint-url=http://10.77.3.2:5000",
        "--aws-identity-endpoint-url=http://10.77.3.2:5000",
        "--allow-unsafe-aws-endpoint-urls",
        "--enable-carm=false",
        "--enable-cross-namespace=false",
        "--metrics-addr=127.0.0.1:8090",
        "--healthz-addr=127.0.0.1:8091",
        "--deletion-policy=delete",
        "--resource-tags=services.k8s.aws/controller-version="
        "%CONTROLLER_SERVICE%-%CONTROLLER_VERSION%,services.k8s.aws/namespace=%K8S_NAMESPACE%",
        "--reconcile-resources=DBInstance,DBSnapshot,DBSubnetGroup",
        "--reconcile-default-max-concurrent-syncs=1",
        "--reconcile-default-resync-seconds=36000",
        "--watch-namespace=wordpress-staging",
    )
    told = settings.read(["rds", *flags])
    assert told.namespaces == ("wordpress-staging",)
    assert told.workers("DBInstance") == 1
    assert not told.cross_namespace


def test_2_1_the_defaults_are_those_of_the_real_programs() -> None:
    """30 s while out of sync, ten hours otherwise, one at a time, everywhere, delete."""
    told = settings.read(["iam", "--aws-region=us-east-1"])
    assert told.requeue == 30
    assert told.resync_after("Role") == 36000
    assert told.workers("Role") == 1
    assert told.namespaces == ("",)
    assert told.deletion_policy == "delete"
    assert told.cross_namespace
    assert told.resource_tags == ()


def test_numbers_for_one_kind_win_over_those_for_all() -> None:
    """Kinds are named in any case."""
    told = settings.read(
        [
            "rds",
            "--aws-region=us-east-1",
            "--reconcile-default-max-concurrent-syncs=2",
            "--reconcile-resource-max-concurrent-syncs=DBInstance=5",
            "--reconcile-resource-resync-seconds=dbsnapshot=60",
        ]
    )
    assert told.workers("DBInstance") == 5
    assert told.workers("DBSnapshot") == 2
    assert told.resync_after("DBSnapshot") == 60


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--aws-endpoint-url=http://x"], "unsafe"),
        (["--deletion-policy=keep"], "invalid choice"),
        (["--enable-carm=maybe"], "invalid"),
        (["--reconcile-resource-max-concurrent-syncs=five"], "Kind=number"),
    ],
)
def test_a_wrong_flag_is_named(
    flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program ends with a sentence."""
    with pytest.raises(SystemExit):
        settings.read(["rds", "--aws-region=us-east-1", *flags])
    assert said in capsys.readouterr().err


def test_a_setting_that_names_no_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a part that dies at once."""
    service = programs.SERVICES["eks"]
    for named in (tmp_path / "nothing", tmp_path):
        monkeypatch.setenv(service.variable, str(named))
        with pytest.raises(LocalError, match="is no program"):
            programs.command(service, PLACE)


def test_a_controller_is_a_part_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lives in the node's network, is its chart's service account, and has its ports."""
    ports = set()
    for service in programs.SERVICES.values():
        monkeypatch.delenv(service.variable, raising=False)
        daemon = programs.daemon(service, PLACE, "netns")
        assert daemon.name == f"ack-{service.name}"
        assert "stand-in" in daemon.duty
        assert dict(daemon.env or {})["KUBECONFIG"] == str(PLACE.kubeconfig)
        user, groups = service.client
        assert user == f"system:serviceaccount:ack-system:ack-{service.name}-controller"
        assert "system:serviceaccounts:ack-system" in groups
        ports |= {service.port, service.port + 1}
    assert len(ports) == 6


def test_every_controller_may_read_what_its_references_lead_to() -> None:
    """An association of EKS refers to a role of IAM."""
    roles = {one["metadata"]["name"]: one for one in rights.manifests() if "rules" in one}
    readable = {
        group
        for rule in roles["ack-eks-controller"]["rules"]
        if "get" in rule["verbs"]
        for group in rule["apiGroups"]
    }
    assert {"iam.services.k8s.aws", "eks.services.k8s.aws"} <= readable
