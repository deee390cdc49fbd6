# SPDX-License-Identifier: Apache-2.0
"""Brings the agent plugin to a site as its administrator would: upload, activate, later delete."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import Response
from wpclone.mover.sources import agent_zip
from wpclone.mover.sources.site import forms, pages
from wpclone.mover.sources.site.admin import Admin, LoginForgotten

_UPLOAD: Final = "wp-admin/plugin-install.php?tab=upload"
_PLUGIN: Final = f"wp/v2/plugins/{agent_zip.SLUG}/{agent_zip.SLUG}"
_FORBIDDEN: Final = 403
_ERROR: Final = re.compile(
    r"""<(?:div|p)[^>]*class=["'][^"']*\berror\b[^"']*["'][^>]*>(.{0,1000}?)</(?:div|p)>""",
    re.IGNORECASE | re.DOTALL,
)
_TAGS: Final = re.compile(r"<[^>]*>")


class Occupied(Exception):  # noqa: N818  a finding: another clone may have been faster
    """There is a copy of the plugin on the site already."""


def upload(admin: Admin, *, over: bool) -> Response:
    """Upload the plugin and return what the site said; Occupied if it may not go `over` one."""
    answer = admin.post(*_form(_upload_nonce(admin)))
    pages.refuse_odd(answer)
    if answer.redirect is not None and "wp-login.php" in answer.redirect:
        # Somebody else logged in at the same moment, and WordPress kept the other's session only.
        raise LoginForgotten("at the upload of the plugin")
    if forms.link(answer.text, "action=activate", agent_zip.SLUG) is None:
        if not over and forms.link(answer.text, "overwrite=") is not None:
            _withdraw(admin, answer)
            raise Occupied
        answer = _overwrite(admin, answer)
    return answer


def activate(admin: Admin, answer: Response) -> None:
    """Activate the plugin that was uploaded with this answer."""
    done = _rest(admin, "POST", {"status": "active"}, admin.rest_nonce())
    if done.status < 300:  # noqa: PLR2004  a success
        return
    link = forms.link(answer.text, "action=activate", agent_zip.SLUG)
    if link is not None:
        # The REST API may be shut for plugins; the page's own link is the other way.
        done = _follow(admin, link)
        if done.redirect is not None and "error" not in done.redirect:
            return
    raise refused(admin.url(_UPLOAD), f"its activation failed ({pages.described(done)})")


def remove(admin: Admin) -> bool:
    """Deactivate and delete the plugin by the REST API; tell whether the site agreed."""
    nonce = admin.rest_nonce()
    _rest(admin, "POST", {"status": "inactive"}, nonce)
    return _rest(admin, "DELETE", {}, nonce).status < 300  # noqa: PLR2004  a success


def refused(admin_page: str, why: str) -> SourceError:
    """Return the error that says why we could not bring the plugin, and how a person can."""
    return SourceError(
        Reason.AGENT_INSTALL_REFUSED,
        f"The agent plugin could not be installed: {why}. Upload {agent_zip.NAME} at {admin_page}"
        " and activate it there",
    )


def _upload_nonce(admin: Admin) -> str:
    page = admin.get(_UPLOAD)
    pages.refuse_odd(page)
    for form in forms.forms(page.text):
        if "wp-upload-form" in form.attributes.get("class", "") and "_wpnonce" in form.fields:
            return form.fields["_wpnonce"]
    if page.redirect is not None:
        raise LoginForgotten("on its plugin pages")
    if page.status == _FORBIDDEN and not _is_administrator(admin):
        raise SourceError(
            Reason.SOURCE_REFUSED_LOGIN, "The source's login works, but not for an administrator"
        )
    if page.status == _FORBIDDEN:
        raise refused(admin.url(_UPLOAD), "the site forbids changes of its files")
    raise refused(admin.url(_UPLOAD), f"there is no upload form ({pages.described(page)})")


def _is_administrator(admin: Admin) -> bool:
    path = "?rest_route=/wp/v2/users/me&context=edit"
    answer = admin.client.request(
        "GET", admin.url(path), seconds=15, headers={"X-WP-Nonce": admin.rest_nonce()}
    )
    try:
        user = json.loads(answer.body)
        return bool(user["capabilities"].get("manage_options"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _form(nonce: str) -> tuple[str, bytes, str]:
    """Return path, body and type of the form with the zip."""
    edge = "wpclone" + secrets.token_hex(12)
    text = f"--{edge}\r\nContent-Disposition: form-data; name="
    fields = (
        ("_wpnonce", nonce),
        ("_wp_http_referer", "/" + _UPLOAD),
        ("install-plugin-submit", "Install Now"),
    )
    head = "".join(f'{text}"{name}"\r\n\r\n{value}\r\n' for name, value in fields)
    file = (
        f'{text}"pluginzip"; filename="{agent_zip.NAME}"\r\nContent-Type: application/zip\r\n\r\n'
    )
    body = (head + file).encode() + agent_zip.build(temporary=True) + f"\r\n--{edge}--\r\n".encode()
    return "wp-admin/update.php?action=upload-plugin", body, f"multipart/form-data; boundary={edge}"


def _overwrite(admin: Admin, answer: Response) -> Response:
    """Replace the copy that is there, which also clears the uploaded zip away."""
    link = forms.link(answer.text, "overwrite=")
    if link is None:
        raise refused(admin.url(_UPLOAD), _why(answer))
    return _follow(admin, link)


def _withdraw(admin: Admin, answer: Response) -> None:
    """Let the site forget the zip that it keeps until somebody decides."""
    link = forms.link(answer.text, "action=upload-plugin-cancel-overwrite")
    if link is not None:
        _follow(admin, link)


def _follow(admin: Admin, link: str) -> Response:
    """Follow a link of an admin page, which may be written without its folder."""
    return admin.get("wp-admin/" + link if "/" not in link.partition("?")[0] else link)


def _why(answer: Response) -> str:
    low = answer.text.lower()
    if 'name="connection_type"' in low or "request-filesystem-credentials" in low:
        return "the site may not write its own files and asks for FTP access"
    if pages.is_refusal(answer):
        return f"the upload was refused ({pages.described(answer)})"
    found = _ERROR.search(answer.text)
    said = clean(_TAGS.sub(" ", found[1]), 120).rstrip(".") if found else ""
    return f"the site says: {said}" if said else f"the answer was {pages.described(answer)}"


def _rest(admin: Admin, method: str, data: dict[str, Any], nonce: str) -> Response:
    """Ask core's plugin route; DELETE goes as POST, because many hosts let no other method pass."""
    head = {"X-WP-Nonce": nonce, "Content-Type": "application/json"}
    if method != "POST":
        head["X-HTTP-Method-Override"] = method
    return admin.client.request(
        "POST",
        admin.url(f"?rest_route=/{_PLUGIN}"),
        seconds=30,
        headers=head,
        body=json.dumps(data).encode(),
    )
