# SPDX-License-Identifier: Apache-2.0
"""A live site is exported by the command line, and imported from wherever the export lies."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import rootfs
from tests import buckets, live_site
from tests.integration.mover import contents
from tests.integration.mover.jobs import Job
from tests.integration.mover.test_live_site import CONTENT, prepare
from tests.programs import WPCLONE

if TYPE_CHECKING:
    from tests.buckets import Buckets
    from tests.live_site import LiveSite
    from tests.mariadb import Server

pytestmark = [pytest.mark.database, pytest.mark.wordpress]

LOGIN = {"WPCLONE_USERNAME": live_site.ADMINISTRATOR, "WPCLONE_PASSWORD": live_site.PASSWORD}
NETWORK: dict[str, Any] = {"allow": ["127.0.0.0/8"], "http": True}


@pytest.fixture(scope="module")
def live(server: Server) -> Iterator[LiveSite]:
    """Run a live WordPress with some content, among it a file that is no small one."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    with live_site.live(server) as site:
        site.php(CONTENT)
        place = site.html / "wp-content" / "uploads"
        (place / "large.bin").write_bytes(os.urandom(9_000_000))
        odd = os.path.join(os.fsencode(place), b"caf\xe9.jpg")  # noqa: PTH118  bytes
        Path(os.fsdecode(odd)).write_bytes(b"latin name")
        site.own()
        yield site


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    """Run an S3 server."""
    with buckets.buckets() as running:
        yield running


def export(live: LiveSite, output: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `wpclone export` with the administrator's login in its environment."""
    return subprocess.run(
        exporting(live.url, output),
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, **LOGIN, **environment},
    )


def exporting(url: str, output: str) -> list[str]:
    """Return the command that exports a site on loopback."""
    options = ["--url", url, "--output", output, "--allow", "127.0.0.0/8", "--http"]
    return [WPCLONE, "export", *options]


