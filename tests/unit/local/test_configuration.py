# SPDX-License-Identifier: Apache-2.0
"""What the parts of a cluster are told."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from local import (
    apache,
    identities,
    images,
    manifests,
    node,
    packages,
    pki,
    programs,
    rootfs,
    services,
)
from local.__main__ import main
from local.addresses import Addresses
from local.demo.__main__ import main as demo
from local.errors import LocalError
from local.mariadb import quote
from local.paths import Layout, write
from local.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a cluster that exists on paper."""
    return World(Addresses("paper", 3), Layout(tmp_path / "paper"))


def test_everything_a_runtime_keeps_lies_below_the_cluster(world: World) -> None:
    """State, sockets and the pods' namespaces are found again by a look below one directory."""
    config = tomllib.loads(node.containerd_config(world))
    root = str(world.at.root)
    assert all(str(config[key]).startswith(root) for key in ("root", "state"))
    assert config["grpc"]["address"].startswith(root)
    assert config["plugins"]["io.containerd.grpc.v1.cri"]["netns_mounts_under_state_dir"] is True


def test_nothing_listens_on_all_addresses_of_the_node_but_dns(world: World) -> None:
    """The kubelet binds to the node's own address and its health port to loopback."""
    config = node.kubelet_config(world)
    assert config["address"] == world.net.node
    assert config["healthzBindAddress"] == "127.0.0.1"
    assert json.loads(json.dumps(config)) == config


def test_the_name_server_asks_hosts_before_it_denies(world: World) -> None:
    """Hosts outside the cluster come before the answer that nothing else exists."""
    text = services.corefile(world)
    assert text.index("hosts ") < text.index("kubernetes ") < text.index("NXDOMAIN")
    assert f'answer "{{{{ .Name }}}} 1 IN A {world.net.node}"' in text


def test_a_database_instance_is_found_by_its_name_alone(world: World) -> None:
    """The address stands in the name that AWS tells, so no record has to be kept."""
    text = services.corefile(world)
    pattern = re.search(r'template IN A rds.test {\n +match "(.+)"', text)
    assert pattern is not None
    found = re.search(pattern[1], "wpc-a-1-2.10-79-3-17.rds.test.")
    assert found is not None
    assert ".".join(found.groups()) == "10.79.3.17"
    assert re.search(pattern[1], "wpc-1-2-3-4.rds.test.") is None


def test_outside_hosts_are_written_with_the_database(world: World) -> None:
    """The name server's file knows the shared database whatever else it is told."""
    services.write_hosts(world, {"www.acme.test": "10.78.3.2"})
    lines = (world.at.etc / "hosts").read_text().splitlines()
    node = world.net.node
    assert lines == [f"{node} aws.test", f"{node} shared-db.test", "10.78.3.2 www.acme.test"]


