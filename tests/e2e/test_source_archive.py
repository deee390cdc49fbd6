# SPDX-License-Identifier: Apache-2.0
"""Tells of clones of archives: an export in a bucket, a dump with its files on a web server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import paths, shared_database
from local.demo.release import CLONES, secret
from local.sample.site import DOCUMENT_ROOT, PREFIX, SCHEMA
from tests import buckets, namespaces
from tests.buckets import Buckets
from tests.e2e.outside_bucket import bucket
from tests.e2e.stage import Clone, Stage
from tests.programs import WPCLONE

pytestmark = pytest.mark.cluster
LABEL = {"clones.betaweb.ai/source": "true"}
FILES_HOST = "files.outside.test"
PASSWORD = "a password for files"


@pytest.fixture(scope="module")
def s3(stage: Stage) -> Iterator[Buckets]:
    """Run an S3 server outside, and put its keys where clones may name them."""
    with bucket(stage.cluster.native) as running:
        stage.release.tools.apply(secret(CLONES, "bucket-keys", buckets.KEYS, labels=LABEL))
        yield running


@pytest.fixture(scope="module")
def exported(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the live site by the command line, as somebody who can reach it does."""
    folder = tmp_path_factory.mktemp("export")
    login = folder / "login"
    login.write_text(f"username={stage.login.username}\npassword={stage.login.password}\n")
    names = folder / "hosts"
    here = stage.cluster.native
    names.write_text("".join(f"{a} {n}\n" for n, a in here.outside.names.items()))
    command = [WPCLONE, "export", "--url", stage.login.url, "--credentials-file", str(login)]
    command += ["--allow", here.world.net.outsides, "--output", str(folder / "site.tar")]
    resolving = f"mount --bind {shlex.quote(str(names))} /etc/hosts && exec {shlex.join(command)}"
    subprocess.run(
        namespaces.apart(resolving),
        check=True,
        timeout=300,
        env={**os.environ, "SSL_CERT_FILE": str(here.ca)},
    )
    return folder / "site.tar"


@pytest.fixture(scope="module")
def untouched(stage: Stage) -> Iterator[Clone]:
    """Clone the site itself, for nobody to change."""
    clone = stage.clone("as-site", ttl="1h")
    clone.wait_available()
    yield clone
    clone.delete()


def digest(clone: Clone, table: str, columns: str) -> str:
    """Return a checksum of some columns of a table, with the clone's own address taken out.

    Serialized values count its length: clones that are compared have names of one length.
    """
    server = shared_database.server(clone.stage.cluster.native.world)
    rows = server.sql(f"SELECT {columns} FROM {clone.database}.{PREFIX}{table} ORDER BY 1")
    return hashlib.sha256(rows.replace(clone.host, "HOST").encode()).hexdigest()


def files(clone: Clone) -> dict[str, str]:
    """Return the checksums of the files that were copied."""
    (volume,) = clone.volumes().values()
    content = volume / "html" / "wp-content"
    return {
        os.fsencode(path.relative_to(content)).decode("latin-1"): hashlib.sha256(
            path.read_bytes().replace(clone.host.encode(), b"HOST")
        ).hexdigest()
        for path in content.rglob("*")
        if path.is_file()
    }


def same(one: Clone, other: Clone) -> None:
    """See that two clones have the same content."""
    assert len(one.name) == len(other.name)
    for table, columns in {
        "posts": "ID, post_title, post_content, guid",
        "postmeta": "meta_id, post_id, meta_key, meta_value",
        "comments": "comment_ID, comment_author, comment_content",
        "terms": "term_id, name, slug",
    }.items():
        assert digest(one, table, columns) == digest(other, table, columns), table
    assert files(one) == files(other)


def test_an_export_in_a_bucket_becomes_a_clone(
    stage: Stage, untouched: Clone, s3: Buckets, exported: Path
) -> None:
    """The same rows and files as of a clone of the site itself, with the checksum verified."""
    uri = s3.put("exports", "acme/site.tar", exported.read_bytes())
    archive: dict[str, Any] = {"uri": uri, "credentialsRef": {"name": "bucket-keys"}}
    wrong = stage.ask("wrong-sum", {"archive": {**archive, "sha256": "0" * 64}}, ttl="1h")
    right = hashlib.sha256(exported.read_bytes()).hexdigest()
    clone = stage.ask("exports", {"archive": {**archive, "sha256": right}}, ttl="1h")
    assert "SHA-256" in wrong.wait_for("SourceLost").message
    clone.wait_available()
    same(clone, untouched)
    status = clone.manifest["status"]
    assert status["source"]["display"] == "exports/acme/site.tar"
    assert status["source"]["tablePrefix"] == PREFIX
    assert status["import"]["proof"]["residualURLs"] == 0
    assert "<title>" in clone.page()
    assert buckets.KEYS["secret-access-key"] not in json.dumps(clone.manifest)
    for one in (wrong, clone):
        one.delete()


@pytest.fixture(scope="module")
def dumped(stage: Stage) -> Iterator[str]:
    """Put a dump of the live site with its files behind a password on a web server."""
    host = stage.cluster.native.outside
    root = host.root / "var/www/files"
    root.mkdir(parents=True, exist_ok=True)
    options = shlex.join(host.database)
    host.run(
        ["sh", "-c", f"cd /tmp && mariadb-dump {options} {SCHEMA} > site.sql && tar -czf"
         f" /var/www/files/site.tar.gz site.sql -C {DOCUMENT_ROOT} . && rm site.sql"],
        timeout=120,
    )  # fmt: skip
    hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()  # noqa: S324
    paths.write(host.root / "etc/apache2/files.users", f"files:{{SHA}}{hashed}\n")
    paths.write(
        root / ".htaccess",
        'AuthType Basic\nAuthName "files"\nAuthUserFile /etc/apache2/files.users\n'
        "Require valid-user\n",
    )
    host.start_site("files", [FILES_HOST], "/var/www/files")
    stage.release.tools.apply(
        secret(CLONES, "files-login", {"username": "files", "password": PASSWORD}, labels=LABEL)
    )
    yield f"https://{FILES_HOST}/site.tar.gz"
    host.stop_site("files")


def test_a_dump_with_its_files_becomes_a_clone(stage: Stage, untouched: Clone, dumped: str) -> None:
    """Any dump and any tar will do; without the password the reason is a refused login."""
    locked = stage.ask("no-login", {"archive": {"uri": dumped}}, ttl="1h")
    archive = {"uri": dumped, "format": "Dump", "credentialsRef": {"name": "files-login"}}
    clone = stage.ask("dumping", {"archive": archive}, ttl="1h")
    assert "HTTP 401" in locked.wait_for("SourceRefusedLogin").message
    clone.wait_available()
    same(clone, untouched)
    assert clone.manifest["status"]["source"]["wordpressVersion"].startswith("6.")
    assert PASSWORD not in json.dumps(clone.manifest)
    for one in (locked, clone):
        one.delete()
