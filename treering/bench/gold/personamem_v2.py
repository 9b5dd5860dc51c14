"""What is right in PersonaMem-v2, and which turns show it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from treering.bench.gold.choices import choice_of
from treering.bench.suites.files import WrongShape, written_value
from treering.bench.suites.personamem_v2 import TABLE, WINDOWS, read_history, read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.gold.choices import Broken, RightChoice
    from treering.bench.replaying import History, RecordedTurn
    from treering.bench.suites.personamem_v2 import Row


def read_personamem_v2_key(data: Path, window: str = WINDOWS[0]) -> AnswerSheet:
    """The answer key of PersonaMem-v2.

    The evidence of a question is what the person says in `related_conversation_snippet`, where these messages stand in
    the history word for word, and once.

    Args:
        data: The folder, as the authors publish it.
        window: One of `WINDOWS`.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], RightChoice | Broken] = {}
    for link, rows in groupby(read_rows(data, window), key=lambda row: row.history):
        history = read_history(data / link)
        for row in rows:
            key[row.conversation, row.number] = choice_of(
                row.options, row.right, row.kind, _evidence(data, row, history)
            )
    return key


def _evidence(data: Path, row: Row, history: History) -> frozenset[str]:
    try:
        wanted = [(one["role"], one["content"]) for one in _messages(row.snippet)]
    except (KeyError, TypeError, ValueError, SyntaxError) as error:
        raise WrongShape(data / TABLE, "PersonaMem-v2", error) from error
    said = [(turn.message.role, turn.message.content) for turn in history.turns]
    starts = [place for place in range(len(said)) if wanted and said[place : place + len(wanted)] == wanted]
    if len(starts) != 1:
        return frozenset()
    return frozenset(_users(history.turns[starts[0] : starts[0] + len(wanted)]))


def _messages(snippet: str) -> list[dict[str, str]]:
    found = written_value(snippet or "[]")
    if not isinstance(found, list):
        raise TypeError("related_conversation_snippet is no list of messages")
    return found


def _users(turns: tuple[RecordedTurn, ...]) -> list[str]:
    return [turn.message.id for turn in turns if turn.message.role == "user" and turn.message.id]