@pytest.fixture(scope="module")
def exported(live: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the site once, and see that nothing of ours is left on it."""
    path = tmp_path_factory.mktemp("export") / "site.tar"
    done = export(live, str(path))
    assert done.returncode == 0, done.stderr
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done.stdout.decode() == f"{whole}  {path}\n"
    assert list(path.parent.iterdir()) == [path]
    assert "wpclone-agent" not in live.plugins()
    return path


def archived(job: Job, uri: str, secret: dict[str, str] | None = None, **source: Any) -> Job:
    """Let a job copy an archive."""
    job.config = {
        "attempt": 1,
        "source": {"kind": "archive", "archive": {"uri": uri, **source}},
        "network": NETWORK,
    }
    folder = job.home / "source"
    folder.mkdir(exist_ok=True)
    for key, value in (secret or {}).items():
        (folder / key).write_text(value)
    return job


@pytest.fixture(scope="module")
def from_site(
    live: LiveSite, server: Server, tmp_path_factory: pytest.TempPathFactory, exported: Path
) -> Job:
    """Import the site itself, after it was exported."""
    assert exported.exists()
    job = prepare(live, Job.make(server, tmp_path_factory.mktemp("from-site")))
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    return job


def by_web(live: LiveSite, exported: Path, _s3: Buckets) -> tuple[str, dict[str, str]]:
    """Put the export on a web server."""
    shutil.copyfile(exported, live.html / "site.tar")
    return f"{live.url}/site.tar", {}


def without_ranges(live: LiveSite, exported: Path, _s3: Buckets) -> tuple[str, dict[str, str]]:
    """Put the export on a web server that sends files whole."""
    place = live.html / "no-ranges"
    place.mkdir(exist_ok=True)
    shutil.copyfile(exported, place / "site.tar")
    return f"{live.url}/no-ranges/site.tar", {}


def by_bucket(_live: LiveSite, exported: Path, s3: Buckets) -> tuple[str, dict[str, str]]:
    """Put the export into a bucket."""
    return s3.put("exports", "acme/si te.tar", exported.read_bytes()), buckets.KEYS


Place = Callable[["LiveSite", Path, "Buckets"], tuple[str, dict[str, str]]]


@pytest.mark.parametrize("place", [by_web, without_ranges, by_bucket], ids=lambda p: p.__name__)
def test_an_export_is_as_good_as_the_site(
    live: LiveSite, exported: Path, from_site: Job, s3: Buckets, job: Job, place: Place
) -> None:
    """Row by row and byte by byte, from a web server with or without ranges, and from S3."""
    uri, secret = place(live, exported, s3)
    archived(job, uri, secret, sha256=hashlib.sha256(exported.read_bytes()).hexdigest())
    job.config["s3"] = {"endpoint": s3.url, "region": "eu-central-1"}
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    assert contents.rows(job, live_site.PREFIX) == contents.rows(from_site, live_site.PREFIX)
    assert contents.files(job) == contents.files(from_site)
    assert result.outcome["proof"]["residualURLs"] == 0
    assert not any(word in str(result) for word in secret.values())


def test_an_export_is_inspected_like_the_site(live: LiveSite, exported: Path, job: Job) -> None:
    """Versions, prefix and addresses are those of the site; sizes are those of the export."""
    uri, _ = by_web(live, exported, buckets.Buckets(""))
    archived(job, uri).program = ("-m", "wpclone.mover", "inspect")
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Inspected"), result
    seen = result.outcome["inspection"]
    assert seen["homeURL"] == live.url
    assert seen["tablePrefix"] == live_site.PREFIX
    assert seen["wordpressVersion"]
    assert seen["rows"] > 60
    assert seen["fileBytes"] > 9_000_000


def test_another_checksum_is_refused(live: LiveSite, exported: Path, job: Job) -> None:
    """Before anything is copied."""
    uri, _ = by_web(live, exported, buckets.Buckets(""))
    result = archived(job, uri, sha256="0" * 64).run()
    assert (result.code, result.outcome["reason"]) == (64, "SourceLost"), result
    assert "SHA-256" in result.outcome["message"]


def test_what_is_not_in_the_bucket_is_named(s3: Buckets, job: Job) -> None:
    """An object that is not there is one sentence with its name."""
    uri = s3.put("others", "site.tar", b"x" * 10)
    archived(job, uri.replace("site.tar", "absent.tar"), buckets.KEYS)
    job.config["s3"] = {"endpoint": s3.url}
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "SourceUnreachable"), result
    assert "absent.tar" in result.outcome["message"]


def test_a_presigned_address_is_all_the_proof_there_is(
    exported: Path, s3: Buckets, job: Job
) -> None:
    """The Secret's key `url` holds the whole address, which is told nowhere."""
    s3.put("presigned", "site.tar", exported.read_bytes())
    url = s3.presigned("presigned", "site.tar")
    archived(job, f"{s3.url}/presigned/site.tar", {"url": url})
    job.program = ("-m", "wpclone.mover", "inspect")
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Inspected"), result
    assert "Signature" not in str(result)


def test_the_command_says_what_is_wrong(live: LiveSite, tmp_path: Path) -> None:
    """A refused login, a folder that is not there, no login at all: a status and one sentence."""
    live.reset()
    refused = export(live, str(tmp_path / "a.tar"), WPCLONE_PASSWORD="hunter-two")
    assert refused.returncode == 77
    assert b"Traceback" not in refused.stderr
    assert b"hunter-two" not in refused.stderr
    assert b"--credentials-file" in refused.stderr
    assert b"Secret" not in refused.stderr
    nowhere = export(live, str(tmp_path / "no" / "a.tar"))
    assert nowhere.returncode == 74
    assert export(live, str(tmp_path / "a.tar"), WPCLONE_PASSWORD="").returncode == 2
    assert list(tmp_path.iterdir()) == []
    assert "wpclone-agent" not in live.plugins()


def test_an_export_can_be_piped(live: LiveSite, tmp_path: Path) -> None:
    """`-o -` gives the same bytes as a file, and the checksum on standard error."""
    done = export(live, "-")
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(done.stdout).hexdigest().encode() in done.stderr
    path = tmp_path / "piped.tar"
    path.write_bytes(done.stdout)
    said = subprocess.run([WPCLONE, "verify-export", path], capture_output=True, check=True).stdout
    assert b"checksums are right" in said
    path.write_bytes(done.stdout[:-600])
    cut = subprocess.run([WPCLONE, "verify-export", path], capture_output=True, check=False)
    assert (cut.returncode, cut.stdout) == (65, b"")


def test_the_tools_of_every_day_load_an_export(
    live: LiveSite, exported: Path, server: Server, tmp_path: Path
) -> None:
    """The commands of the page on the format make the site's own tables again, row by row."""
    page = (Path(__file__).parents[3] / "docs/export-format.md").read_text(encoding="utf-8")
    script = page.split("```sh\n")[1].split("```")[0].replace("| mariadb acme", "> all.sql")
    shutil.copy(exported, tmp_path / "site.tar")
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True)
    made = server.schema().schema
    server.client(made, stdin=(tmp_path / "all.sql").read_bytes())
    for table in ("posts", "postmeta", "terms", "users"):
        rows = f"SELECT * FROM {live_site.PREFIX}{table} ORDER BY 1"
        assert server.execute(rows, schema=made) == live.query(rows)


def test_the_commands_of_the_readme_export_a_site(live: LiveSite, tmp_path: Path) -> None:
    """They run as they stand there, but for the site's address; the login's file is a Secret's."""
    page = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\.venv/bin/(wpclone (?:verify-)?export .*)$", page, re.MULTILINE)
    assert len(commands) == 2
    script = "\n".join(commands).replace("https://www.acme.example", live.url)
    loopback = script.replace(f"--url {live.url}", f"--url {live.url} --allow 127.0.0.0/8 --http")
    login = f"username={live_site.ADMINISTRATOR}\npassword={live_site.PASSWORD}\n"
    (tmp_path / "login").write_text(login)
    path = f"{Path(WPCLONE).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", loopback],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert b"checksums are right" in done.stdout
