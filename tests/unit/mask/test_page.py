# SPDX-License-Identifier: Apache-2.0
"""The page about masking tells the truth: its example works, and no rule is missing."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.unit.mask.masking import RULES, Desk
from tools import generate, mask_docs
from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.mask.kinds import MEANS, Kind

PAGE = (Path(__file__).parents[3] / "docs/masking.md").read_text("utf-8")


def example() -> str:
    """Return the document in the page's ConfigMap."""
    (block,) = [b for b in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "ConfigMap" in b]
    return str(yaml.safe_load(block)["data"]["rules.yaml"])


def test_the_example_on_the_page_does_what_it_says() -> None:
    """Each rule that the page shows is obeyed."""
    rules = mask.read(RULES, example())
    desk = Desk(rules=rules)
    guest = desk.row("wp_acme_guests", guest="Anna Heide", mobile="0170 1234567", diet="none")
    assert guest["guest"] != "Anna Heide"
    assert str(guest["mobile"]).startswith("0000 ")
    assert guest["diet"] == "none"
    assert Desk(Mask.STRICT, rules).row("wp_acme_guests", diet="none")["diet"] == ""
    assert desk.meta("acme_badge_7", "AB-12") != "AB-12"
    assert desk.row("wp_posts", post_type="acme_ticket", post_content="Hello you")[
        "post_content"
    ] not in {"Hello you", ""}
    assert desk.row("wp_acme_visits", anything="x") == {}
    assert rules.personal(b"wp-content/uploads/acme-tickets/7.pdf")
    kept = "office@acme.example"
    assert desk.row("wp_options", option_value=kept)["option_value"] == kept


def test_every_kind_is_explained() -> None:
    """Nobody has to read code to write a rule."""
    assert set(MEANS) == set(Kind)
    assert all(f"| `{kind}` |" in PAGE for kind in Kind)


def test_every_rule_is_on_the_page() -> None:
    """The tables are those of the rules as they are."""
    assert mask_docs.page(PAGE, mask.read(RULES)) == PAGE
    for rule in mask.read(RULES).rules:
        assert f"| `{rule.table}` |" in PAGE
    assert mask_docs.page(PAGE, mask.read(RULES, example())) != PAGE
    assert generate.MASKING in generate.wanted(generate.ROOT)
