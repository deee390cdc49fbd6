# SPDX-License-Identifier: Apache-2.0
"""Logs an administrator in over plain HTTP, with one cookie jar, and out again."""

from __future__ import annotations

from http.cookiejar import Cookie
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from wpclone.api import advice
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response
from wpclone.mover.sources.credentials import Login
from wpclone.mover.sources.site import forms, pages, resolve

_LOGGED_IN: Final = "wordpress_logged_in_"
_BY_HAND: Final = "install the agent plugin by hand and use its pairing key (agent-key)"


class RefusedInSilence(SourceError):  # noqa: N818  likewise
    """The login form came back without a word: WordPress says what it does not like.

    Some sites hide that word; others stumble, while others log in or a plugin goes.
    """


class LoginForgotten(SourceError):  # noqa: N818  the story of a try, not its end
    """The site accepted the login and does not know it any more: log in once more.

    WordPress keeps all logins of a user in one row: of two at the same time one is lost.
    """

    def __init__(self, where: str = "at once") -> None:
        """Say where it was forgotten; a person reads this only if it happens every time."""
        super().__init__(
            Reason.SOURCE_REFUSED_LOGIN,
            f"The source accepts the login but forgets it {where}; a security plugin may be the"
            f" cause: {_BY_HAND}",
        )


class Admin:
    """An administrator's browser, as far as we need one."""

    def __init__(self, client: Client, home: str, seconds: float) -> None:
        """Take the site's address; nothing is asked yet."""
        self.client = client
        self._seconds = seconds
        # Where wp-login.php and wp-admin are: beside the front page, until a redirect tells.
        self._base = home + "/"

    @property
    def is_logged_in(self) -> bool:
        """Tell whether the jar holds a login."""
        return self._login_cookie() is not None

    def url(self, path: str) -> str:
        """Return an address below the folder of wp-login.php."""
        return urljoin(self._base, path)

    def get(self, path: str) -> Response:
        """Fetch an admin page; nothing is followed, so that a lost login is seen."""
        return self.client.request(
            "GET", self.url(path), seconds=self._seconds, headers=self._headers()
        )

    def post(self, path: str, body: bytes, kind: str, nonce: str | None = None) -> Response:
        """Send a form or JSON to an admin page."""
        head = self._headers() | {"Content-Type": kind}
        if nonce is not None:
            head["X-WP-Nonce"] = nonce
        return self.client.request(
            "POST", self.url(path), seconds=self._seconds, headers=head, body=body
        )

    def login(self, login: Login, front: Response) -> None:
        """Log in, or raise the reason why not; the front page helps to tell what the site is."""
        form = self._login_form(front)
        fields = {
            name: value
            for found in form
            for name, value in found.fields.items()
            if name != "rememberme"
        }
        fields |= {
            "log": login.username,
            "pwd": login.password,
            "wp-submit": "Log In",
            "testcookie": "1",
            "redirect_to": self.url("wp-admin/"),
        }
        kind = "application/x-www-form-urlencoded"
        answer = self.post("wp-login.php", urlencode(fields).encode(), kind)
        if self.is_logged_in and answer.redirect is not None:
            return
        raise self._failure(login, answer)

    def rest_nonce(self) -> str:
        """Return the nonce with which the REST API accepts our cookies."""
        answer = self.get("wp-admin/admin-ajax.php?action=rest-nonce")
        nonce = answer.text.strip()
        if answer.status == 200 and nonce.isalnum() and 8 <= len(nonce) <= 16:  # noqa: PLR2004
            return nonce
        pages.refuse_odd(answer)
        if pages.is_refusal(answer):
            raise pages.firewall(answer)
        raise LoginForgotten

    def logout(self) -> None:
        """End the login on the site too; what cannot be ended there expires by itself."""
        if not self.is_logged_in:
            return
        try:
            asked = self.get("wp-login.php?action=logout")
            link = forms.link(asked.text, "action=logout", "_wpnonce=")
            if link is not None:
                self.get(link)
        except SourceError:
            pass
        self.client.cookies.clear()

    def _login_form(self, front: Response) -> list[forms.Form]:
        page = self.client.page(
            self.url("wp-login.php"), seconds=self._seconds, may_go=resolve.is_same_site
        )
        pages.refuse_odd(page)
        if pages.is_login_form(page):
            self._base = urljoin(page.url, ".")
            return [form for form in forms.forms(page.text) if "log" in form.fields]
        if pages.is_refusal(page):
            raise pages.firewall(page)
        if page.status >= 500:  # noqa: PLR2004  the server's own trouble
            raise SourceError(
                Reason.SOURCE_UNREACHABLE,
                f"The source's login page answers with an error ({pages.described(page)})",
                retryable=True,
            )
        # Below a WordPress without a folder of that name it is that one which answers, with 404.
        if front.status != 404 and pages.looks_like_wordpress(front):  # noqa: PLR2004  Not Found
            raise SourceError(
                Reason.SOURCE_REFUSED_LOGIN,
                f"There is no login form at {self.url('wp-login.php')}; it may be hidden:"
                f" {_BY_HAND}",
            )
        raise SourceError(
            Reason.SOURCE_NOT_WORDPRESS,
            f"There is no WordPress at {self._base} ({pages.described(front)}, and no login form)",
        )

    def _failure(self, login: Login, answer: Response) -> SourceError:
        try:
            pages.refuse_odd(answer)
        except SourceError as error:
            return error
        if pages.is_refusal(answer):
            return pages.firewall(answer)
        if self._wants_code(answer):
            return SourceError(
                Reason.SOURCE_NEEDS_SECOND_FACTOR,
                "The login needs a second factor, which a program does not"
                f" have: {_BY_HAND}, or use an Application Password with the plugin installed",
            )
        # A status has more readers than the Secret: not even the name is repeated.
        said = pages.login_error(answer).replace(clean(login.username), "…")
        if pages.has_captcha(answer):
            return SourceError(
                Reason.SOURCE_BLOCKED_BY_FIREWALL,
                f"The source's login form demands proof of being human: {_BY_HAND}",
            )
        if answer.status >= 500:  # noqa: PLR2004  the server's own trouble
            return SourceError(
                Reason.SOURCE_LOST,
                f"The source fails while it answers our login ({pages.described(answer)})",
                retryable=True,
            )
        refused = f"The source refused the login; {advice.CHECK_LOGIN}"
        told = f"{refused} (it says: {said})" if said else refused
        kind = SourceError if said else RefusedInSilence
        return kind(Reason.SOURCE_REFUSED_LOGIN, told)

    def _wants_code(self, answer: Response) -> bool:
        where = answer.redirect
        if where is not None and resolve.is_same_site(answer.url, where):
            answer = self.client.request(
                "GET", where, seconds=self._seconds, headers=self._headers()
            )
        return pages.asks_second_factor(answer)

    def _headers(self) -> dict[str, str]:
        # Some hosts refuse forms without a Referer, others those from elsewhere.
        parts = urlsplit(self._base)
        return {"Referer": self.url("wp-login.php"), "Origin": f"{parts.scheme}://{parts.netloc}"}

    def _login_cookie(self) -> Cookie | None:
        return next((c for c in self.client.cookies if c.name.startswith(_LOGGED_IN)), None)
