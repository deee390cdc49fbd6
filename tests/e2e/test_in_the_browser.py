# SPDX-License-Identifier: Apache-2.0
"""Looks at a clone through a real browser, as its owner, as its user and as a stranger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import paths
from local.demo.native import SOURCE_HOST
from local.demo.release import CLONES
from tests.e2e import browser, pictures
from tests.e2e.browser import Chromium
from tests.e2e.stage import Clone, Stage

pytestmark = [pytest.mark.cluster, pytest.mark.browser]

PICTURE = "/wp-content/uploads/2024/01/paper_mill-02.jpg"
# Fonts are smoothed a little differently where a page was scrolled; a missing picture is far more.
SAME = 0.01


@pytest.fixture(scope="module")
def chromium(stage: Stage, preview: Clone) -> Iterator[Chromium]:
    """Give a browser that finds the clone and its source, and has opened the clone's gate."""
    native = stage.cluster.native
    hosts = {preview.host: native.ingress, SOURCE_HOST: native.outside.address}
    keys = native.ca.parent
    trust = [keys / "ingress.crt", keys / "site-acme.crt"]
    with browser.start(hosts, trust=trust, inside=native.world.net.outside_netns) as window:
        assert window.look(preview.secret["visit-url"]).status == 200
        yield window


@pytest.fixture(scope="module")
def album() -> Path:
    """Give the folder in which pictures are kept for people."""
    return paths.cache() / "e2e"


@pytest.mark.parametrize("page", ["/", "/about/", "/journal/", "/shop/", "/journal/page/2/"])
def test_a_page_of_the_clone_looks_like_the_sources(
    chromium: Chromium, preview: Clone, album: Path, page: str
) -> None:
    """Both look the same; every picture comes from the clone, and nobody asks the source."""
    source = chromium.look(f"https://{SOURCE_HOST}{page}")
    clone = chromium.look(f"{preview.site}{page}")
    found = pictures.compare(source.picture, clone.picture)
    kept = found.keep(album / f"{preview.name}{page.replace('/', '-').rstrip('-')}.png")
    assert found.share < SAME, f"{found.share:.2%} of the page differs: {kept}"
    assert clone.images == source.images > 0
    assert clone.broken_images == ()
    assert set(clone.requests) == {preview.host}
    assert clone.failed == ()
    assert clone.title == source.title


def test_a_stranger_meets_the_gate(chromium: Chromium, preview: Clone) -> None:
    """Without the link neither pages nor files are shown, and nothing of the site's text."""
    with chromium.private() as stranger:
        for page in ("/", "/about/", PICTURE, "/wp-content/uploads/acme/settings.json"):
            look = stranger.look(f"{preview.site}{page}")
            assert look.status == 401
            assert "Acme" not in look.text


def test_the_secret_opens_the_dashboard_and_mail_stays(
    chromium: Chromium, stage: Stage, preview: Clone
) -> None:
    """The Secret's login works, the badge names the source, a mail is caught and goes nowhere."""
    secret = preview.secret
    with chromium.private() as user:
        where = user.log_in(
            preview.site, secret["wordpress-username"], secret["wordpress-password"]
        )
        assert where.startswith(f"{preview.site}/wp-admin/")
        assert SOURCE_HOST in user.badge(f"{preview.site}/wp-admin/")
        with user.page() as page:
            page.goto(f"{preview.site}/wp-admin/tools.php?page=acme-message")
            page.click("button[name=acme_message]")
            assert page.text_content("#acme-sent") == "sent"
            page.goto(f"{preview.site}/wp-admin/tools.php?page=wpclone-mail")
            assert "A message from the shop" in page.inner_text("#wpclone-mails")
    kept = [path for path in preview.state_files("mail") if path.suffix == ".eml"]
    assert len(kept) == 1
    assert b"office@acme.test" in kept[0].read_bytes()
    assert not (stage.cluster.native.outside.root / "var" / "mail" / "www-data").exists()


def test_what_a_user_changes_survives_a_restart(
    chromium: Chromium, stage: Stage, preview: Clone
) -> None:
    """A plugin activated and a core file changed in the clone are there after a pod's death."""
    secret = preview.secret
    with chromium.private() as user:
        user.log_in(preview.site, secret["wordpress-username"], secret["wordpress-password"])
        with user.page() as page:
            page.goto(f"{preview.site}/wp-admin/plugins.php")
            page.click("#activate-acme-notes")
            page.wait_for_selector("#deactivate-acme-notes")
        core = "/var/www/html/wp-includes/version.php"
        kubectl, pod = stage.cluster.kubectl, preview.pods("site")[0]["metadata"]["name"]
        change = f"echo '// changed here' >> {core}"
        kubectl("exec", pod, f"--namespace={CLONES}", "--", "sh", "-c", change)
        kubectl("delete", "pod", pod, f"--namespace={CLONES}", "--grace-period=0", "--force")
        # A rollout counts as done until the Deployment has noticed that its pod is gone.
        stage.cluster.eventually(lambda: bool(ready(preview) - {pod}), 60)
        (new,) = ready(preview) - {pod}
        read = kubectl("exec", new, f"--namespace={CLONES}", "--", "cat", core)
        assert new != pod
        assert "// changed here" in read
        with user.page() as page:
            page.goto(f"{preview.site}/about/")
            assert page.text_content("#acme-notes") == "Notes are on."
            # The pages of this clone are compared with the source's by other stories.
            page.goto(f"{preview.site}/wp-admin/plugins.php")
            page.click("#deactivate-acme-notes")
            page.wait_for_selector("#activate-acme-notes")


def ready(clone: Clone) -> set[str]:
    """Return the names of the site's pods that are ready."""
    return {
        pod["metadata"]["name"]
        for pod in clone.pods("site")
        if any(one.get("ready") for one in pod["status"].get("containerStatuses", []))
    }
