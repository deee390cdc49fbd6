# SPDX-License-Identifier: Apache-2.0
"""Puts people into a site as WooCommerce and form plugins do: in each of their tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mariadb import Server

COUNT = 40


@dataclass(frozen=True)
class Person:
    """Somebody who must not be in a masked copy."""

    number: int

    @property
    def first(self) -> str:
        """The given name."""
        return f"Givenname{'abcdefghij'[self.number % 10]}"

    @property
    def last(self) -> str:
        """The surname."""
        return f"Familyname{'abcdefghij'[self.number // 10]}{'abcdefghij'[self.number % 10]}"

    @property
    def email(self) -> str:
        """The address."""
        return f"{self.first}.{self.last}.{self.number}@customer.example".lower()

    @property
    def phone(self) -> str:
        """The number."""
        return f"+49 170 {5000000 + self.number * 7919}"

    @property
    def phone_at_home(self) -> str:
        """The same number as people write it."""
        return f"0170-{5000000 + self.number * 7919}"


PEOPLE = tuple(Person(number) for number in range(COUNT))

TABLES = {
    "wc_orders": "id BIGINT PRIMARY KEY, billing_email VARCHAR(320), total_amount DECIMAL(26,8),"
    " ip_address VARCHAR(100), user_agent TEXT, customer_note TEXT, transaction_id VARCHAR(100)",
    "wc_order_addresses": "id BIGINT AUTO_INCREMENT PRIMARY KEY, order_id BIGINT,"
    " address_type VARCHAR(20), first_name TEXT, last_name TEXT, company TEXT, address_1 TEXT,"
    " city TEXT, postcode TEXT, country TEXT, email VARCHAR(320), phone VARCHAR(100)",
    "wc_orders_meta": "id BIGINT AUTO_INCREMENT PRIMARY KEY, order_id BIGINT,"
    " meta_key VARCHAR(255), meta_value TEXT",
    "woocommerce_order_items": "order_item_id BIGINT AUTO_INCREMENT PRIMARY KEY,"
    " order_item_name TEXT, order_id BIGINT",
    "wc_customer_lookup": "customer_id BIGINT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(60),"
    " first_name VARCHAR(255), last_name VARCHAR(255), email VARCHAR(100), city VARCHAR(100)",
    "woocommerce_payment_tokens": "token_id BIGINT AUTO_INCREMENT PRIMARY KEY, token TEXT",
    "woocommerce_sessions": "session_id BIGINT AUTO_INCREMENT PRIMARY KEY, session_value LONGTEXT",
    "wc_download_log": "download_log_id BIGINT AUTO_INCREMENT PRIMARY KEY,"
    " user_ip_address VARCHAR(100)",
    "gf_entry_meta": "id BIGINT AUTO_INCREMENT PRIMARY KEY, entry_id BIGINT,"
    " meta_key VARCHAR(255), meta_value LONGTEXT",
    "db7_forms": "form_id BIGINT AUTO_INCREMENT PRIMARY KEY, form_value LONGTEXT",
    "unknown_plugin": "id BIGINT AUTO_INCREMENT PRIMARY KEY, stuff LONGBLOB, note TEXT",
}


def serialized(**values: str) -> str:
    """Return a serialized array."""

    def one(text: str) -> str:
        return f's:{len(text.encode())}:"{text}";'

    return f"a:{len(values)}:{{{''.join(one(k) + one(v) for k, v in values.items())}}}"


def move_in(server: Server, schema: str, prefix: str) -> None:
    """Let everybody order, comment and answer forms, in either storage of orders."""
    statements = [
        f"CREATE TABLE `{prefix}{name}` ({columns}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
        " COLLATE=utf8mb4_unicode_520_ci"
        for name, columns in TABLES.items()
    ]
    server.execute(*statements, schema=schema)
    with server.root(schema) as wire, wire.cursor() as cursor:
        for person in PEOPLE:
            for table, values in rows(person):
                names = ", ".join(f"`{name}`" for name in values)
                marks = ", ".join(["%s"] * len(values))
                cursor.execute(
                    f"INSERT INTO `{prefix}{table}` ({names}) VALUES ({marks})",
                    tuple(values.values()),
                )
        wire.commit()


def rows(one: Person) -> Iterator[tuple[str, dict[str, str | int | bytes]]]:
    """Yield everything that the site has of a person."""
    order = 90_000 + one.number
    yield "wc_orders", {
        "id": order, "billing_email": one.email, "total_amount": "12.5",
        "ip_address": f"84.12.7.{one.number}", "user_agent": f"Browser of {one.last}",
        "customer_note": f"Call {one.phone_at_home}", "transaction_id": f"tx_{one.number:09}",
    }  # fmt: skip
    yield "wc_order_addresses", {
        "order_id": order, "address_type": "billing", "first_name": one.first,
        "last_name": one.last, "company": "", "address_1": f"Weg {one.number}", "city": "Köln",
        "postcode": "50667", "country": "DE", "email": one.email, "phone": one.phone,
    }  # fmt: skip
    yield "wc_orders_meta", {
        "order_id": order, "meta_key": "_acme_gift",
        "meta_value": serialized(last_name=one.last, to=one.email, text="Happy birthday"),
    }  # fmt: skip
    yield "woocommerce_order_items", {"order_item_name": "Fountain pen", "order_id": order}
    yield "wc_customer_lookup", {
        "username": f"{one.first}.{one.last}", "first_name": one.first, "last_name": one.last,
        "email": one.email, "city": "Köln",
    }  # fmt: skip
    yield "woocommerce_payment_tokens", {"token": f"tok_{one.last}"}
    yield "woocommerce_sessions", {"session_value": serialized(email=one.email)}
    yield "wc_download_log", {"user_ip_address": f"84.12.7.{one.number}"}
    for key, value in (
        ("_billing_first_name", one.first), ("_billing_last_name", one.last),
        ("_billing_email", one.email), ("_billing_phone", one.phone_at_home),
        ("_billing_address_index", f"{one.first} {one.last} Weg {one.number} Köln {one.email}"),
        ("_thumbnail_id", "7"),
    ):  # fmt: skip
        yield "postmeta", {"post_id": order, "meta_key": key, "meta_value": value}
    yield "posts", {
        "post_content": "", "post_title": "Order", "post_excerpt": f"Please ring, {one.last}",
        "to_ping": "", "pinged": "", "post_content_filtered": "", "post_type": "shop_order",
    }  # fmt: skip
    yield "posts", {
        "post_content": f'<a href="tel:{one.phone.replace(" ", "")}">{one.phone}</a> or'
        f' <a href="mailto:{one.email}">mail</a> {json.dumps({"to": one.email})}',
        "post_title": "Team", "post_excerpt": "", "to_ping": "", "pinged": "",
        "post_content_filtered": "", "post_type": "page",
    }  # fmt: skip
    yield "comments", {
        "comment_author": f"{one.first} {one.last}", "comment_author_email": one.email.upper(),
        "comment_author_IP": f"84.12.7.{one.number}", "comment_post_ID": 1,
        "comment_content": f"Write to {one.email}, call {one.phone}. Yours, {one.first}",
        "comment_agent": "Mozilla",
    }  # fmt: skip
    yield "gf_entry_meta", {"entry_id": order, "meta_key": "1.6", "meta_value": one.last}
    yield "gf_entry_meta", {"entry_id": order, "meta_key": "2", "meta_value": one.email}
    yield "gf_entry_meta", {"entry_id": order, "meta_key": "3", "meta_value": one.phone}
    yield (
        "db7_forms",
        {"form_value": serialized(**{"your-email": one.email, "your-message": f"I am {one.last}"})},
    )
    yield "unknown_plugin", {"stuff": one.email.encode(), "note": f"{one.phone_at_home}!"}
