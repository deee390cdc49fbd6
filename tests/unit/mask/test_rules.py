# SPDX-License-Identifier: Apache-2.0
"""Rules are data: ours cover WordPress and its shops, a user's come after and win."""

from __future__ import annotations

import pytest

from tests.unit.mask.masking import RULES, Desk
from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.errors import ImportFailed, InvalidSpec

STRICT = Mask.STRICT


def test_strict_drops_notes_and_what_was_ordered() -> None:
    """Free text and order contents are gone; under Standard they are there, masked."""
    note = {"comment_author": "Anna", "comment_content": "Call me", "comment_type": "order_note"}
    assert Desk(STRICT).row("wp_comments", **note)["comment_content"] == "(masked)"
    assert Desk().row("wp_comments", **note)["comment_content"] != "Call me"
    for table in ("wp_woocommerce_order_items", "wp_wc_order_product_lookup"):
        assert Desk(STRICT).row(table, order_item_name="Pen") == {}
        assert Desk().row(table, order_item_name="Pen") == {"order_item_name": "Pen"}
    assert Desk(STRICT).row("wp_wc_orders", customer_note="Ring twice")["customer_note"] == ""
    assert Desk(STRICT).meta("description", "I live in Köln") == ""


@pytest.mark.parametrize(
    "table",
    [
        "wp_woocommerce_payment_tokens",
        "wp_woocommerce_sessions",
        "wp_wc_download_log",
        "wp_wfls_settings",
    ],
)
def test_tokens_sessions_and_logs_have_no_rows(table: str) -> None:
    """Nothing of them is copied in either mode."""
    assert Desk().row(table, any_column="x") == {}


@pytest.mark.parametrize("key", ["session_tokens", "_application_passwords", "_new_email"])
def test_what_opens_an_account_is_dropped(key: str) -> None:
    """No session, no application password."""
    assert Desk().meta(key, "a:0:{}") is None


def test_orders_kept_as_posts_are_masked_and_other_posts_are_not() -> None:
    """A rule may speak of some rows of a table only."""
    order = {"post_type": "shop_order", "post_excerpt": "Ring twice", "post_title": "Order"}
    assert Desk().row("wp_posts", **order)["post_excerpt"] != "Ring twice"
    page = {**order, "post_type": "page"}
    assert Desk().row("wp_posts", **page) == page


COLUMNS = {
    "wp_postmeta": (b"meta_id", b"post_id", b"meta_key", b"meta_value"),
    "wp_posts": (b"ID", b"post_content"),
    "wp_users": (b"ID",),
}


def test_only_rows_about_people_are_looked_at() -> None:
    """A row of postmeta or posts that names nobody passes as it is."""
    desk = Desk()

    def looked_at(table: str, rows: bytes) -> int:
        names = b",".join(COLUMNS[table])
        desk.sql(table, b"INSERT INTO `%s` (%s) VALUES %s;" % (table.encode(), names, rows))
        return desk.masker.tally.rows

    assert looked_at("wp_postmeta", b"(1,2,'_thumbnail_id','3'),(2,2,'logo','a@2x.png')") == 1
    assert looked_at("wp_postmeta", b"(1,2,'_Billing_phone','3'),(2,2,'_edit_lock','1')") == 1
    assert looked_at("wp_posts", b"(1,'mail a@b.example'),(2,'2026-01-31 10:00:00')") == 1
    assert looked_at("wp_posts", b"(1,'0170 / 123 45-67'),(2,'it\\'s'),(3,'x')") == 1
    assert looked_at("wp_users", b"(1),(2)") == 2


def test_a_rule_with_a_sign_that_dumps_escape_lets_every_row_be_looked_at() -> None:
    """In the dump it stands with a backslash, or twice."""
    own = mask.read(RULES, 'rules: [{table: acme, when: {kind: ["it\'s"]}, columns: {a: name}}]')
    masked = Desk(rules=own).row("wp_acme", kind="it's", a="Anna Heidenreich")
    assert "Heidenreich" not in str(masked["a"])


def test_tables_that_tell_who_somebody_is_come_first() -> None:
    """Pages that mention somebody are masked with what those tables have told."""
    masker = Desk().masker
    assert masker.tells_of_persons("wp_usermeta")
    assert masker.tells_of_persons("wp_wc_order_addresses")
    assert not masker.tells_of_persons("wp_posts")
    assert not masker.tells_of_persons("wp_options")


def test_an_address_in_any_table_is_masked() -> None:
    """Whatever plugin made the table, and however the `@` is spelled."""
    desk = Desk()
    stand_in = str(desk.row("wp_users", user_email="anna@customer.example")["user_email"])
    local, _, domain = stand_in.partition("@")
    for spelled in ("@", "%40", "&#64;", r"\u0040"):
        files = "logo@2x.png logo@2x.min.jpg a@1.5x-300.webp p@x.js"
        text = f"write to anna{spelled}customer.example, {files}, anna@customer.example.pdf"
        got = desk.row("wp_someplugin", note=text)["note"]
        assert got == f"write to {local}{spelled}{domain}, {files}, {local}@{domain}.pdf"


