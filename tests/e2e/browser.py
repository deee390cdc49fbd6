# SPDX-License-Identifier: Apache-2.0
"""Drives a real Chromium over pages of clones and their sources, and reports what it saw.

    with browser.start({"acme-preview.clones.test": "10.77.0.2"}, trust=[wildcard_pem]) as chromium:
        clone = chromium.look(visit_url)
        source = chromium.look("https://www.acme.test/")
        found = pictures.compare(source.picture, clone.picture)
        assert found.share < 0.02, found.keep(folder / "home.png")
        assert set(clone.requests) == {"acme-preview.clones.test"}
        assert clone.broken_images == ()

Hosts are mapped inside the browser, so that nothing on the machine has to resolve them. All looks
of one `start` share their cookies, as tabs of a window do; `chromium.private()` is a fresh one.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
# What a headless Chromium needs in a container, and what keeps it from calling its maker.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
SIZE: ViewportSize = {"width": 1280, "height": 900}
DEADLINE = 30_000.0  # milliseconds, as the driver counts
BADGE = "#wpclone-badge, #wpadminbar"
# Carousels, carets and lazy pictures make two shots of the very same page differ.
STILL = """*, *::before, *::after {
    animation: none !important; transition: none !important; caret-color: transparent !important;
}"""


def missing() -> str | None:
    """Say what is missing to run a browser here, or None if nothing is."""
    if not Path(CHROMIUM).exists() and not shutil.which("chromium"):
        return "Chromium is not installed (Debian: chromium)"
    return None


@dataclass(frozen=True)
class Look:
    """What one look at a page showed."""

    url: str
    status: int
    title: str
    text: str
    picture: bytes
    requests: Mapping[str, int]
    failed: tuple[str, ...]
    images: int
    broken_images: tuple[str, ...]
    complaints: tuple[str, ...]


class Chromium:
    """One window of a browser, with its own cookies."""

    def __init__(self, context: BrowserContext) -> None:
        """Drive this window."""
        self._context = context

    def look(self, url: str, *, hide: str = BADGE, full: bool = True) -> Look:
        """Open a page, wait until it is quiet, and say what was there; the picture lacks `hide`."""
        with self.page() as page:
            seen = _Watch(page)
            reply = page.goto(url, wait_until="load", timeout=DEADLINE)
            _settle(page)
            broken = page.evaluate(_BROKEN_IMAGES)
            if hide:
                page.evaluate(_STYLE, f"{hide} {{ visibility: hidden !important; }}")
            return Look(
                url=page.url,
                status=reply.status if reply else 0,
                title=page.title(),
                text=page.inner_text("body"),
                picture=page.screenshot(full_page=full, animations="disabled", timeout=DEADLINE),
                requests=+seen.hosts,
                failed=tuple(seen.failed),
                images=page.evaluate("document.images.length"),
                broken_images=tuple(broken),
                complaints=tuple(seen.complaints),
            )

    def log_in(self, site: str, user: str, password: str) -> str:
        """Fill in the login form of a site as a person does; the address it led to."""
        with self.page() as page:
            page.goto(f"{site}/wp-login.php", wait_until="load", timeout=DEADLINE)
            page.fill("#user_login", user)
            page.fill("#user_pass", password)
            with page.expect_navigation(wait_until="load", timeout=DEADLINE):
                page.click("#wp-submit")
            return page.url

    def badge(self, url: str) -> str:
        """Give what the badge in a page's admin bar says, details included; empty without one."""
        with self.page() as page:
            page.goto(url, wait_until="load", timeout=DEADLINE)
            bar = page.locator("#wp-admin-bar-wpclone")
            if not bar.count() or not bar.is_visible():
                return ""
            return "\n".join(bar.locator(".ab-item").all_text_contents())

    def cookies(self, url: str) -> dict[str, str]:
        """Give the cookies the browser would send there."""
        return {str(one["name"]): str(one["value"]) for one in self._context.cookies(url)}

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """Open a tab for whatever the other verbs do not cover."""
        page = self._context.new_page()
        try:
            yield page
        finally:
            page.close()

    @contextlib.contextmanager
    def private(self) -> Iterator[Chromium]:
        """Open a window that shares nothing with this one."""
        browser = self._context.browser
        assert browser is not None
        context = _window(browser)
        try:
            yield Chromium(context)
        finally:
            context.close()


