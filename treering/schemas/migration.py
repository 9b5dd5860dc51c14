"""Migrations: where claims go when a trunk is changed into another, as data; and what a migration came to."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

from treering.schemas.trunk import TRUNK_NAME, Path
from treering.schemas.value import Value

MAX_WHEN_CHARS = 500
"""Longest regular expression of a split, in characters."""

MAX_STEPS = 10_000
"""Most steps of a migration; the largest trunk that ships has 305 slots."""


def _compiles(pattern: str) -> str:
    searcher(pattern)
    return pattern


@cache
def searcher(pattern: str) -> SchemaValidator:
    """What looks for a pattern in texts, whatever the case: `searcher(pattern).isinstance_python(text)`.

    The engine is Rust's `regex`, which pydantic brings along: its time is linear in the text, so that no pattern can
    hang a migration. It has neither look-around nor back references.

    Raises:
        ValueError: The pattern does not compile.
    """
    try:
        return SchemaValidator(core_schema.str_schema(pattern=f"(?i){pattern}", regex_engine="rust-regex"))
    except SchemaError as error:
        why = str(error).strip().splitlines()[-1].removeprefix("error: ").strip().removesuffix(".")
        raise ValueError(f"is no regular expression that can be searched: {why}") from error


TrunkLabel = Annotated[str, StringConstraints(pattern=rf"^{TRUNK_NAME}/[1-9][0-9]{{0,8}}$")]
"""Name and version of a trunk, e.g. `core/1`."""
When = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WHEN_CHARS), AfterValidator(_compiles)]


class _Step(Value):
    where: Annotated[str, Field(exclude=True, repr=False)] = ""
    """File and line, for errors."""


class Rename(_Step):
    """A slot, or a branch with all that it groups, gets another path."""

    kind: Literal["rename"] = "rename"
    source: Path
    """The slot or branch of the old trunk."""
    to: Path
    """Its path in the new one."""


class Merge(_Step):
    """Several slots become one."""

    kind: Literal["merge"] = "merge"
    sources: Annotated[tuple[Path, ...], Field(min_length=1)]
    """Slots of the old trunk; on the way back, what was learned since goes to the first."""
    to: Path
    """The slot of the new trunk."""


class Portion(Value):
    """A part of what a slot holds."""

    path: Path
    """The slot of the new trunk that it goes to."""
    when: When | None = None
    """Regular expression, searched in the claim's text whatever the case; none: whatever is left."""

    def takes(self, text: str) -> bool:
        """Whether a claim that says this goes here."""
        return self.when is None or searcher(self.when).isinstance_python(text)


class Split(_Step):
    """One slot becomes several."""

    kind: Literal["split"] = "split"
    source: Path
    """The slot of the old trunk."""
    to: Annotated[tuple[Portion, ...], Field(min_length=2)]
    """Where its claims go: the first portion that takes a claim has it."""

    @model_validator(mode="after")
    def _takes_everything(self) -> Self:
        if [portion.when is None for portion in self.to] != [*([False] * (len(self.to) - 1)), True]:
            raise ValueError("every portion but the last needs `when`, and the last takes the rest, without `when`")
        paths = [portion.path for portion in self.to]
        for path in paths:
            if paths.count(path) > 1:
                raise ValueError(f"{path} is there twice; join the two expressions with |")
        return self


class Drop(_Step):
    """What a slot or branch holds is retracted: nothing recalls it any more, the ledger keeps it."""

    kind: Literal["drop"] = "drop"
    path: Path
    """The slot or branch of the old trunk."""


Step = Annotated[Rename | Merge | Split | Drop, Field(discriminator="kind")]


class Migration(Value):
    """The way from one trunk to another. Slots that both trunks have stay where they are, unless a step names them."""

    origin: TrunkLabel
    """The old trunk, e.g. `core/1`."""
    target: TrunkLabel
    """The new one, e.g. `core/2`."""
    steps: Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)] = ()
    """What becomes of slots; each is named once."""
    where: Annotated[str, Field(exclude=True, repr=False)] = "given"
    """The file, for errors."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.origin == self.target:
            raise ValueError(f"leads from {self.origin} to itself; raise the version of the new trunk")
        return self

    @property
    def name(self) -> str:
        """What to call it, e.g. `core/1->core/2`."""
        return f"{self.origin}->{self.target}"


class SlotMove(Value):
    """What became of the claims of one slot; one row for each place they went to."""

    path: Path
    """Where they were."""
    to: Path | None
    """Where they are now; none: they were retracted."""
    claims: Annotated[int, Field(ge=0)]
    """How many claims, current ones and those of history."""
    people: Annotated[int, Field(ge=0)]
    """Of how many people."""


class Standing(Value):
    """How many people's memory stands on a trunk."""

    trunk: str | None
    """Name and version; none: committed before trunks were recorded."""
    people: Annotated[int, Field(ge=0)]
    """How many."""


class MigrationReport(Value):
    """What a migration did, or with `dry_run` would do."""

    origin: str
    """The trunk that memories stood on."""
    target: str
    """The trunk that they stand on now."""
    dry_run: bool
    """Whether nothing was changed."""
    moved: Annotated[int, Field(ge=0)]
    """People whose memory was moved."""
    done_before: Annotated[int, Field(ge=0)]
    """People whose memory stood on the new trunk already."""
    untouched: tuple[Standing, ...]
    """People whose memory stands on neither trunk, and was left alone."""
    moves: tuple[SlotMove, ...]
    """Where claims went, in the order of the old trunk; what stayed in its slot is left out."""
    returned: Annotated[int, Field(ge=0)]
    """Claims that came back: a rollback brings back what the migration had dropped."""
    hidden: Annotated[int, Field(ge=0)]
    """Claims that were current and are not any more, because they share a one-valued slot with a newer one now."""


class KnownTrunk(Value):
    """A trunk that can be named here."""

    name: str
    """Its name."""
    version: int
    """Its version."""
    description: str
    """What it is for."""
    slots: int
    """How many slots it has."""
    people: Annotated[int, Field(ge=0)]
    """How many people's memory stands on it."""
    loaded: bool
    """Whether it is the one in use."""
    shipped: bool
    """Whether it comes with Treering."""


class CheckedFile(Value):
    """A trunk or a migration that was read and is sound."""

    file: str
    """The file."""
    kind: Literal["trunk", "migration"]
    """What it is."""
    name: str
    """Name and version, e.g. `core/1`; of a migration from where to where, e.g. `core/1->core/2`."""
    slots: int
    """How many slots the trunk has; of a migration, how many of the old one lead elsewhere."""
    digest: str | None = None
    """SHA-256 of the trunk's content, in hex."""
