# SPDX-License-Identifier: Apache-2.0
"""Changes single options of the copy, byte-exactly: their charset and the rest stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wpclone.api.text import clean
from wpclone.mover import phpvalue
from wpclone.mover.filling import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from wpclone.mover.connection import Connection

# Keys within a gateway's settings that could move money or open an account.
_SECRET: Final = re.compile(
    rb"secret|private|password|passphrase|token|signature|api_?key|apikey|publishable|client_id"
    rb"|merchant_id|webhook|licen[cs]e|username|_key$",
    re.IGNORECASE,
)
# Gateways that carry no money of their own accord are found by the shop's list; these are not.
_GATEWAYS: Final = re.compile(
    rb"^woocommerce_(?:.*(?:paypal|ppec|ppcp|stripe|braintree|square|authorize|klarna|mollie"
    rb"|amazon_payments|payfast|sagepay|opayo|worldpay|adyen|razorpay|paystack|eway|sofort"
    rb"|girogate|payone|paymill|2checkout|affirm|afterpay|woocommerce_payments|woopay)"
    rb".*|bacs|cheque|cod)_settings$"
)


def read(connection: Connection, prefix: str, name: str) -> bytes | None:
    """Return an option's stored bytes, or None."""
    value = connection.value(
        f"SELECT CAST(option_value AS BINARY) FROM {quoted(prefix + 'options')}"  # noqa: S608  quoted
        " WHERE option_name = %s",
        (name,),
    )
    return value if isinstance(value, bytes) else None


def write(connection: Connection, prefix: str, name: str, value: bytes) -> None:
    """Store an option's bytes; the option must be there."""
    connection.run(
        f"UPDATE {quoted(prefix + 'options')} SET option_value = %s WHERE option_name = %s",  # noqa: S608  quoted
        (value, name),
    )


def put(connection: Connection, prefix: str, name: str, value: str) -> None:
    """Store an option, made if it is not there."""
    if read(connection, prefix, name) is not None:
        write(connection, prefix, name, value.encode())
        return
    connection.run(
        f"INSERT INTO {quoted(prefix + 'options')} (option_name, option_value, autoload)"  # noqa: S608  quoted
        " VALUES (%s, %s, 'yes')",
        (name, value),
    )


def drop_plugins(connection: Connection, prefix: str, unwanted: Callable[[str], bool]) -> list[str]:
    """Take the plugins in unwanted folders from the active ones; return their names."""
    active = phpvalue.entries(read(connection, prefix, "active_plugins") or b"")
    if active is None:
        return []
    kept, dropped = [], []
    for _, value in active:
        path = (phpvalue.text(value) or b"").decode("utf-8", "replace")
        folder = path.split("/", 1)[0]
        if unwanted(folder):
            dropped.append(clean(folder, 60))
        else:
            kept.append(value)
    if dropped:
        write(connection, prefix, "active_plugins", phpvalue.numbered(kept))
    return sorted(dropped)


def close_gateways(connection: Connection, prefix: str) -> list[str]:
    """Switch off every payment method of the shop and empty its keys; return their names."""
    order = phpvalue.entries(read(connection, prefix, "woocommerce_gateway_order") or b"") or []
    listed = {b"woocommerce_%s_settings" % (phpvalue.text(key) or b"") for key, _ in order}
    rows = connection.query(
        "SELECT option_name, CAST(option_value AS BINARY)"  # noqa: S608  quoted
        f" FROM {quoted(prefix + 'options')}"
        r" WHERE option_name LIKE 'woocommerce\_%\_settings'"
    )
    closed = []
    for name, value in rows:
        if name not in listed and not _GATEWAYS.match(name):
            continue
        shut = closed_gateway(value or b"")
        if shut != value:
            write(connection, prefix, name.decode("utf-8", "replace"), shut)
            short = name.removeprefix(b"woocommerce_").removesuffix(b"_settings")
            closed.append(clean(short.decode("utf-8", "replace"), 40))
    return sorted(closed)


def closed_gateway(value: bytes) -> bytes:
    """Return a gateway's settings switched off and without its keys; others are left alone."""
    settings = phpvalue.entries(value)
    if settings is None:
        return value
    shut = []
    for key, item in settings:
        name, new = phpvalue.text(key) or b"", item
        if phpvalue.text(item) is None:
            pass
        elif name == b"enabled":
            new = phpvalue.string(b"no")
        elif name == b"testmode":
            new = phpvalue.string(b"yes")
        elif _SECRET.search(name) and phpvalue.text(item) not in {b"yes", b"no"}:
            new = phpvalue.string(b"")
        shut.append((key, new))
    return phpvalue.array(shut)
