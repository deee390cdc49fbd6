# SPDX-License-Identifier: Apache-2.0
"""Makes the values and dumps that the fuzzer feeds: pieces of real formats, glued and damaged."""

from __future__ import annotations

import base64
import json
import random
import tomllib
from pathlib import Path
from urllib.parse import quote

CORPUS = Path(__file__).parents[1] / "corpus" / "rewrite"

# The pairs of addresses that the mappings are made of, each a list of its own.
MAPPINGS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("https://old.example", "https://copy.clones.test"),),
    (("https://www.old.example/blog", "http://copy.clones.test:8080/a/b"),),
    (
        ("https://old.example", "https://new.test"),
        ("https://old.example/shop", "https://shop.test"),
        ("http://cdn.old.example:8080", "https://cdn.test/x"),
        ("https://new.test", "https://old.example"),
    ),
    (("https://grüße-straße.example", "https://ünlü--x.test/ä"),),
    (("https://a--b.old.example", "https://c--d.clones.test"),),
    (("http://127.0.0.1:8000/öl/x", "https://copy.clones.test"),),
    (("https://old.example", "https://new.test"), ("http://old.example", "http://plain.test/x")),
)
_ADDRESSES = [
    b"https://old.example",
    b"http://www.old.example",
    b"//old.example",
    rb"https:\/\/old.example\/blog",
    b"HTTPS://Old.Example/shop",
    b"https%3A%2F%2Fwww.old.example%2Fblog%2F",
    b"https%253A%252F%252Fold.example",
    b"https%3A%5C%2F%5C%2Fold.example%5C%2Fblog",
    b"%5c%2f%5c%2fold.example",
    rb"https:\u002f\u002fold.example",
    b"https&#58;&#47;&#x2f;old.example",
    b"http://cdn.old.example:8080/x",
    b"https://old.example:443/",
    b"https://old.example:8443/",
    "https://grüße-straße.example/".encode(),
    b"https://xn--gre-strae-u9a6d.example",
    rb"https:\/\/gr\u00fc\u00dfe-stra\u00dfe.example",
    rb"https://a\u002d\u002db.old.example",
    b"https://a--b.old.example",
    "http://127.0.0.1:8000/öl/x".encode(),
    b"http://127.0.0.1:8000/%C3%B6l/x",
    b"mail@old.example",
    b"https://user:secret@old.example",
    b"https://old.example.org",
    b"https://new.test/y",
    b"old.example",
]
_PIECES = [
    b"a:1:{",
    b"a:2:{",
    b"i:0;",
    b's:19:"',
    b's:3:"',
    b'";',
    b"}",
    b'"',
    b"'",
    b"\\",
    b'\\"',
    b"\\\\",
    b'C:1:"A":',
    b'O:1:"A":1:{',
    b'S:3:"a\\41b";',
    b"a%3A1%3A%7B",
    b"s%3A3%3A%22",
    b"&quot;",
    b"&amp;",
    b"<a href='",
    b'{"a":"',
    b'["',
    b"%2F",
    b"\n",
    b"\0",
    b" ",
    b".",
    b"@",
    b":80",
    b"/",
    b"\xc3\xa4",
    b"\xe2\x80\x9d",
    b"\xff",
    b"aHR0cHM6Ly9vbGQuZXhhbXBsZQ==",
    b"x",
    b"N;",
    b"d:0.5;",
    b"R:2;",
    b"R:1;",
    b"r:1;",
    b"r:2;",
    b"R:9;",
    b"d:-INF;",
    b"d:+1.e5;",
    b"i:-0;",
    b's:003:"',
    b'O:3:"a-b":0:{}',
    b'O:3:"A\\b":0:{}',
    b'C:1:"A":3:{xyz}',
    b"%40",
    b"%3D",
    b"\\u002d",
    b"=",
    b"-",
    b"_",
    b"\\n",
    b"\\r",
    b"\\t",
    b"\\Z",
    b"\\0",
    b"\\%",
    b"''",
    b'""',
    b"\\u00e4",
    b"\\ud83d\\ude00",
    b"\\ud83d",
]


def corpus() -> list[tuple[str, bytes]]:
    """Give what the corpus holds, with its kind."""
    cases = []
    for path in sorted(CORPUS.glob("*.toml")):
        raw = tomllib.loads(path.read_text())
        cases.append((raw.get("kind", "value"), raw["old"].encode(raw.get("encoding", "utf-8"))))
    return cases


