# SPDX-License-Identifier: Apache-2.0
"""Takes high-water marks, so that rows written during a copy leave no orphans in it.

The rules are the agent plugin's (`WPClone_Agent_Marks`): rows up to each table's mark belong to the
copy, and no child whose parent is above its parent's mark. Some children point higher from the
start (rows whose parent was deleted): their own mark is the limit then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from wpclone.mover.sources.database.columns import Column
from wpclone.mover.sources.database.tables import Shape, number
from wpclone.mover.sources.database.wire import Wire

# Parents first; what is not named here follows in alphabetical order.
_ORDER: Final = (
    *("users", "usermeta", "terms", "termmeta", "term_taxonomy", "posts", "postmeta", "comments"),
    *("commentmeta", "term_relationships", "links", "options", "wc_orders"),
    "woocommerce_order_items",
)
_ORDERS: Final = {"order_id": "posts"}
# Child column => parent table. WooCommerce takes the identifiers of its orders from `posts`.
_PARENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "usermeta": {"user_id": "users"},
    "termmeta": {"term_id": "terms"},
    "term_taxonomy": {"term_id": "terms"},
    "term_relationships": {"object_id": "posts", "term_taxonomy_id": "term_taxonomy"},
    "postmeta": {"post_id": "posts"},
    "comments": {"comment_post_ID": "posts"},
    "commentmeta": {"comment_id": "comments"},
    "wc_orders": {"id": "posts"},
    "wc_orders_meta": _ORDERS,
    "wc_order_addresses": _ORDERS,
    "wc_order_operational_data": _ORDERS,
    "wc_order_stats": _ORDERS,
    "wc_order_product_lookup": _ORDERS,
    "wc_order_tax_lookup": _ORDERS,
    "wc_order_coupon_lookup": _ORDERS,
    "woocommerce_order_items": _ORDERS,
    "woocommerce_order_itemmeta": {"order_item_id": "woocommerce_order_items"},
}


def in_order(names: Iterable[str], prefix: str) -> list[str]:
    """Return names in the order in which they are to be read."""
    first = {prefix + name: at for at, name in enumerate(_ORDER)}
    return sorted(names, key=lambda name: (first.get(name, len(first)), name))


def take(wire: Wire, shapes: Iterable[Shape], prefix: str) -> dict[str, str]:
    """Return the highest key of every table that has one, and the highest parents named."""
    marks = {}
    for shape in shapes:
        if key := shape.single_integer_key:
            marks[shape.name] = _highest(wire, shape, key)
        for name in _parents(shape.name, prefix):
            if column := shape.column(name):
                marks[f"{shape.name}.{name}"] = _highest(wire, shape, column)
    return marks


def limits(shape: Shape, marks: Mapping[str, str], prefix: str) -> dict[str, int]:
    """Return what follows from the marks for one table: the highest value by column."""
    found: dict[str, int] = {}
    for column, parent in _parents(shape.name, prefix).items():
        if parent in marks and shape.column(column):
            own = _value(marks.get(f"{shape.name}.{column}", "0"))
            found[column] = max(_value(marks[parent]), own)
    key = shape.single_integer_key
    if key and shape.name in marks:
        own = _value(marks[shape.name])
        found[key.name] = min(found.get(key.name, own), own)
    return found


def _parents(name: str, prefix: str) -> dict[str, str]:
    parents = _PARENTS.get(name.removeprefix(prefix), {})
    return {column: prefix + parent for column, parent in parents.items()}


def _highest(wire: Wire, shape: Shape, column: Column) -> str:
    sql = f"SELECT IFNULL(MAX({column.quoted}),0) FROM {shape.quoted}"  # noqa: S608  quoted
    return str(number(wire.value(sql)))


def _value(mark: str) -> int:
    return number(mark.encode("utf-8", "replace"))
