"""LongMemEval: 500 questions, each with a history of its own, of some 50 or 500 sessions (Wu et al. 2025)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import JsonObject, data_files
from treering.bench.suites.shape import shape_of
from treering.bench.suites.source import Source
from treering.bench.suites.streaming import read_array
from treering.bench.suites.turns import turn_id
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

QUESTION = "q"
"""The id of the one question of a history."""

PREFERENCE = "single-session-preference"
"""Questions that ask for help; what is right of them is a rubric."""

_BETWEEN_TURNS = timedelta(seconds=1)
_DATE = "%Y/%m/%d %H:%M"


def _source(pattern: str, measures: str, sha256: Mapping[str, str]) -> Source:
    return Source(
        name="LongMemEval",
        url="https://huggingface.co/datasets/xiaowu0162/longmemeval-cleaned",
        licence="MIT",
        files=(pattern,),
        measures=measures,
        sha256=sha256,
    )


LONGMEMEVAL_S = _source(
    "longmemeval_s*",
    "facts, updates, dates and what was never told, in 50 sessions of which few matter",
    {"longmemeval_s_cleaned.json": "d6f21ea9d60a0d56f34a05b609c79c88a451d2ae03597821ea3d5a9678c3a442"},
)
"""Some 50 sessions and 115,000 tokens a question; 277 MB."""

LONGMEMEVAL_M = _source(
    "longmemeval_m*",
    "the same questions in 500 sessions",
    {"longmemeval_m_cleaned.json": "9d79e5524794a2e6900a3aa9cb7d9152c5a3e8319c9a87c25494ba1eacee495f"},
)
"""Some 500 sessions and 1.5 million tokens a question; 2.7 GB."""

LONGMEMEVAL_ORACLE = _source(
    "longmemeval_oracle*",
    "the same questions with nothing but the sessions that matter: what the answerer can do at best",
    {"longmemeval_oracle.json": "821a2034d219ab45846873dd14c14f12cfe7776e73527a483f9dac095d38620c"},
)
"""The sessions that hold the answer, and no others; 15 MB."""

LONGMEMEVAL = {"s": LONGMEMEVAL_S, "m": LONGMEMEVAL_M, "oracle": LONGMEMEVAL_ORACLE}
"""By the names that the authors give their files."""


def read_longmemeval(source: Source, data: Path) -> list[Conversation]:
    """The histories of a file, each with its question after all that was said; what many of them have is held once.

    The authors ask after every session, also after the sessions of some questions that are dated later than the
    question; such a question is asked at the time of the last turn. Names of sessions are left behind, as those with
    the answer are called so. Turns without a word are left out.

    Raises:
        InvalidInput: There is no file or several, or one cannot be read, or has another shape.
    """
    shared: dict[str, str] = {}
    found = []
    for item in entries(source, data):
        with shape_of(source, data):
            found.append(Conversation(id=item["question_id"], steps=tuple(_steps(item, shared))))
    return found


def entries(source: Source, data: Path) -> Iterator[JsonObject]:
    """The questions of a file as they are written, one at a time.

    Raises:
        InvalidInput: There is no file or several, or one cannot be read.
    """
    found = list(data_files(data, source.files[0]))
    if len(found) > 1:
        raise InvalidInput(str(data), f"holds {', '.join(file.name for file in found)}; name one of them")
    yield from read_array(found[0])


def _steps(item: JsonObject, shared: dict[str, str]) -> Iterator[SaidTurn | Question]:
    """The turns in the order of their dates, and the question.

    Args:
        item: A history with its question, as it is written.
        shared: Texts that other histories have as well, so that each is held once.
    """
    dates = [_moment(date) for date in item["haystack_dates"]]
    last = datetime.min.replace(tzinfo=UTC)
    for number in sorted(range(len(dates)), key=dates.__getitem__):
        last, session = max(last, dates[number]), f"session {number}"
        for place, turn in enumerate(item["haystack_sessions"][number]):
            if not turn["content"].strip():
                continue
            last += _BETWEEN_TURNS
            identity = turn_id(number, place)
            yield SaidTurn(
                id=shared.setdefault(identity, identity),
                session=session,
                role="user" if turn["role"] == "user" else "assistant",
                speaker=shared.setdefault(turn["role"], turn["role"]),
                text=shared.setdefault(turn["content"], turn["content"]),
                at=last,
            )
    yield Question(
        id=QUESTION,
        text=item["question"],
        at=max(last, _moment(item["question_date"])),
        is_request=item["question_type"] == PREFERENCE,
    )


def _moment(date: str) -> datetime:
    """From `2023/05/20 (Sat) 02:21`."""
    day, _, time = date.split()
    return datetime.strptime(f"{day} {time}", _DATE).replace(tzinfo=UTC)
