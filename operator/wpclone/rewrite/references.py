# SPDX-License-Identifier: Apache-2.0
"""Knows what a reference inside serialized data may point to, as PHP counts its values."""

from __future__ import annotations


class References:
    """The values of one walk so far, by their numbers.

    `R:` is another name of a value and has no number; `r:` is one, and points to an object.
    What stands in the body of a self-made object has numbers, too, which nobody else can tell:
    behind it every reference is taken for good.
    """

    def __init__(self) -> None:
        """Begin with no value."""
        self._unnumbered = 0
        self._objects: set[int] | None = set()

    def number(self, count: int) -> int:
        """Give the number of a value that is the so-and-so-many-eth."""
        return count - self._unnumbered

    def note_object(self, number: int) -> None:
        """Note that a value is an object."""
        if self._objects is not None:
            self._objects.add(number)

    def lose_count(self) -> None:
        """Note that a body of its own has passed."""
        self._objects = None

    def accept(self, wanted: int, number: int, *, is_own: bool) -> bool:
        """Tell whether a reference points to a value in front of it; it may be one itself."""
        is_known = 1 <= wanted < number
        if self._objects is None:
            is_known = wanted >= 1
        elif is_own:
            is_known = is_known and wanted in self._objects
        if is_own:
            self.note_object(number)
        else:
            self._unnumbered += 1
        return is_known
