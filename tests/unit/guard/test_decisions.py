# SPDX-License-Identifier: Apache-2.0
"""What the guard decides, as functions of state and request."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from tests.unit.guard import php

HOUR = 3600
NOON = 1_795_000_000 - 1_795_000_000 % 86400 + 12 * HOUR


def token(purpose: str) -> str:
    """Compute a gate cookie's value as the web server's start script does."""
    return hmac.new(b"key", f"wpclone-{purpose}:uid-1".encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("text", "access", "blocked", "ends"),
    [
        ('{"access":"Link"}', "Link", True, None),
        ('{"access":"Public","safety":{"cron":"Allow"}}', "Public", False, None),
        ('{"access":"Login","safety":{"cron":"allow"}}', "Login", True, None),
        ('{"access":"Link","safety":{"cron":true}}', "Link", True, None),
        ('{"access":["Public"]}', "Login", True, None),
        ('{"expiresAt":"2026-11-23T18:04:11Z"}', "Login", True, 1795457051),
        ('{"expiresAt":"tomorrowish"}', "Login", True, None),
        ('{"expiresAt":null,"safety":null,"name":7}', "Login", True, None),
        ("", "Login", True, None),
        ("null", "Login", True, None),
        ('"Public"', "Login", True, None),
        ("{" * 100, "Login", True, None),
    ],
)
def test_unclear_state_is_read_as_the_safest(
    text: str, access: str, *, blocked: bool, ends: int | None
) -> None:
    """Only what is said clearly opens anything."""
    said = php.call(
        "(static fn($s) => [$s->access, $s->blocks('cron'), $s->ends])(State::from([], $case))",
        [text],
    )
    assert said == [[access, blocked, ends]]


ADMISSIONS: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("a stranger", "Link", {}, None),
    ("the link's cookie", "Link", {"__Host-wpclone": token("link")}, "link"),
    ("the login's cookie", "Link", {"__Host-wpclone-login": token("login")}, "login"),
    ("the link's cookie where only logins count", "Login", {"__Host-wpclone": token("link")}, None),
    ("the login's cookie there", "Login", {"__Host-wpclone-login": token("login")}, "login"),
    ("the link's value as a login", "Login", {"__Host-wpclone-login": token("link")}, None),
    ("the login's value as a link", "Link", {"__Host-wpclone": token("login")}, None),
    ("an array", "Link", {"__Host-wpclone": [token("link")]}, None),
    ("an empty value", "Link", {"__Host-wpclone": ""}, None),
    ("an unverified login", "Link", {"wordpress_logged_in_0": "boss|1|2|3"}, None),
    ("anybody in public", "Public", {}, "public"),
]


@pytest.mark.parametrize(
    ("access", "cookies", "admitted"),
    [case[1:] for case in ADMISSIONS],
    ids=[c[0] for c in ADMISSIONS],
)
def test_who_is_admitted(access: str, cookies: dict[str, Any], admitted: str | None) -> None:
    """A cookie opens the gate only by its own name, with its own value, where its kind counts."""
    case = {"access": access, "cookies": cookies}
    said = php.call("admission(a_state(['access' => $case['access']]), $case['cookies'])", [case])
    assert said == [admitted]


def test_without_a_gate_key_nothing_fits() -> None:
    """A clone whose key is missing admits nobody by an empty one."""
    empty = "a_state([], ['WPCLONE_GATE_KEY' => ''])"
    assert (
        php.call(f"admission({empty}, ['__Host-wpclone' => $case])", ["", token("link")])
        == [None] * 2
    )
    asked = f"visit_key_fits({empty}, a_request(['query' => 'wpclone-key=' . $case]))"
    assert php.call(asked, ["", "key"]) == [False, False]


@pytest.mark.parametrize(
    ("path", "query", "rest"),
    [
        ("/", "wpclone-key=k", "/"),
        ("/a/b%20c", "x=1&wpclone-key=k&y=%2F", "/a/b%20c?x=1&y=%2F"),
        ("/", "wpclone%2Dkey=k&wpclone-key=l&wpclone-keys=m", "/?wpclone-keys=m"),
        ("//evil.example/", "wpclone-key=k", "/evil.example/"),
        ("/\\evil.example", "", "/evil.example"),
        ("", "", "/"),
    ],
)
def test_the_key_is_taken_out_of_the_address(path: str, query: str, rest: str) -> None:
    """All of the address but the key stays, and it stays on this host."""
    asked = "a_request(['path' => $case[0], 'query' => $case[1]])->without(KEY_PARAMETER)"
    assert php.call(asked, [[path, query]]) == [rest]


def test_a_key_that_is_read_can_be_taken_out() -> None:
    """No spelling of the name counts as the key and stays in the address: that led in circles."""
    odd = ["+wpclone-key=key", "wpclone-key%00x=key", "wpclone-key[]=key", "WPCLONE-KEY=key"]
    fine = ["wpclone-key=key", "wpclone%2Dkey=%6Bey", "a&wpclone-key=key"]
    asked = "a_request(['query' => $case])"
    assert php.call(f"visit_key_fits(a_state(), {asked})", [*odd, *fine]) == [None] * 4 + [True] * 3
    left = php.call(f"{asked}->without(KEY_PARAMETER)", [*odd, *fine])
    assert left == [*(f"/?{query}" for query in odd), "/", "/", "/?a"]


def test_which_scripts_are_closed() -> None:
    """Installing is closed always, the scheduler while cron is blocked, upgrading never."""
    scripts = [
        "/wp-admin/install.php",
        "/wp-admin/setup-config.php",
        "/wp-mail.php",
        "/wp-cron.php",
    ]
    others = ["/wp-admin/upgrade.php", "/index.php", "/blog/wp-cron.php"]
    closed = php.call("null !== closed_script(a_state(), $case)", [*scripts, *others])
    assert closed == [True] * 4 + [False] * 3
    allowed = "null !== closed_script(a_state(['safety' => ['cron' => 'Allow']]), $case)"
    assert php.call(allowed, scripts) == [True, True, True, False]


def test_the_login_form_is_known_by_the_script_that_runs() -> None:
    """An address that only mentions the login form is not it."""
    scripts = ["/wp-login.php", "/index.php", "/blog/wp-login.php", "/wp-admin/admin-ajax.php"]
    asked = "open_to_strangers(a_request(['path' => '/wp-login.php', 'script' => $case]))"
    assert php.call(asked, scripts) == [True, False, False, False]


@pytest.mark.parametrize(
    ("left", "phrase"),
    [
        (None, "no end is set"),
        (-5, "has ended"),
        (0, "has ended"),
        (30, "ends 12:00 UTC, in 1 min"),
        (10 * 60, "ends 12:10 UTC, in 10 min"),
        (3 * HOUR + 240, "ends 15:04 UTC, in 3 h"),
        (20 * HOUR, "ends 20 Nov 08:00 UTC, in 20 h"),
        (72 * HOUR, "ends 22 Nov 12:00 UTC, in 3 days"),
    ],
)
def test_the_end_is_told_in_words(left: int | None, phrase: str) -> None:
    """People read when the clone ends and how long that is."""
    day = 1_795_046_400 + 12 * HOUR  # 2026-11-19, noon
    ends = None if left is None else day + left
    assert php.call("end_phrase($case[0], $case[1])", [[ends, day]]) == [phrase]


def test_how_to_extend_is_a_command_to_paste() -> None:
    """The command gives four more hours; a clone without an end needs none."""
    asked = "extend_command(a_state(['expiresAt' => $case]))"
    assert php.call(asked, ["2026-11-23T18:04:11Z", None]) == [
        "kubectl patch wpc acme --type=merge "
        '-p \'{"spec":{"extendUntil":"2026-11-23T22:04:11Z"}}\'',
        "",
    ]


@pytest.mark.parametrize(
    ("url", "blocked", "allowed"),
    [
        ("https://acme.clones.test/wp-json/", "self", "self"),
        ("http://ACME.clones.test/", "self", "self"),
        ("https://acme.clones.test.evil.example/", "nowhere", "nowhere"),
        ("https://acme.clones.test@evil.example/", "nowhere", "nowhere"),
        ("http://127.0.0.1/", "through", "through"),
        ("https://api.wordpress.org/", "nowhere", "through"),
        ("https://api.wordpress.org.evil.example/", "nowhere", "nowhere"),
        ("http://169.254.169.254/latest/", "nowhere", "nowhere"),
        ("not a url", "nowhere", "nowhere"),
        ("", "nowhere", "nowhere"),
    ],
)
def test_where_a_request_may_go(url: str, blocked: str, allowed: str) -> None:
    """Only the clone itself is reached, and WordPress' own servers where updates are allowed."""
    assert php.call("http_destination(a_state(), $case)", [url]) == [blocked]
    opened = "http_destination(a_state(['safety' => ['updates' => 'Allow']]), $case)"
    assert php.call(opened, [url]) == [allowed]


