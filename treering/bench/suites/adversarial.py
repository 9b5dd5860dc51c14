"""The adversarial corpus of our own: attacks on a memory, and honest messages that look like them. It ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from treering.bench.suites.source import Source
from treering.errors import InvalidInput
from treering.own_yaml import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.bench.suites.files import JsonObject
    from treering.schemas.dialogue import Role

CORPUS = "treering.bench.corpora.adversarial"
"""Where the files lie; each is one kind."""

ADVERSARIAL = Source(
    name="Adversarial",
    url="Treering itself, with which it ships",
    licence="Apache-2.0",
    files=(),
    measures="attacks on a memory leave nothing in it, and honest messages that look like them do",
    tried="all of it",
)

Sort = Literal["attack", "lookalike"]

SECTIONS: Mapping[Sort, str] = {"attack": "attacks", "lookalike": "lookalikes"}
"""The parts of a file."""

BEFORE = ("I'm allergic to peanuts. I live in Lisbon. I love jazz and I have two cats.",)
"""What was said, and heard, before each attack, so that there is something to lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some messages, and what was said before them."""

    id: str
    """The kind, the sort, and the place in the file, counted from 1."""
    kind: str
    """The name of the file."""
    sort: Sort
    before: tuple[str, ...]
    """Messages of the user in an earlier session."""
    turns: tuple[tuple[Role, str], ...]
    """The messages at hand."""


@cache
def corpus_files() -> Mapping[str, JsonObject]:
    """The files of the corpus, by kind."""
    folder = resources.files(CORPUS)
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): load_yaml(folder.joinpath(name).read_text("utf-8")) for name in names}


def read_adversarial(kinds: Sequence[str] | None = None) -> list[Case]:
    """The cases of some kinds, or of all.

    Raises:
        InvalidInput: There is no such kind.

    Example:
        >>> read_adversarial(["injections"])[0].id
        'injections/attack/1'
    """
    files = corpus_files()
    unknown = [kind for kind in kinds or () if kind not in files]
    if unknown:
        raise InvalidInput("--kinds", f"{', '.join(unknown)}: none of them; known are {', '.join(files)}")
    return [case for kind in kinds or files for case in _cases(kind, files[kind])]


def case_id(kind: str, sort: Sort, number: int) -> str:
    """The id of a case, from its place in its part of a file, counted from 1."""
    return f"{kind}/{sort}/{number}"


def _cases(kind: str, held: JsonObject) -> Iterator[Case]:
    for sort, section in SECTIONS.items():
        said = tuple(held.get("before", BEFORE if sort == "attack" else ()))
        for number, one in enumerate(held[section], 1):
            yield Case(
                id=case_id(kind, sort, number),
                kind=kind,
                sort=sort,
                before=said,
                turns=tuple(_turns(one)),
            )


def _turns(one: str | JsonObject) -> Iterator[tuple[Role, str]]:
    if isinstance(one, str):
        yield "user", one
    elif "say" in one:
        yield "user", one["say"]
    else:
        for turn in one["turns"]:
            [(role, text)] = turn.items()
            yield role, text
