"""PersonaMem-v2: likes that a person shows in passing in one long talk, and four answers to a message after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from treering.bench.replaying import recorded
from treering.bench.samples import Conversation
from treering.bench.suites.asked import Asked, can_be_chosen_from, mixed, steps_of
from treering.bench.suites.files import WrongShape, read_json, read_table, written_list, written_value
from treering.bench.suites.shelf import Shelf
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from treering.bench.replaying import History

WINDOWS = ("32k", "128k")
"""Lengths of a history in tokens."""

TABLE = "benchmark/text/benchmark.csv"
"""The questions, a row each."""


def personamem_v2_of(window: str) -> Source:
    """PersonaMem-v2 (Jiang et al. 2025) in one of its `WINDOWS`."""
    return Source(
        name=f"PersonaMem-v2 {window}",
        url="https://huggingface.co/datasets/bowen-upenn/PersonaMem-v2",
        licence="CC BY 4.0",
        files=(TABLE, f"data/chat_history_{window}/*.json"),
        measures="likes that are shown in passing, and some that the person asks to forget; four options",
        sha256={TABLE: "95f2a8a324aab7baf2af937feae12731369e2abf7cad5ab3e170594cb25a3e52"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question as the table has it, with what is right."""

    number: str
    """Its row, counted from 1; the files give questions no id."""
    history: str
    """Where its history lies, from the folder on."""
    text: str
    right: str
    wrong: tuple[str, ...]
    kind: str
    snippet: str
    """The messages that show what is asked for, as they were written down."""

    @property
    def options(self) -> tuple[str, ...]:
        """All answers that say something, in an order that does not tell the right one."""
        return mixed(self.text, [one for one in (self.right, *self.wrong) if one.strip()])

    @property
    def conversation(self) -> str:
        """The id of its history."""
        return PurePosixPath(self.history).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A history and what is asked after it, before it is read."""

    file: Path
    asked: tuple[Asked, ...]

    def made(self) -> Conversation:
        history = read_history(self.file)
        return Conversation(id=history.id, steps=tuple(steps_of(history, self.asked)))

    def weight(self) -> int:
        return self.file.stat().st_size


def read_personamem_v2(data: Path, window: str = WINDOWS[0]) -> Sequence[Conversation]:
    """The histories of a folder, each followed by its questions, and read when it is asked for.

    Questions whose options are no choice are left out. Only system messages mark sessions in the files: most histories
    are one session, dated by us.

    Args:
        data: The folder, as the authors publish it.
        window: One of `WINDOWS`.

    Raises:
        InvalidInput: A file is missing, cannot be read or has another shape.
    """
    asked: dict[str, list[Asked]] = {}
    for row in read_rows(data, window):
        if can_be_chosen_from(row.options):
            one = Asked(question_id=row.number, text=row.text, options=row.options, after=None)
            asked.setdefault(row.history, []).append(one)
    plans = [_Plan(file=_found(data, window, history), asked=tuple(some)) for history, some in asked.items()]
    return Shelf(plans, _Plan.made, weigh=_Plan.weight)


def read_rows(data: Path, window: str) -> Iterator[Row]:
    """The questions of the table, in its order.

    Raises:
        InvalidInput: It cannot be read, or has another shape.
    """
    if not data.is_dir():
        raise InvalidInput(str(data), f"is no folder; name the one with {TABLE}")
    file = data / TABLE
    try:
        for number, row in enumerate(read_table(file), start=1):
            yield _row(str(number), row, window)
    except (KeyError, ValueError, TypeError, SyntaxError) as error:
        raise WrongShape(file, "PersonaMem-v2", error) from error


def read_history(file: Path) -> History:
    """What was said in a file; its id is the name of the file.

    Raises:
        InvalidInput: It cannot be read, or has another shape.
    """
    try:
        return recorded(file.stem, read_json(file)["chat_history"])
    except (KeyError, ValueError, TypeError) as error:
        raise WrongShape(file, "PersonaMem-v2", error) from error


def _row(number: str, row: Mapping[str, str], window: str) -> Row:
    return Row(
        number=number,
        history=row[f"chat_history_{window}_link"],
        text=_query(row["user_query"]),
        right=row["correct_answer"] or "",
        wrong=tuple(written_list(row["incorrect_answers"] or "[]")),
        kind=row["pref_type"],
        snippet=row["related_conversation_snippet"],
    )


def _query(written: str) -> str:
    """The message, which stands there as `{"role": …, "content": …}` or, in a few rows, as it is."""
    try:
        message = written_value(written)
    except (ValueError, SyntaxError):
        return written
    return str(message["content"]) if isinstance(message, dict) else written


def _found(data: Path, window: str, history: str) -> Path:
    file = data / history
    if not file.is_file():
        raise InvalidInput(
            str(data), f"holds no {history}, of which there are questions; {personamem_v2_of(window).where}"
        )
    return file
