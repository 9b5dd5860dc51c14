"""What one of everything costs: a turn taken in as people talk, a question, a passage on PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from treering.bench.filling import Filling, person
from treering.bench.generated import Words
from treering.bench.talk import small_talk
from treering.client.memory import Memory
from treering.memory.stores import SqlStore
from treering.memory.stores.measuring import commits, logged_bytes, table_sizes
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.trunks import load_trunk
from treering.schemas.value import Value

if TYPE_CHECKING:
    from treering.bench.scale_stores import Progress
    from treering.memory.ports import Embedder
    from treering.settings import Settings


class Amounts(Value):
    """How much the unit costs are measured on."""

    exchanges: int = 60
    """Exchanges taken in as they are said: a turn of the user, an answer, and work until nothing waits."""
    questions: int = 40
    """Questions that are embedded."""
    people: tuple[int, int] = (10, 40)
    """People on PostgreSQL when it is weighed first, and last: in between, no table gets its first page."""
    turns: int = 100
    """What each of them says."""


def measure_units(
    settings: Settings, true: Embedder, database_url: str | None, amounts: Amounts, progress: Progress
) -> dict[str, float]:
    """Unit costs; those of PostgreSQL where a scratch database is named.

    Args:
        settings: Those of the run.
        true: The embedder.
        database_url: A scratch database on PostgreSQL.
        amounts: How much they are measured on.
        progress: Told what is being done.
    """
    told, steps = "unit costs", 2 if database_url is None else 4
    words = Words(seed=11)
    true.embed([words.question()])
    cpu = process_time()
    for _ in range(amounts.questions):
        true.embed([words.question()])
    found = {"question_cpu_ms": _ms(process_time() - cpu, amounts.questions), "dimension": float(true.dimension)}
    progress(told, 1, steps)
    with TemporaryDirectory(prefix="treering-bench-") as folder:
        found |= _taken_in(settings.model_copy(update={"home": Path(folder)}), true, amounts)
        progress(told, 2, steps)
        if database_url is not None:
            upgrade_store(database_url)
            found |= _weighed(Path(folder), true, database_url, amounts)
            progress(told, 3, steps)
            found |= _counted(settings.model_copy(update={"database_url": database_url}), true, amounts)
            progress(told, 4, steps)
    return found


def _taken_in(settings: Settings, true: Embedder, amounts: Amounts) -> dict[str, float]:
    """Processor time of a turn, heard by the local listener, embedded, indexed, summarised; and its bytes in an export.

    What loads once a process is loaded by somebody else's talk first.
    """
    turns = [turn.message for turn in small_talk(2 * amounts.exchanges).turns]
    with Memory(settings=settings, embedder=true, background=False) as memory:
        for who, said in (("warm", turns[:4]), ("bench", turns)):
            cpu = process_time()
            for first in range(0, len(said), 2):
                memory.remember(who, said[first : first + 2])
                memory.flush(who)
            memory.end_session(who)
            memory.flush(who)
        cpu_ms = _ms(process_time() - cpu, len(turns))
        exported = len(memory.export("bench").model_dump_json().encode())
        return {"turn_cpu_ms": cpu_ms, "export_bytes": round(exported / len(turns), 1)}


def _weighed(folder: Path, true: Embedder, database_url: str, amounts: Amounts) -> dict[str, float]:
    """Bytes of a passage on PostgreSQL, in tables and indexes and in its log."""
    weights = []
    for count in amounts.people:
        with Filling(folder / "filling", true, database_url=database_url) as filling:
            filling.write({person(number): amounts.turns for number in range(count)})
        with closing(_opened(database_url)) as store, store.transaction(write=False) as transaction:
            tables = sum(size for size, _ in table_sizes(transaction).values())
            weights.append((tables, logged_bytes(transaction)))
    (tables, log), (more_tables, more_log) = weights
    came = amounts.turns * (amounts.people[1] - amounts.people[0])
    return {
        "postgres_bytes": round((more_tables - tables) / came, 1),
        "postgres_log_bytes": round((more_log - log) / came, 1),
    }


def _counted(settings: Settings, true: Embedder, amounts: Amounts) -> dict[str, float]:
    """Transactions of a turn on PostgreSQL, as people talk."""
    url = settings.store_url
    with closing(_opened(url)) as store, store.transaction(write=False) as transaction:
        before = commits(transaction)
    cpu_ms = _taken_in(settings, true, amounts)["turn_cpu_ms"]
    with closing(_opened(url)) as store, store.transaction(write=False) as transaction:
        done = commits(transaction) - before
    return {"postgres_transactions": round(done / (2 * amounts.exchanges), 1), "postgres_turn_cpu_ms": cpu_ms}


def _opened(url: str) -> SqlStore:
    return SqlStore(url, load_trunk("core"))


def _ms(seconds: float, count: int) -> float:
    return round(1_000 * seconds / count, 3)