def test_a_name_server_of_an_older_version_is_started_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would not know new domains; the sites outside that it was told of stay known."""
    monkeypatch.setattr(programs, "binary", lambda name: Path("/bin", name))
    assert services.outdated(world)
    write(world.at.etc / "hosts", "10.77.3.2 shared-db.test\n10.78.3.2 www.acme.test\n")
    services.coredns(world)
    assert not services.outdated(world)
    hosts = (world.at.etc / "hosts").read_text()
    assert "aws.test" in hosts
    assert "www.acme.test" in hosts
    write(world.at.etc / "Corefile", "other")
    assert services.outdated(world)


def test_only_one_storage_class_is_the_default(world: World) -> None:
    """A claim without a class gets the plain one, and both delete what they made."""
    classes = [each for each in manifests.base(world) if each["kind"] == "StorageClass"]
    assert {each["reclaimPolicy"] for each in classes} == {"Delete"}
    key = "storageclass.kubernetes.io/is-default-class"
    defaults = [each for each in classes if each["metadata"]["annotations"][key] == "true"]  # type: ignore[index]
    assert [each["metadata"]["name"] for each in defaults] == ["local"]  # type: ignore[index]


def test_kro_is_its_service_account_and_no_administrator() -> None:
    """The certificate has the name that the chart's roles speak of, and no masters' group."""
    user, groups = identities.CLIENTS["kro"]
    assert user == "system:serviceaccount:kro-system:kro"
    assert "system:masters" not in groups


def test_a_certificate_is_kept_while_its_names_stay(tmp_path: Path) -> None:
    """A start issues nothing anew, but a changed list of names does."""
    authority = pki.authority(tmp_path, "ca")
    first = pki.issue(authority, "x", common="x", names=["a.test", "10.0.0.1"]).key.read_bytes()
    assert (
        pki.issue(authority, "x", common="x", names=["10.0.0.1", "a.test"]).key.read_bytes()
        == first
    )
    assert pki.issue(authority, "x", common="x", names=["b.test"]).key.read_bytes() != first
    assert (tmp_path / "x.key").stat().st_mode & 0o077 == 0


def test_a_site_has_both_schemes_and_all_its_names() -> None:
    """A source site is served by HTTPS and HTTP under each of its names."""
    text = apache.site_config("acme", ["www.acme.test", "acme.test"], "/var/www/acme")
    assert text.count("<VirtualHost") == 2
    assert text.count("ServerAlias acme.test") == 2
    assert text.count("SSLEngine on") == 1


def test_sql_strings_cannot_end_early() -> None:
    """A quote or a backslash in a password stays inside its string."""
    assert quote("a'b\\") == "'a''b\\\\'"


@pytest.mark.parametrize(
    ("dockerfile", "sources"),
    [
        ("COPY a b /c/", ["a", "b"]),
        ("COPY --from=build /x /y", []),
        ("COPY --chmod=0644 a.conf /etc/", ["a.conf"]),
        ("RUN copy a b\n# COPY c d\nADD e \\\n f /g", ["e", "f"]),
    ],
    ids=["several", "another stage", "with options", "continued, and comments"],
)
def test_an_image_s_tag_follows_what_it_copies(dockerfile: str, sources: list[str]) -> None:
    """The files that a Dockerfile takes from its context are found, and only those."""
    assert images.copied(dockerfile) == sources


def test_a_changed_file_changes_the_tag(tmp_path: Path) -> None:
    """New content never runs under an old image's name; what Python leaves behind is none."""
    (tmp_path / "code").mkdir()
    (tmp_path / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY code /code\n")

    def fingerprint() -> str:
        return images.Recipe("x", tmp_path / "Dockerfile").fingerprint

    first = fingerprint()
    (tmp_path / "code" / "__pycache__").mkdir()
    (tmp_path / "code" / "__pycache__" / "a.pyc").write_text("x")
    assert fingerprint() == first
    (tmp_path / "code" / "a.py").write_text("x")
    assert fingerprint() != first


@pytest.mark.parametrize("goal", programs.GOALS, ids=lambda goal: goal.name)
def test_every_program_is_pinned_with_checksums(goal: programs.Goal) -> None:
    """A module without go.sum, or with a floating version, could build something else tomorrow."""
    pins = (goal.source / "go.mod").read_text()
    assert "latest" not in pins
    if "require" in pins:
        assert (goal.source / "go.sum").stat().st_size > 0


def test_a_changed_pin_builds_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is found by what decides the build, the flags included."""
    monkeypatch.setattr("local.paths.BUILD", tmp_path)
    (tmp_path / "pause").mkdir()
    (tmp_path / "pause" / "go.mod").write_text("module x\n")
    goal = programs.Goal("pause")
    first = goal.fingerprint()
    assert programs.Goal("pause", variables=("a=b",)).fingerprint() != first
    (tmp_path / "pause" / "go.mod").write_text("module y\n")
    assert goal.fingerprint() != first


def test_package_lists_are_sound() -> None:
    """Every line of the two lists is a package, once."""
    assert len(rootfs.packages()) == len(set(rootfs.packages())) > 10
    assert {"etcd-server", "containerd", "buildah"} <= set(packages.wanted())


def test_a_file_appears_whole_with_its_mode(tmp_path: Path) -> None:
    """A secret is never readable to others; a failed write leaves the old content, no litter."""
    target = tmp_path / "secret"
    write(target, "old", 0o600)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnicodeEncodeError):
        write(target, "\ud800", 0o600)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unbuilt_program_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the verb."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LocalError, match="python -m local build"):
        programs.binary("kro", "controller")


@pytest.mark.parametrize(
    ("program", "words"), [(main, ["status"]), (main, ["down"]), (demo, []), (demo, ["--down"])]
)
def test_a_bad_name_on_the_command_line_is_one_sentence(
    program: Callable[[list[str]], int], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A typo is answered by a sentence, not by a traceback."""
    assert program([*words, "--name", "Not_A_Name"]) == 1
    assert capsys.readouterr().err.startswith("'Not_A_Name' cannot name a cluster: use up to 16")
