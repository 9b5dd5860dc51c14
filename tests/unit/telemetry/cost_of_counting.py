"""Prints what counting adds to a recall: `python tests/unit/telemetry/cost_of_counting.py`.

The difference of two recalls drowns in what a machine does beside, so the added work itself is timed, in each recall.
"""

from __future__ import annotations

import tempfile
from statistics import median
from time import perf_counter

from prometheus_client import CollectorRegistry

from treering import Memory
from treering.memory import recalling
from treering.memory.asking import Question
from treering.schemas.dialogue import Scope
from treering.telemetry.happenings import Happening

TURNS, RECALLS = 1_200, 400


def main() -> None:
    """Fill a store, recall, print."""
    spent: list[float] = []
    made = recalling._told

    def timed(*given: object) -> object:
        began = perf_counter()
        told = made(*given)  # type: ignore[arg-type]
        spent.append(perf_counter() - began)
        return told

    recalling._told = timed  # type: ignore[assignment]
    with (
        tempfile.TemporaryDirectory() as folder,
        Memory(folder, background=False, metrics=CollectorRegistry()) as memory,
    ):
        for turn in range(0, TURNS, 2):
            said = [f"I went to Lisbon with my friend {turn}.", f"We ate fish number {turn} in Porto."]
            memory.remember("ana", said, session=f"s{turn // 20}")
        memory.flush()
        count = memory.happenings.tell

        def tell(happened: Happening) -> None:
            began = perf_counter()
            count(happened)
            spent.append(perf_counter() - began)

        for mode in ("tree", "hybrid"):
            took, added = [], []
            for number in range(RECALLS):
                question = Question(text=f"Where did we eat {mode} fish {number}?", mode=mode)
                spent.clear()
                began = perf_counter()
                memory._engine.recall(Scope(user="ana"), question, tell=tell)
                took.append(perf_counter() - began)
                added.append(sum(spent))
            share = median(one / all_ for one, all_ in zip(added, took, strict=True))
            print(f"{mode}: a recall {1e3 * median(took):.1f} ms, counting {1e6 * median(added):.0f} µs, {share:.2%}")  # noqa: T201


if __name__ == "__main__":
    main()
