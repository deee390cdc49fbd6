# SPDX-License-Identifier: Apache-2.0
"""Generates the dumps that are measured: the same bytes every time, of any size."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import values

OLD = "https://www.acme.test"
NEW = "https://blog.clones.test"
ELSEWHERE = "https://elsewhere.test"
_TABLE = (
    "SET NAMES utf8mb4;\n"
    "DROP TABLE IF EXISTS `wp_postmeta`;\n"
    "CREATE TABLE `wp_postmeta` (`meta_id` bigint unsigned NOT NULL AUTO_INCREMENT,"
    " `post_id` bigint unsigned NOT NULL DEFAULT 0, `meta_key` varchar(255) DEFAULT NULL,"
    " `meta_value` longtext DEFAULT NULL, PRIMARY KEY (`meta_id`), KEY `post_id` (`post_id`),"
    " KEY `meta_key` (`meta_key`(191))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
)
_INSERT = "INSERT INTO `wp_postmeta` VALUES "


def _mixed(chance: random.Random, number: int) -> str:
    kind = number % 12
    if kind == 0:
        return values.post(chance, OLD)
    if kind == 1:
        return values.serialized(chance, OLD)
    return values.words(chance, chance.choice([1, 2, 5, 30]))


def _rows(size: int, make: Callable[[random.Random, int], str]) -> Iterator[bytes]:
    """Make extended INSERTs of rows whose values are drawn from two thousand."""
    chance = random.Random(7)  # noqa: S311  a dump, not a key
    sample = [values.escaped(make(chance, number)) for number in range(2000)]
    written = number = 0
    while written < size:
        rows = []
        for _ in range(400):
            number += 1
            rows.append(f"({number},{number % 97},'key_{number % 13}','{sample[number % 2000]}')")
        text = f"{_INSERT}{','.join(rows)};\n".encode()
        written += len(text)
        yield text


def realistic(size: int) -> Iterator[bytes]:
    """Make the mix of a usual site: many small values, some posts, one in six with an address."""
    return _rows(size, _mixed)


def all_serialized(size: int) -> Iterator[bytes]:
    """Make nothing but serialized values with addresses."""
    return _rows(size, lambda chance, _number: values.serialized(chance, OLD))


def no_match(size: int) -> Iterator[bytes]:
    """Make the usual mix without any address of the source."""
    return _rows(size, lambda chance, number: _mixed(chance, number).replace(OLD, ELSEWHERE))


def giant_row(size: int) -> Iterator[bytes]:
    """Make one row with one serialized text of the whole size."""
    chance = random.Random(7)  # noqa: S311  a dump, not a key
    line = values.post(chance, OLD)
    many = size // len(values.escaped(line).encode())
    yield f"{_INSERT}(1,1,'giant','a:1:{{i:0;s:{many * len(line.encode())}:\\\"".encode()
    for _ in range(many):
        yield values.escaped(line).encode()
    yield b"\\\";}');\n"


GIANT = "one giant row"
DUMPS = {
    "realistic": realistic,
    "all serialized": all_serialized,
    "no match": no_match,
    GIANT: giant_row,
}


def write(path: Path, name: str, megabytes: int) -> int:
    """Write a dump; give its size in bytes."""
    with path.open("wb") as file:
        file.write(_TABLE.encode())
        file.writelines(DUMPS[name](megabytes * 1_000_000))
        return file.tell()