class Maker:
    """Makes material from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        """Take the chance; the same chance makes the same material."""
        self.chance = chance
        cases = corpus()
        self._values = [data for kind, data in cases if kind != "sql"]
        self._dumps = [data for kind, data in cases if kind == "sql"]

    def value(self, depth: int = 0) -> bytes:
        """Make one value."""
        if depth >= 4 or self.chance.random() < 0.2:
            return self.text()
        if self.chance.random() < 0.2:
            return self.damaged(self.chance.choice(self._values))
        makers = (self._array, self._string, self._json, self._attribute, self._coded)
        made = self.chance.choice(makers)(depth)
        return self.damaged(made) if self.chance.random() < 0.2 else made

    def _string(self, depth: int) -> bytes:
        inner = self.value(depth + 1)
        return b's:%d:"%s";' % (len(inner), inner)

    def _json(self, depth: int) -> bytes:
        names = [name.decode("latin-1") for name in self.chance.sample(_ADDRESSES, 2)]
        text = {"k": self.value(depth + 1).decode("latin-1"), "u": "https://old.example/"}
        if self.chance.random() < 0.4:
            text |= dict.fromkeys([*names, "https://copy.clones.test", "https://new.test"], "x")
        coded = json.dumps(text, ensure_ascii=self.chance.random() < 0.5).encode()
        return coded.replace(b"/", rb"\/") if self.chance.random() < 0.5 else coded

    def _attribute(self, depth: int) -> bytes:
        quotes = self.value(depth + 1).replace(b"&", b"&amp;").replace(b'"', b"&quot;")
        return b'<p data-x="%s">%s</p>' % (quotes, self.text())

    def _coded(self, depth: int) -> bytes:
        inner = self.value(depth + 1)
        if self.chance.random() < 0.5:
            return b"q=" + quote(inner).encode() + b"&" + self.text()
        coded = self.chance.choice((base64.b64encode, base64.urlsafe_b64encode))(inner)
        if self.chance.random() < 0.5:
            coded = coded.replace(b"=", self.chance.choice((b"", b"%3D", b"%3d")))
        return self.text() + coded + self.text() if self.chance.random() < 0.3 else coded

    def _array(self, depth: int) -> bytes:
        members = []
        for number in range(self.chance.randrange(4)):
            key = b"i:%d;" % number
            if self.chance.random() < 0.3:
                name = self.chance.choice(_ADDRESSES)
                key = b's:%d:"%s";' % (len(name), name)
            inner = self.value(depth + 1)
            is_token = inner[:2] in {b"a:", b"s:", b"i:", b"O:"} and self.chance.random() < 0.8
            members.append(key + (inner if is_token else b's:%d:"%s";' % (len(inner), inner)))
        if self.chance.random() < 0.2:
            return b'O:8:"stdClass":%d:{%s}' % (len(members), b"".join(members))
        return b"a:%d:{%s}" % (len(members), b"".join(members))

    def text(self) -> bytes:
        """Make a soup of pieces and addresses."""
        pool = self.chance.choice([_PIECES, _ADDRESSES, _PIECES + _ADDRESSES])
        return b"".join(self.chance.choices(pool, k=self.chance.randrange(9)))

    def damaged(self, data: bytes) -> bytes:
        """Cut, repeat or replace something, or nothing."""
        for _ in range(self.chance.randrange(3)):
            at = self.chance.randrange(len(data) + 1)
            piece = self.chance.choice([*_PIECES, *_ADDRESSES, b""])
            data = data[:at] + piece + data[at + self.chance.randrange(3) :]
        return data

    def literal(self, data: bytes) -> bytes:
        """Write a value as one of the dump programs would."""
        way = self.chance.randrange(7)
        if way == 0:
            digits = data.hex().encode()
            half = self.chance.randrange(len(digits) + 1)
            return b"0x" + digits[:half] + digits[half:].upper()
        if way == 1:
            return b"X'" + data.hex().upper().encode() + b"'"
        if way == 2:  # phpMyAdmin
            return b"'" + data.replace(b"\\", rb"\\").replace(b"'", b"''") + b"'"
        if way == 3:
            return b'"' + data.replace(b"\\", rb"\\").replace(b'"', rb"\"") + b'"'
        signs = [(b"\\", rb"\\"), (b"'", rb"\'"), (b'"', rb"\""), (b"\n", rb"\n"), (b"\0", rb"\0")]
        for sign, escape in signs if way > 4 else signs[:2]:
            data = data.replace(sign, escape)
        return (b"_binary '" if way == 6 else b"'") + data + b"'"

    def dump(self) -> bytes:
        """Make a dump, or something that was one."""
        if self.chance.random() < 0.2:
            return self.damaged(self.chance.choice(self._dumps))
        parts = [b"-- a dump; it's\n"]
        for _ in range(self.chance.randrange(4)):
            parts.append(self.chance.choice(_STATEMENTS))
            parts.append(self.chance.choice(_HEADS))
            between = self.chance.choice(
                [b",", b",\n", b" , ", b", -- it's (;\n", b"/* ' */,# (\n"]
            )
            parts.append(between.join(self._row() for _ in range(1 + self.chance.randrange(4))))
            parts.append(self.chance.choice(_TAILS))
        data = b"".join(parts)
        return self.damaged(data) if self.chance.random() < 0.3 else data

    def _row(self) -> bytes:
        fields = [self.chance.choice(_FIELDS) for _ in range(self.chance.randrange(3))]
        fields += [self.literal(self.value(2)) for _ in range(1 + self.chance.randrange(2))]
        comma = self.chance.choice([b",", b", ", b",", b", /* it's ( */", b" -- \")\n, # '\n"])
        return b"(" + comma.join(fields) + b")"


_FIELDS = [b"1", b"NULL", b"'guid'", b"'wc_subscriptions_siteurl'", b"-1.5e3", b"now()", b"'it''s'"]
_FIELDS += [b"1 - 1 /* ' */", b"2--1", b"f(/* ) */1)", b"a/*!50000 '*/' */*b", b"3/4 #'\n"]
_FIELDS += [b"f(1,g('x'))", b"'user_roles'", b"0x", b"'a' 'b'", b"(1)"]
_TAILS = [b";\n", b";", b";;\n", b"$$", b" -- x;\n;\n", b" ON DUPLICATE KEY UPDATE a='(';\n"]
_TAILS += [b" ON DUPLICATE KEY UPDATE a='https://old.example';\n"]
_HEADS = [
    b"INSERT INTO`wp_posts`VALUES",
    b"INSERT /* it's */ INTO `wp_2_posts` (`ID`, -- (\n `GUID`) VALUES # x\n",
    b"INSERT INTO `wp_posts` VALUES ",
    b"INSERT INTO `wp_options` (`option_name`,`option_value`) VALUES\n",
    b"insert ignore into wp_x values",
    b"REPLACE INTO `db`.`wp_usermeta` (`umeta_id`, meta_key, `meta_value`) VALUES ",
    b"INSERT INTO t (a,b) VALUES ",
]
_STATEMENTS = [
    b"",
    b"SET NAMES utf8mb4;\n",
    b"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n",
    b"SET sql_mode='NO_BACKSLASH_ESCAPES';\n",
    b"SET sql_mode='';\n",
    b"CREATE TABLE `wp_x` (`id` int, guid text, `meta_key` varchar(9) DEFAULT 'a,(');\n",
    b"CREATE TABLE IF NOT EXISTS `wp_posts` (`guid` text,\n `post_content` text,KEY `g` (`guid`));",
    b"DELIMITER ;;\nCREATE TRIGGER t BEGIN; END ;;\nDELIMITER ;\n",
    b"UPDATE t SET a='https://old.example';\n",
    b"/*!40000 INSERT INTO t VALUES ('https://old.example') */;\n",
    b"INSERT INTO t SET a='https://old.example';\n",
    b"LOCK TABLES `t` WRITE; # it's\n",
    b"DELIMITER ;;\n",
    b"DELIMITER $$\n",
    b"DELIMITER ;\n",
    b"/*!50003 CREATE TRIGGER t BEGIN /* it's */ SET @a='*/'; END */;;\n",
    b"SET @saved = @@sql_mode; SET sql_mode = @saved;\n",
    b"SET @old=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES';\n",
    b"SET sql_mode = @old;\n",
]