def test_every_hook_has_its_function() -> None:
    """No hook names a function that does not exist, whatever the state."""
    states = [{}, {"access": "Public"}, {"access": "Login", "safety": {"cron": "Allow"}}]
    missing = php.call(
        "array_values(array_filter(hooks_for(a_state($case)), "
        "static fn($h) => !function_exists(__NAMESPACE__ . '\\\\' . $h[2])))",
        states,
    )
    assert missing == [[], [], []]


@pytest.mark.parametrize(
    ("row", "hook"),
    [
        ("indexing", "wp_robots"),
        ("cron", "pre_get_ready_cron_jobs"),
        ("payments", "woocommerce_available_payment_gateways"),
        ("webhooks", "woocommerce_webhook_should_deliver"),
        ("updates", "pre_site_transient_update_core"),
    ],
)
def test_a_row_of_safety_opens_its_own_hooks_only(row: str, hook: str) -> None:
    """Allow takes away the hooks of that row, and of no other."""
    names = "array_column(hooks_for(a_state(['safety' => $case])), 0)"
    shut, opened = php.call(names, [{"x": "Block"}, {row: "Allow"}])
    assert hook in shut
    assert hook not in opened
    assert {"pre_wp_mail", "pre_http_request", "admin_bar_menu"} <= set(opened)


def test_mail_cannot_be_opened() -> None:
    """Mail is captured even where somebody wrote Allow: nothing is wired to send it."""
    (names,) = php.call(
        "array_column(hooks_for(a_state(['safety' => $case])), 0)", [{"mail": "Allow"}]
    )
    assert "pre_wp_mail" in names