@pytest.mark.parametrize("text", ["„{}“", "»{}«", "{}…", "<{}>", "x:{},", "{}\u2013{}"])
def test_signs_beside_an_address_are_no_part_of_it(text: str) -> None:
    """The stand-in is the account's own, and the signs stay whole."""
    desk = Desk()
    stand_in = str(desk.row("wp_users", user_email="anna@customer.example")["user_email"])
    one, two = "anna@customer.example", stand_in
    got = desk.row("wp_someplugin", note=text.format(one, one))["note"]
    assert got == text.format(two, two)


def test_a_known_number_in_any_table_is_masked_and_no_other() -> None:
    """A page may show the number of somebody with an account; dates and identifiers stay."""
    desk = Desk()
    desk.meta("billing_phone", "0171 2345678")
    text = "Tel. 0171-2345678, saved 2024-01-31 12:00:00, item 1712345678, 4006381333931"
    got = str(desk.row("wp_posts", post_type="page", post_content=text)["post_content"])
    number, rest = got.split("saved")
    assert "2345678" not in number
    assert rest == text.partition("saved")[2]


def test_a_known_surname_under_any_key_is_masked() -> None:
    """Plugins keep a name under keys of their own; words in lower case are settings."""
    desk = Desk()
    last = desk.meta("last_name", "Brown")
    assert desk.meta("acme_whoever", "Brown") == last
    assert desk.meta("acme_colour", "brown") == "brown"
    assert desk.row("wp_options", option_value="Brown")["option_value"] == "Brown"


def test_a_user_adds_tables_columns_members_and_addresses_that_stay() -> None:
    """A document of one's own extends ours, and wins over it."""
    own = """
rules:
  - table: acme_guests
    columns: {guest: name, diet: [text, empty]}
  - table: usermeta
    key: meta_key
    value: meta_value
    keys: {acme_vip: shape, nickname: keep}
members:
  phone: [rufnummer]
keep: ["office@acme.example", "*@acme.test"]
"""
    desk = Desk(rules=mask.read(RULES, own))
    guest = desk.row("wp_acme_guests", guest="Anna Heide", diet="none")
    assert (guest["guest"] != "Anna Heide", guest["diet"]) == (True, "none")
    assert desk.meta("nickname", "Annie") == "Annie"
    assert desk.meta("first_name", "Annie") != "Annie"
    assert desk.meta("settings", '{"rufnummer":"0170 1234567"}') != '{"rufnummer":"0170 1234567"}'
    kept = "office@acme.example or any@acme.test"
    assert desk.row("wp_options", option_value=kept)["option_value"] == kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [{table: a, columns: {b: emial}}]", "rules.0.columns.b"),
        ("rules: [{tabel: a}]", r"rules\.0\.table"),
        ("rules: [", "no YAML: line"),
        ("- a", "document"),
    ],
)
def test_a_wrong_document_is_refused_in_a_sentence(text: str, says: str) -> None:
    """A misspelled rule must not mean: not masked."""
    with pytest.raises(InvalidSpec, match=says):
        mask.read(RULES, text)


@pytest.mark.parametrize(
    ("path", "personal"),
    [
        (b"wp-content/uploads/2024/customers.CSV", True),
        (b"wp-content/uploads/wpo_wcpdf/attachments/invoice-7.pdf", True),
        (b"wp-content/uploads/wp-personal-data-exports/x.zip", True),
        (b"wp-content/plugins/x/debug.log", True),
        (b"wp-content/uploads/2024/picture.jpg", False),
        (b"wp-content/plugins/x/data/countries.csv", False),
        (b"wp-content/uploads/\xff.jpg", False),
    ],
)
def test_files_about_people_are_named(path: bytes, *, personal: bool) -> None:
    """Exports, invoices and logs stay behind."""
    assert bool(mask.read(RULES).personal(path)) is personal


def test_a_table_whose_columns_are_unknown_is_not_copied() -> None:
    """Rules go by columns: without them nothing could be masked, and silence would be a leak."""
    users = b"INSERT INTO `wp_users` VALUES (1,'anna','h','anna','anna@customer.example');"
    with pytest.raises(ImportFailed, match="columns of table wp_someplugin"):
        Desk(rules=mask.read("rules: [{table: someplugin, columns: {a: email}}]")).sql(
            "wp_someplugin", users.replace(b"users", b"someplugin")
        )
    names = (b"ID", b"user_login", b"user_pass", b"user_nicename", b"user_email")
    ddl = b"CREATE TABLE `wp_users` (\n%s\n)" % b",\n".join(b"  `%s` text" % one for one in names)
    assert b"(1,'anna'" not in Desk().sql("wp_users", users, ddl)


def test_the_case_of_names_says_nothing() -> None:
    """A server that keeps names in lower case is masked as well."""
    got = Desk().row("wp_USERS", USER_EMAIL="anna@customer.example")
    assert got["USER_EMAIL"] != "anna@customer.example"
