# SPDX-License-Identifier: Apache-2.0
"""Takes from a fresh copy what could act on the world, before its first page is served.

Every step can be repeated, leaves no trace when there is nothing to do, and says what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wpclone.mover import options
from wpclone.mover.filling import quoted

if TYPE_CHECKING:
    from wpclone.api.mover import SafetyConfig
    from wpclone.mover.connection import Connection

BLOCK: Final = "Block"
_MOST_OF_A_LINE: Final = 120


def _always(_: SafetyConfig) -> bool:
    return True


def _no_indexing(safety: SafetyConfig) -> bool:
    return safety.indexing == BLOCK


def _no_cron(safety: SafetyConfig) -> bool:
    return safety.cron == BLOCK


def _no_payments(safety: SafetyConfig) -> bool:
    return safety.payments == BLOCK


def _no_webhooks(safety: SafetyConfig) -> bool:
    return safety.webhooks == BLOCK


@dataclass(frozen=True, slots=True)
class Step:
    """One statement on one of the site's tables; `{table}` stands for its name."""

    what: str
    table: str
    sql: str
    wanted: Callable[[SafetyConfig], bool] = _always


def _without(what: str, names: str, wanted: Callable[[SafetyConfig], bool] = _always) -> Step:
    """Make the step that removes options by name."""
    return Step(what, "options", _DELETE.format(key="option_name", names=_quoted(names)), wanted)


def _emptied(what: str, names: str, wanted: Callable[[SafetyConfig], bool] = _always) -> Step:
    """Make the step that empties options by name."""
    where = f"option_name IN ({_quoted(names)}) AND option_value <> ''"
    return Step(what, "options", _EMPTY + where, wanted)


def _quoted(names: str) -> str:
    return ", ".join(f"'{name}'" for name in names.split())


_EMPTY: Final = "UPDATE {table} SET option_value = '' WHERE "
_DELETE: Final = "DELETE FROM {{table}} WHERE {key} IN ({names})"
_USER_SECRETS: Final = (
    "session_tokens _application_passwords community-events-location _new_email"
    " _woocommerce_persistent_cart_1"
)

STEPS: Final = (
    Step(
        "sessions and application passwords of users removed",
        "usermeta",
        _DELETE.format(key="meta_key", names=_quoted(_USER_SECRETS)),
    ),
    Step(
        "activation keys cleared",
        "users",
        "UPDATE {table} SET user_activation_key = '' WHERE user_activation_key <> ''",
    ),
    Step(
        "transients removed",
        "options",
        r"DELETE FROM {table} WHERE option_name LIKE '\_transient\_%'"
        r" OR option_name LIKE '\_site\_transient\_%'",
    ),
    Step(
        "the copying plugin's own options removed",
        "options",
        r"DELETE FROM {table} WHERE option_name LIKE 'wpclone\_%'",
    ),
    _without("rewrite rules left to be built anew", "rewrite_rules"),
    _without(
        "keys and salts left to be made anew",
        "auth_key auth_salt secure_auth_key secure_auth_salt logged_in_key logged_in_salt"
        " nonce_key nonce_salt secret_key secret_salt",
    ),
    # What only makes sense while it runs on the source.
    _without(
        "pending changes dropped",
        "adminhash new_admin_email recovery_keys auto_updater.lock core_updater.lock",
    ),
    # A copy must not take the live site's seats, licences and identities.
    _without(
        "identities at outside services removed",
        "jetpack_options jetpack_private_options jetpack_id jetpack_secrets jetpack_user_tokens"
        " fs_accounts wpmudev_apikey woocommerce_helper_data mailchimp-woocommerce-store_id"
        " wordpress_api_key",
    ),
    _without(
        "settings of mail plugins removed",
        "wp_mail_smtp swpsmtp_options swpsmtp_pass fluentmail-settings postman_options mailgun"
        " sendgrid_apikey sendgrid_api_key sendinblue_options wp_ses_options smtp_options"
        " postmark_settings",
    ),
    _emptied(
        "mailbox for posting by mail cleared",
        "mailserver_url mailserver_login mailserver_pass",
    ),
    Step(
        "uploads moved to their usual folder",
        "options",
        "UPDATE {table} SET option_value = '' WHERE option_name = 'upload_path'"
        " AND option_value LIKE '/%'",
    ),
    Step(
        "search engines told to stay away",
        "options",
        "UPDATE {table} SET option_value = '0' WHERE option_name = 'blog_public'"
        " AND option_value <> '0'",
        _no_indexing,
    ),
    _emptied("update services no longer told of new posts", "ping_sites", _no_indexing),
    _without("scheduled tasks dropped", "cron", _no_cron),
    Step("shop sessions removed", "woocommerce_sessions", "DELETE FROM {table}"),
    Step("keys of the shop's interface removed", "woocommerce_api_keys", "DELETE FROM {table}"),
    Step(
        "shop webhooks disabled",
        "wc_webhooks",
        "UPDATE {table} SET status = 'disabled', secret = ''"
        " WHERE status <> 'disabled' OR secret <> ''",
        _no_webhooks,
    ),
    Step(
        "saved payment methods removed",
        "woocommerce_payment_tokens",
        "DELETE FROM {table}",
        _no_payments,
    ),
    Step(
        "details of saved payment methods removed",
        "woocommerce_payment_tokenmeta",
        "DELETE FROM {table}",
        _no_payments,
    ),
)


def run(
    connection: Connection, prefix: str, safety: SafetyConfig, plugins: Collection[str] = ()
) -> tuple[str, ...]:
    """Neutralise the copy under `prefix`, switch these plugins off; return what was done."""
    return tuple(_done(connection, prefix, safety, frozenset(plugins)))


def _done(
    connection: Connection, prefix: str, safety: SafetyConfig, plugins: frozenset[str]
) -> Iterator[str]:
    connection.speak("utf8mb4")
    there = {row[0].decode("utf-8", "replace") for row in connection.query("SHOW TABLES")}
    for step in STEPS:
        name = prefix + step.table
        if name not in there or not step.wanted(safety):
            continue
        if connection.run(step.sql.replace("{table}", quoted(name))).rows:
            yield step.what
    if options.drop_plugins(connection, prefix, lambda folder: folder.startswith("wpclone")):
        yield "the copying plugin switched off"
    off = options.drop_plugins(connection, prefix, plugins.__contains__)
    yield from _listed("plugins switched off: ", off)
    if safety.payments == BLOCK:
        names = options.close_gateways(connection, prefix)
        if names:
            yield "payment methods switched off: " + ", ".join(names)


def _listed(head: str, names: Sequence[str]) -> Iterator[str]:
    """Tell names in as few lines as the status has room for."""
    line = ""
    for name in names:
        longer = f"{line}, {name}" if line else head + name
        if line and len(longer) > _MOST_OF_A_LINE:
            yield line
            longer = head + name
        line = longer
    if line:
        yield line
