"""How much is made, and how hard it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.value import Value

DAYS_BETWEEN = 6
"""Days from one session to the next, on average."""


class Dial(Value):
    """What a suite is made of. The same dial gives the same suite, byte for byte.

    Example:
        >>> Dial(groups=2).people
        8
    """

    seed: Annotated[int, Field(ge=0)] = 1
    """Decides everything that is left to chance."""
    groups: Annotated[int, Field(ge=1, le=10_000)] = 3
    """Fours of people."""
    rounds: Annotated[int, Field(ge=1, le=2)] = 1
    """Questions of each type that a person is asked."""
    sessions: Annotated[int, Field(ge=10, le=300)] = 24
    """Conversations of a person, at least."""
    talk: Annotated[int, Field(ge=0, le=50)] = 3
    """Exchanges of a session that nobody has to remember, on average."""
    echoes: Annotated[int, Field(ge=0, le=8)] = 2
    """How often an answer that is wrong is also said of somebody else, where the type of question has no such lines."""
    noise: Annotated[Literal[0, 1, 2, 3], Field()] = 1
    """How people type: 0 as in a book, 1 carelessly, 2 with slips and fillers, 3 without punctuation."""

    @property
    def people(self) -> int:
        """How many there are."""
        return 4 * self.groups

    @property
    def days(self) -> int:
        """From the first conversation to the last."""
        return self.sessions * DAYS_BETWEEN


LEVELS = {
    "easy": Dial(sessions=10, talk=1, echoes=0, noise=0),
    "medium": Dial(),
    "hard": Dial(rounds=2, sessions=60, talk=6, echoes=4, noise=3),
}
"""Dials with a name."""
