# SPDX-License-Identifier: Apache-2.0
"""Fills the tables of a WordPress with what a shop of some years holds: the same every time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bench import values

# Of each hundred bytes of a shop's database so many are in these tables.
SHARES = {"postmeta": 50, "posts": 28, "comments": 7, "options": 4, "usermeta": 6, "lookup": 5}
# A plugin's table of its own, with an index for each way to ask.
LOOKUP = (
    "CREATE TABLE `{prefix}lookup` (`id` bigint unsigned NOT NULL AUTO_INCREMENT,"
    " `sku` varchar(100) NOT NULL DEFAULT '', `price` decimal(19,4) DEFAULT NULL,"
    " `stock` double DEFAULT NULL, `rating` decimal(3,2) DEFAULT 0.00, `sales` bigint DEFAULT 0,"
    " `onsale` tinyint(1) DEFAULT 0, `tax` varchar(100) DEFAULT '', PRIMARY KEY (`id`),"
    " KEY `stock` (`stock`), KEY `onsale` (`onsale`), KEY `price` (`price`,`sales`),"
    " KEY `sku` (`sku`(50))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
)
_FIRST = 100_000  # behind whatever the site's own rows are
_STATEMENT = 200
_POOL = 499
_USER_KEYS = ("nickname", "first_name", "last_name", "description", "rich_editing", "locale")


class _Maker:
    """Makes the rows of one site, their long values drawn from a pool."""

    def __init__(self, url: str) -> None:
        chance = random.Random(11)  # noqa: S311  content, not a key
        numbers = range(_POOL)
        self.url = url
        self.bodies = [values.escaped(values.post(chance, url)) for _ in numbers]
        self.arrays = [values.escaped(values.serialized(chance, url)) for _ in numbers]
        self.texts = [values.escaped(values.words(chance, 1 + n % 4)) for n in numbers]
        self.says = [values.escaped(values.words(chance, 40)) for _ in numbers]

    def postmeta(self, number: int) -> str:
        match number % 40:
            case 0:
                value = self.arrays[number % _POOL]
            case 1:
                value = self.bodies[number % _POOL] * 2
            case 2 | 3 | 4:
                value = f"2024/0{number % 9 + 1}/picture-{number}.jpg"
            case _:
                value = self.texts[number % _POOL]
        return f"{number},{number // 20},'_key_{number % 37}','{value}'"

    def posts(self, number: int) -> str:
        body, title = self.bodies[number % _POOL], self.texts[number % _POOL]
        day = _day(number)
        kind, status = ("revision", "inherit") if number % 3 else ("post", "publish")
        return (
            f"{number},1,'{day}','{day}','{body}','{title}','','{status}','open','open','',"
            f"'post-{number}','','','{day}','{day}','',{number // 3},'{self.url}/?p={number}',0,"
            f"'{kind}','',0"
        )

    def comments(self, number: int) -> str:
        day = _day(number)
        return (
            f"{number},{number // 7},'Visitor {number}','visitor{number}@visitors.example','',"
            f"'192.0.2.{number % 256}','{day}','{day}','{self.says[number % _POOL]}',0,'1',"
            "'Mozilla/5.0','comment',0,0"
        )

    def options(self, number: int) -> str:
        return f"{number},'option_{number}','{self.arrays[number % _POOL]}','no'"

    def usermeta(self, number: int) -> str:
        value = self.texts[number % _POOL]
        return f"{number},{number // 20},'{_USER_KEYS[number % 6]}','{value}'"

    def lookup(self, number: int) -> str:
        sales, price = number * 7919 % 10_000, number * 104_729 % 100_000 / 100
        return f"{number},'SKU-{number * 31 % 999_983}',{price},{sales},4.5,{sales},0,'standard'"


def statements(prefix: str, url: str, megabytes: int) -> Iterator[bytes]:
    """Give the SQL that fills the tables under a prefix up to a size."""
    yield (LOOKUP.format(prefix=prefix) + ";\n").encode()
    maker = _Maker(url)
    for table, share in SHARES.items():
        row: Callable[[int], str] = getattr(maker, table)
        yield from _filled(prefix + table, row, megabytes * share * 10_000)


def _filled(table: str, row: Callable[[int], str], size: int) -> Iterator[bytes]:
    written, number = 0, _FIRST
    head = f"INSERT INTO `{table}` VALUES "  # noqa: S608  ours
    while written < size:
        rows = ",".join(f"({row(number + one)})" for one in range(_STATEMENT))
        number += _STATEMENT
        statement = f"{head}{rows};\n".encode()
        written += len(statement)
        yield statement


def _day(number: int) -> str:
    return f"20{10 + number % 15}-0{number % 9 + 1}-1{number % 10} 1{number % 10}:00:00"
