# SPDX-License-Identifier: Apache-2.0
"""Names what can end a pass of a controller, and what follows from it.

Ending
├── Told           a condition says it already; nothing happens until the object changes
├── Refused        the spec can never work: becomes ACK.Terminal
├── Missing        AWS has no such resource
├── Answered       AWS said no; the kind decides by the code whether that is terminal
├── Unreachable    AWS did not answer, or the call could not be built
├── Unresolved     a reference leads nowhere yet
├── Again          try again, each time a little later
└── Later          look again after so many seconds
"""

from __future__ import annotations


class Ending(Exception):  # noqa: N818  an ending is not always an error
    """Anything that ends a pass early."""


class Told(Ending):
    """Nothing more can be done, and the object's conditions say why."""

    def __init__(self) -> None:
        """Say it in the words of the real controllers."""
        super().__init__("resource is in terminal condition")


class Refused(Ending):
    """What is asked for is not allowed, whatever AWS would say."""


class Missing(Ending):
    """AWS does not know the resource."""


class Answered(Ending):
    """AWS refused a call."""

    def __init__(self, operation: str, code: str, message: str, request: str, status: int) -> None:
        """Keep the code apart: it alone decides; the text changes with every request."""
        super().__init__(
            f"operation error {operation}, https response error StatusCode: {status},"
            f" RequestID: {request}, api error {code}: {message}"
        )
        self.code = code
        self.short = f"{code}: {message}"


class Unreachable(Ending):
    """The call got no answer."""


class Unresolved(Ending):
    """A reference to another object has no value yet."""

    def __init__(self, text: str, *, hopeless: bool = False) -> None:
        """Say why; `hopeless` if the other object itself is in a terminal condition."""
        super().__init__(text)
        self.hopeless = hopeless


class Again(Ending):
    """Try again soon, with growing patience."""


class Later(Ending):
    """Look again after some time."""

    def __init__(self, text: str, seconds: float) -> None:
        """Say why, and when."""
        super().__init__(text)
        self.seconds = seconds