class _Watch:
    """Collects what a page asks for while it loads."""

    def __init__(self, page: Page) -> None:
        self.hosts: Counter[str] = Counter()
        self.failed: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("requestfailed", self._fell)
        page.on("response", self._answered)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host:  # data: and blob: addresses have none
            self.hosts[host] += 1

    def _fell(self, request: Request) -> None:
        """Note a failure; one that the page's own policy forbade has never left the browser."""
        self.failed.append(request.url)
        if request.failure == "csp":
            self.hosts[urlsplit(request.url).hostname or ""] -= 1

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")


_BROKEN_IMAGES = """() => [...document.images]
    .filter(image => !(image.complete && image.naturalWidth > 0))
    .map(image => image.currentSrc || image.src)"""
_STYLE = "text => document.head.appendChild(document.createElement('style')).textContent = text"
# Lazy images load when they come into view; scrolling through the page brings all of them there.
_SCROLL = """async () => {
    for (const image of document.images) {
        image.loading = 'eager';
        image.decoding = 'sync';
    }
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
        scrollTo(0, y);
        await new Promise(requestAnimationFrame);
    }
    scrollTo(0, 0);
    const loaded = image => image.complete
        || new Promise(done => { image.onload = image.onerror = done; });
    await Promise.all([...document.images].map(loaded));
    await Promise.allSettled([...document.images].map(image => image.decode()));
    await document.fonts.ready;
}"""


def _settle(page: Page) -> None:
    page.evaluate(_STYLE, STILL)
    page.evaluate(_SCROLL)
    page.wait_for_load_state("networkidle", timeout=DEADLINE)


def _window(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport=SIZE,
        locale="en-US",
        timezone_id="UTC",
        device_scale_factor=1,
        reduced_motion="reduce",
        color_scheme="light",
    )


@contextlib.contextmanager
def start(
    hosts: Mapping[str, str], *, trust: Sequence[Path] = (), inside: str = ""
) -> Iterator[Chromium]:
    """Run a browser in which each host is found at its address ("10.0.0.1" or "10.0.0.1:8443").

    `trust` names PEM certificates (of the servers, or of an authority whose certificate they send
    along) that are accepted although no public authority signed them; all others are refused.
    `inside` names a network namespace to run in: on the machine's own network Chromium drops what
    it is loading whenever any interface comes or goes, and clusters make and remove many.
    """
    rules = ", ".join(f"MAP {host} {address}" for host, address in hosts.items())
    pins = ",".join(pin for path in trust for pin in _pins(path))
    arguments = [*FLAGS, f"--host-resolver-rules={rules}"]
    if pins:
        arguments.append(f"--ignore-certificate-errors-spki-list={pins}")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(
            executable_path=_program(inside, Path(folder)),
            args=arguments,
            env={**os.environ, "NO_PROXY": "*"},
            timeout=DEADLINE,
        )
        try:
            yield Chromium(_window(browser))
        finally:
            browser.close()


def _program(inside: str, folder: Path) -> str:
    """Give the program to start: Chromium, or a script that starts it in a network namespace."""
    chromium = shutil.which("chromium") or CHROMIUM
    if not inside:
        return chromium
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec nsenter --net=/run/netns/{inside} -- {chromium} "$@"\n')
    script.chmod(0o755)
    return str(script)


def _pins(pem: Path) -> list[str]:
    """Give the fingerprints by which Chromium knows the public keys in a file."""
    certificates = x509.load_pem_x509_certificates(pem.read_bytes())
    return [
        base64.b64encode(
            hashlib.sha256(
                certificate.public_key().public_bytes(
                    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            ).digest()
        ).decode()
        for certificate in certificates
    ]
