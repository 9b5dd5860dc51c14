"""The trunk: the typed schema of a persona tree, as data."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from treering.schemas.value import Text, Value

MAX_PATH_CHARS = 240
"""Longest path, in characters; the deepest leaf of the published persona tree has 132."""

_PATH_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_]*(\.[A-Za-z0-9][A-Za-z0-9_]*)*$"

Path = Annotated[str, StringConstraints(pattern=_PATH_PATTERN, max_length=MAX_PATH_CHARS)]
Cardinality = Literal["one", "many"]
Sensitivity = Literal["open", "personal", "special"]
Consent = Literal["keep", "ask", "never"]


class Branch(Value):
    """An inner node: it groups slots and holds no claims."""

    path: Path
    """Dotted path from the root."""
    description: Text
    """What its slots are about, in one sentence."""


def _is_keep(value: object) -> bool:
    return value == "keep"


class Slot(Value):
    """A terminal of the trunk: a place for dated claims of one kind."""

    path: Path
    """Dotted path from the root, e.g. `preferences.food.tastes`."""
    description: Text
    """What belongs here, in one sentence; the listeners route by it."""
    cardinality: Cardinality = "many"
    """`one`: a newer statement supersedes the older. `many`: statements stand side by side."""
    half_life_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Days after which a claim counts half in ranking; none: it does not fade."""
    sensitivity: Sensitivity = "open"
    """`special` claims enter a prompt only when the question concerns them."""
    consent: Consent = Field(default="keep", exclude_if=_is_keep)
    """What becomes of a claim: `keep` it, `ask` the person first (it waits in quarantine), or `never` keep it."""
    always: bool = False
    """Its claims stand in every context, whatever the question: things never to mention or to do."""
    examples: tuple[Text, ...] = ()
    """Claims as they would stand here, in the third person; the listeners route by them too."""
    questions: tuple[Text, ...] = ()
    """Questions and requests for which its claims matter; recall routes by them."""


TRUNK_NAME = r"[a-z][a-z0-9_-]*"
"""What a trunk may be called."""


class Trunk(Value):
    """A named, versioned set of slots under branches."""

    name: Annotated[str, StringConstraints(pattern=rf"^{TRUNK_NAME}$")]
    """The name by which settings choose it."""
    version: Annotated[int, Field(ge=1)]
    """Raised with every change of a path; migrations lead from one to the next."""
    description: Text
    """What it is for."""
    branches: tuple[Branch, ...]
    """Inner nodes, parents before children."""
    slots: tuple[Slot, ...]
    """Terminals, in reading order."""

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        branches = {branch.path for branch in self.branches}
        seen: set[str] = set()
        for path in (*(branch.path for branch in self.branches), *(slot.path for slot in self.slots)):
            if path in seen:
                raise ValueError(f"{path} is there twice")
            seen.add(path)
            parent = path.rpartition(".")[0]
            if parent and parent not in branches:
                raise ValueError(f"{path} stands under {parent}, which is no branch")
        if not self.slots:
            raise ValueError("there are no slots")
        return self

    @property
    def label(self) -> str:
        """Name and version, as migrations and errors call it, e.g. `core/1`."""
        return f"{self.name}/{self.version}"

    @cached_property
    def by_path(self) -> dict[str, Slot]:
        """The slots, by path."""
        return {slot.path: slot for slot in self.slots}

    @cached_property
    def branch_paths(self) -> frozenset[str]:
        """The paths of all branches."""
        return frozenset(branch.path for branch in self.branches)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the whole content, in hex: two trunks with one digest are equal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
