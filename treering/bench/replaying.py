"""Reads recorded histories and runs them through a memory. Shared by `treering replay` and the benchmarks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING, get_args

from treering.errors import InvalidInput
from treering.schemas.dialogue import Message, Role, Scope
from treering.schemas.operations import LedgerEntry
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from treering.client.memory import Memory
    from treering.memory.hearing import Observer
    from treering.schemas.listening import Heard

FIRST_DAY = datetime(2024, 1, 1, 18, 0, tzinfo=UTC)
"""PersonaMem files have no dates: the first session is on this day, a Monday evening …"""

BETWEEN_SESSIONS = timedelta(days=7)
"""… each further one a week later, and turns a minute apart."""

_SPOKEN_PREFIX = {"user": "User: ", "assistant": "Assistant: "}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn:
    """One turn of a file, with the session it belongs to."""

    session: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One recorded history."""

    id: str
    turns: tuple[RecordedTurn, ...]
    wordless: tuple[int, ...] = ()
    """Places of messages of the file, counted from 0, that say nothing; they are no turns."""


class Summary(Value):
    """What a replay came to. The counts of operations are those of the whole ledger, so a repetition gives the same."""

    user: str
    """Whose memory it is."""
    context: str
    """Id of the history."""
    turns: int
    """Turns of the history."""
    stored: int
    """Turns that this run stored; 0 for a repetition."""
    operations: dict[str, int]
    """Operations of the ledger, by kind."""
    claims: int
    """Claims that are current now."""
    quarantined: int
    """Proposals that wait for a person."""
    rejected: int
    """Proposals that admission refused in this run."""
    parked: int
    """Windows put aside in this run, since a model's reply could not be read."""
    failed: tuple[str, ...]
    """Errors of work that failed and waits: for another try, or for a person."""
    version: int
    """Ledger version."""
    digest: str
    """Digest of the tree."""
    seconds: float
    """Wall time of this run."""
    entries: tuple[LedgerEntry, ...]
    """The ledger: every operation, with the words it rests on."""


def read_history(file: Path, context: int) -> History:
    """One history of a PersonaMem `shared_contexts` file.

    Raises:
        InvalidInput: The file cannot be read, has other content, or fewer histories.
    """
    return history_of(_line(file, context), f"{file}, line {context + 1}")


def history_of(line: str | bytes, where: str) -> History:
    """The history that a line of a `shared_contexts` file holds.

    Args:
        line: The line.
        where: Names it in the error.

    Raises:
        InvalidInput: It has other content.
    """
    try:
        [(identity, messages)] = json.loads(line).items()
        return recorded(identity, messages)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(where, f"is no PersonaMem history ({error})") from error


def recorded(identity: str, messages: Sequence[Mapping[str, str]]) -> History:
    """A history of messages with `role` and `content`, in which a system message opens each session.

    Raises:
        ValueError: A message is none that anybody can say.
        KeyError: It lacks something.
        TypeError: It is no object.
    """
    words = [_words(message) for message in messages]
    turns = tuple(_turns(identity, messages, words))
    if not turns:
        raise ValueError("nobody says anything")
    return History(id=identity, turns=turns, wordless=tuple(place for place, text in enumerate(words) if not text))


def _line(file: Path, number: int) -> str:
    try:
        with file.open(encoding="utf-8") as lines:
            for found, line in enumerate(lines):
                if found == number:
                    return line
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(str(file), f"cannot be read ({error})") from error
    raise InvalidInput("--context", f"is {number}, but {file} has no such line; they count from 0")


def _words(message: Mapping[str, str]) -> str:
    """What a message says, without the name of the speaker that stands in front; nothing where that is all."""
    words = message["content"].removeprefix(_SPOKEN_PREFIX.get(message["role"], ""))
    return words if words.strip() else ""


def _turns(identity: str, messages: Sequence[Mapping[str, str]], words: Sequence[str]) -> Iterator[RecordedTurn]:
    session, place = -1, 0
    for index, (message, content) in enumerate(zip(messages, words, strict=True)):
        role = message["role"]
        if role not in get_args(Role):
            raise ValueError(f"message {index} has the unknown role {role!r}")
        if role == "system" or session < 0:
            session, place = session + 1, 0
        if not content:
            continue
        said = Message.model_validate(
            {
                "role": role,
                "content": content,
                "id": f"{identity}:{index}",
                "index": place,
                "at": FIRST_DAY + session * BETWEEN_SESSIONS + timedelta(minutes=place),
            }
        )
        yield RecordedTurn(session=f"session-{session + 1}", message=said)
        place += 1


def run_replay(
    open_memory: Callable[[Observer], AbstractContextManager[Memory]],
    history: History,
    *,
    user: str,
    tenant: str,
    progress: Callable[[int], None],
) -> Summary:
    """Remember and listen to a history, session by session, and sum up.

    Args:
        open_memory: Opens the memory with an observer.
        history: What was said.
        user: Whose memory it becomes.
        tenant: Whose customer.
        progress: Told how many turns are done.
    """
    began = perf_counter()
    heard: list[Heard] = []

    def observe(_: Scope, one: Heard) -> None:
        heard.append(one)

    with open_memory(observe) as memory:
        stored = done = 0
        for session, group in groupby(history.turns, key=lambda turn: turn.session):
            messages = [turn.message for turn in group]
            stored += len(memory.remember(user, messages, session=session, tenant=tenant).stored)
            memory.flush(user, tenant=tenant)
            done += len(messages)
            progress(done)
        memory.end_session(user, tenant=tenant)
        memory.flush(user, tenant=tenant)
        return _sum_up(memory, history, heard, user=user, tenant=tenant, stored=stored, began=began)


def _sum_up(
    memory: Memory, history: History, heard: list[Heard], *, user: str, tenant: str, stored: int, began: float
) -> Summary:
    entries = memory.history(user, tenant=tenant)
    view = memory.tree(user, tenant=tenant)
    kinds = Counter(entry.operation.kind for entry in entries)
    rulings = Counter(verdict.ruling for one in heard for verdict in one.verdicts)
    return Summary(
        user=user,
        context=history.id,
        turns=len(history.turns),
        stored=stored,
        operations={kind: kinds[kind] for kind in ("ADD", "UPDATE", "DELETE", "NO_OP")},
        claims=len(view.claims),
        quarantined=len(memory.quarantine(user, tenant=tenant)),
        rejected=rulings["reject"],
        parked=sum(1 for one in heard if one.parked),
        failed=tuple(job.error for job in memory.jobs(user, tenant=tenant) if job.error),
        version=view.version,
        digest=view.digest,
        seconds=round(perf_counter() - began, 2),
        entries=tuple(entries),
    )
