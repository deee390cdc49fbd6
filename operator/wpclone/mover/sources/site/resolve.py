# SPDX-License-Identifier: Apache-2.0
"""Finds the address under which the site really answers, before anything is posted to it.

A redirect turns POST into GET, so scheme and host are settled by reading first.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from wpclone.api import advice
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response
from wpclone.mover.sources.site import pages


def home(client: Client, url: str, seconds: float) -> tuple[str, Response]:
    """Return the site's address without a slash at its end, and its front page."""
    page = client.page(url, seconds=seconds, may_go=is_same_site)
    pages.refuse_odd(page)
    if page.status == 401:  # noqa: PLR2004  Unauthorized
        raise SourceError(
            Reason.SOURCE_BLOCKED_BY_FIREWALL,
            f"{clean(url)} asks for a password of the web server before WordPress is reached; let"
            f" {advice.OUR_ADDRESS} in without it",
        )
    if pages.is_refusal(page):
        raise pages.firewall(page)
    if page.status >= 500:  # noqa: PLR2004  the server's own trouble
        raise SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"The source answers with an error ({pages.described(page)})",
            retryable=True,
        )
    # Only scheme and host are taken over: a site may send visitors on to a language's folder.
    path = urlsplit(url).path.rstrip("/").removesuffix("/index.php")
    final = urlsplit(page.url)
    return urlunsplit((final.scheme, final.netloc, path, "", "")), page


def is_same_site(old: str, new: str) -> bool:
    """Tell whether a redirect stays on the site: `www.` may come or go, https must not go.

    A login is sent where this leads, so the host has to be the one that the user named.
    """
    before, after = urlsplit(old), urlsplit(new)
    if before.scheme == "https" and after.scheme != "https":
        return False
    return _bare(before.hostname) == _bare(after.hostname) and after.username is None


def _bare(host: str | None) -> str:
    return (host or "").lower().rstrip(".").removeprefix("www.")
