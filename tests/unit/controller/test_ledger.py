# SPDX-License-Identifier: Apache-2.0
"""Slots and hosts: who is next, who was first."""

from __future__ import annotations

from datetime import timedelta

from tests.fakes.world import START
from wpclone.controller.reconcile.ledger import Hosts, Slots


def test_slots_go_to_the_earlier_clone() -> None:
    """Age decides, names decide between equals, and places are told."""
    slots = Slots(1, lambda _: None)
    assert slots.ask("a", START) == 0
    assert slots.ask("c", START + timedelta(seconds=2)) == 1
    assert slots.ask("b", START + timedelta(seconds=1)) == 1
    assert slots.ask("c", START + timedelta(seconds=2)) == 2


def test_asking_again_keeps_what_is_held() -> None:
    """A pass may be repeated: the slot stays the clone's."""
    slots = Slots(1, lambda _: None)
    assert slots.ask("a", START) == 0
    assert slots.ask("a", START) == 0
    assert slots.ask("b", START) == 1


def test_a_freed_slot_wakes_the_first_that_waits() -> None:
    """Only as many are woken as there is room for."""
    woken: list[str] = []
    slots = Slots(2, woken.append)
    for name in "abcd":
        slots.ask(name, START + timedelta(seconds=ord(name)))
    slots.free("a")
    assert woken == ["c"]
    assert slots.ask("c", START + timedelta(seconds=ord("c"))) == 0
    assert slots.ask("d", START + timedelta(seconds=ord("d"))) == 1


def test_more_may_be_held_than_there_are() -> None:
    """After a smaller setting, running imports go on and nobody new begins."""
    slots = Slots(1, lambda _: None)
    for name in "ab":
        slots.hold(name)
    assert slots.ask("c", START) == 2


def test_a_host_that_is_served_beats_an_earlier_wish() -> None:
    """What has an instance keeps its host against an older clone that asks later."""
    hosts = Hosts()
    hosts.enter("young", START + timedelta(seconds=9), "shop.test", settled=True)
    hosts.enter("old", START, "shop.test", settled=False)
    assert hosts.taken_by("old", "shop.test") == "young"
    assert hosts.taken_by("young", "shop.test") == ""
    hosts.forget("young")
    assert hosts.taken_by("old", "shop.test") == ""


def test_a_clone_has_one_host() -> None:
    """Another wish gives the first one up."""
    hosts = Hosts()
    hosts.enter("a", START, "one.test", settled=False)
    hosts.enter("a", START, "two.test", settled=False)
    hosts.enter("b", START, "one.test", settled=False)
    assert hosts.taken_by("b", "one.test") == ""
