"""The questions of PersonaMem: four options each, asked at a point of a history that others share."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation
from treering.bench.suites.asked import Asked, can_be_chosen_from, steps_of
from treering.bench.suites.files import WrongShape, read_table, written_list
from treering.bench.suites.personamem import CONTEXTS, places
from treering.bench.suites.shelf import Shelf
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from treering.bench.suites.personamem import Place

SIZES = ("32k", "128k", "1M")
"""Lengths of a history in tokens, as the files are named."""

QUESTIONS = "questions_*.csv"
"""The files with the questions."""

PERSONAMEM = Source(
    name="PersonaMem",
    url="https://huggingface.co/datasets/bowen-upenn/PersonaMem-v1",
    licence="MIT",
    files=(QUESTIONS, CONTEXTS),
    measures="what a person likes now, liked before, and why it changed; four options",
    tried="265 of the 589 questions of 32k, their text rebuilt from public copies",
    sha256={
        "questions_32k.csv": "cccd34cf53e0bc4d9536c04cff5ca045156d9a4e227e83327112482840bbc93c",
        "shared_contexts_32k.jsonl": "217247ebfec9e8442fc53570c795ab69f21aad08745f7de78d9beab51b122d4a",
        "questions_128k.csv": "f0e137c3167fadbffbce5be2786105283c3299972c4ac1f158939155fd1578a7",
        "shared_contexts_128k.jsonl": "733cc009e84a138b386c9e40adea741565db01074f73af4058fd039b42951726",
        "questions_1M.csv": "f24db37c1ef49e8f3cc6585da3d7e1638bb9bfb32c95df4de065e4666e448e1f",
    },
)
"""The suite of Jiang et al. (2025), in whichever length lies in the folder. The checksums are those under which others
pin the published files; none was found for the histories of 1M."""

_LETTERED = re.compile(r"^\([a-z]\)\s*")
_ASKER = re.compile(r"^User:\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A history and what is asked in it, before the history is read."""

    place: Place
    asked: tuple[Asked, ...]


def read_personamem_choices(data: Path, size: str | None = None) -> Sequence[Conversation]:
    """The histories of a folder, with each question where it is asked: after `end_index_in_shared_context` messages.

    Questions with two options that are the same have no single right answer, and are left out. A history is read when
    it is asked for.

    Args:
        data: The folder.
        size: One of `SIZES`; None: the only one that lies there.

    Raises:
        InvalidInput: A file cannot be read or has another shape, or a question is of a history that is not there.
    """
    size = size_in(data, size)
    asked = _questions(questions_file(data, size))
    found = dict(places(data / CONTEXTS.replace("*", size)))
    missing = sorted(set(asked) - set(found))
    if missing:
        raise InvalidInput(str(data), f"has no history {missing[0]}, of which there are questions")
    plans = [_Plan(place=found[one], asked=tuple(asked[one])) for one in found if one in asked]
    return Shelf(plans, _conversation, weigh=_weight)


def personamem_of(size: str) -> Source:
    """PersonaMem in one of its `SIZES`."""
    files = (QUESTIONS.replace("*", size), CONTEXTS.replace("*", size))
    return replace(
        PERSONAMEM,
        name=f"PersonaMem {size}",
        files=files,
        tried=PERSONAMEM.tried if size == SIZES[0] else "",
        sha256={name: digest for name, digest in PERSONAMEM.sha256.items() if name in files},
    )


def size_in(data: Path, size: str | None) -> str:
    """The size to read: the one that was asked for, or the only one in a folder.

    Raises:
        InvalidInput: Questions or histories of it are missing, or there are several and none was asked for.
    """
    if not data.is_dir():
        raise InvalidInput(str(data), f"is no folder; name the one with {QUESTIONS} and {CONTEXTS}")
    whole = [one for one in _sizes(data) if size in (None, one)]
    if not whole:
        wanted = personamem_of(size) if size else PERSONAMEM
        raise InvalidInput(str(data), f"holds no {' with its '.join(wanted.files)}; {wanted.where}")
    if len(whole) > 1:
        known = ", ".join(f"personamem-{one.lower()}" for one in whole)
        raise InvalidInput(str(data), f"holds several sizes; name one as the suite: {known}")
    return whole[0]


def questions_file(data: Path, size: str) -> Path:
    """The file with the questions of a size."""
    return data / QUESTIONS.replace("*", size)


def without_letter(option: str) -> str:
    """An option without the `(a)` in front of it."""
    return _LETTERED.sub("", option)


def _sizes(data: Path) -> Iterator[str]:
    before, after = CONTEXTS.split("*")
    for file in sorted(data.glob(CONTEXTS)):
        size = file.name.removeprefix(before).removesuffix(after)
        if (data / QUESTIONS.replace("*", size)).exists():
            yield size


def _conversation(plan: _Plan) -> Conversation:
    history = plan.place.read()
    return Conversation(id=history.id, steps=tuple(steps_of(history, plan.asked)))


def _weight(plan: _Plan) -> int:
    return plan.place.length


def _questions(file: Path) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    try:
        for row in read_table(file):
            options = tuple(without_letter(one) for one in written_list(row["all_options"]))
            if not can_be_chosen_from(options):
                continue
            asked = Asked(
                question_id=row["question_id"],
                text=_ASKER.sub("", row["user_question_or_message"]),
                options=options,
                after=int(row["end_index_in_shared_context"]),
            )
            found[row["shared_context_id"]].append(asked)
    except (KeyError, ValueError, TypeError, SyntaxError) as error:
        raise WrongShape(file, "PersonaMem", error) from error
    return found
