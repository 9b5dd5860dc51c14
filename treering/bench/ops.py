"""`treering bench ops`: the write path and the fold, each beside what it can be compared with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from treering.bench.long_ledger import LIVE_CLAIMS, long_ledger
from treering.bench.results import Results, manifest
from treering.bench.timing import REPEATS, interleaved, p50_ms
from treering.client.memory import Memory
from treering.memory.operations import fold
from treering.schemas.dialogue import Message
from treering.schemas.trunks import load_trunk

if TYPE_CHECKING:
    from treering.bench.replaying import History
    from treering.schemas.trunk import Trunk

_TEXT = "I moved to Lisbon last week, and I think number {} of these streets is the steepest of them all."

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How much is measured."""

    operations: int
    """Length of the folded ledger."""
    history: History
    """What is listened to."""
    listen_turns: int
    """How many turns of it."""


def bench_ops(wishes: Wishes, progress: Progress) -> Results:
    """Measure fold, remember and local listening on this machine."""
    systems = {}
    progress(f"fold {wishes.operations:,} operations")
    systems["fold"] = _bench_fold(load_trunk("core"), wishes.operations)
    progress("remember, beside a bare SQLite insert of the same rows")
    systems["remember"] = _bench_remember()
    progress(f"listen to {wishes.listen_turns} turns without a model")
    systems["listen"] = _bench_listen(wishes.history, wishes.listen_turns)
    settings: dict[str, str | int | float] = {
        "operations": wishes.operations,
        "live_claims": LIVE_CLAIMS,
        "pairs": REPEATS,
        "history": wishes.history.id,
    }
    return Results(bench="ops", suite="embedded", systems=systems, manifest=manifest(settings))


def _bench_fold(trunk: Trunk, count: int) -> dict[str, float]:
    ledger = list(long_ledger(trunk, count))
    began = perf_counter()
    trees = fold(trunk, ledger)
    spent = perf_counter() - began
    return {"operations": count, "fold_s": round(spent, 3), "claims": len(trees["self"].claims)}


def _bench_remember() -> dict[str, float]:
    with (
        TemporaryDirectory(prefix="treering-bench-") as folder,
        Memory(Path(folder, "ours"), embedder="hash", background=False) as memory,
    ):
        memory.remember("bench", "warm up")
        with closing(_Bare(Path(folder, "bare.db"), Path(folder, "ours", "treering.db"))) as bare:
            ours, theirs, ratio = interleaved(
                lambda n: memory.remember("bench", Message(content=_TEXT.format(n), id=f"m{n}"), session="s"),
                bare.insert,
            )
    return {
        "remember_p50_ms": p50_ms(ours),
        "bare_insert_p50_ms": p50_ms(theirs),
        "ratio": ratio.median,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
    }


class _Bare:
    """The same rows with nothing around them: the standard library's driver, the same table and pragmas, one commit."""

    def __init__(self, file: Path, ours: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        with closing(sqlite3.connect(ours)) as theirs:
            theirs.row_factory = sqlite3.Row
            made = theirs.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'turns' AND sql IS NOT NULL")
            for (statement,) in made.fetchall():
                self._connection.execute(statement)
            self._row = dict(theirs.execute("SELECT * FROM turns LIMIT 1").fetchone())
        columns = ", ".join(f'"{name}"' for name in self._row)
        marks = ", ".join(f":{name}" for name in self._row)
        self._insert = f"INSERT INTO turns ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own table

    def insert(self, number: int) -> None:
        """One turn, in one transaction."""
        changed = {"seq": number, "index": number, "message_id": f"m{number}", "content": _TEXT.format(number)}
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(self._insert, {**self._row, **changed})
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _bench_listen(history: History, turns: int) -> dict[str, float]:
    messages = [turn.message for turn in history.turns][:turns]
    with TemporaryDirectory(prefix="treering-bench-") as folder, Memory(folder, background=False) as memory:
        memory.remember("warm", "I live in Porto.")
        memory.flush()
        receipt = memory.remember("bench", messages)
        began = perf_counter()
        memory.flush("bench")
        spent = perf_counter() - began
        operations = len(memory.history("bench"))
    heard = len(receipt.stored)
    return {
        "turns": heard,
        "words_a_turn": round(sum(len(message.content.split()) for message in messages) / len(messages), 1),
        "turns_per_s": round(heard / spent, 1),
        "operations": operations,
    }
