"""What is said about the keys of a store."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.value import Value

Count = Annotated[int, Field(ge=0)]


class KeysStanding(Value):
    """Whose words are sealed, and whether their keys are where they should be."""

    keyring: str
    """The keyring; never with a password."""
    sealed: Count
    """People whose words are sealed."""
    plain: Count
    """People whose words are not: they were stored before there was a master key, and nothing was written since."""
    missing: Count
    """Sealed people whose key is not in the keyring, so that their words cannot be read."""
    other_master: Count
    """Keys that another master key wraps."""
    left_over: Count
    """Keys that seal nothing, left by a process that died; each goes when its person's words are next erased."""

    @property
    def is_sound(self) -> bool:
        """Whether everything that is sealed can be read."""
        return not self.missing and not self.other_master


class Rewrapped(Value):
    """What came of wrapping keys under a new master key."""

    rewrapped: Count
    """Keys that are under the new one now."""
    already: Count
    """Keys that were: an earlier run was stopped in the middle."""
