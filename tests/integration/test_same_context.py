"""The same turns give the same context: in another process, with other workers, however the jobs fell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from treering import Memory, Message
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
TOPICS = ("garden", "boat", "piano", "sister Ines", "trip to Evora", "running", "soup", "exam")
QUESTIONS = (
    "What did I say about the boat?",
    "Where does my sister live?",
    "Give me an overview of our talks.",
    "How did my running change?",
    "What happened in March?",
    "I'm thinking of the garden again. Any news?",
)


def said(session: int) -> list[Message]:
    """One conversation; statements, questions and answers."""
    topic = TOPICS[session % len(TOPICS)]
    begin = NOW - timedelta(days=100 - 7 * session)
    texts = (
        ("user", f"I spent day {session} with the {topic}."),
        ("assistant", f"How was the {topic} this time?"),
        ("user", f"Better than last month. I live in town number {session} now."),
        ("user", f"Remind me to ask about the {topic} on {begin:%d %B}."),
    )
    return [
        Message.model_validate(
            {"role": role, "content": text, "id": f"s{session}-{n}", "at": begin + timedelta(minutes=n)}
        )
        for n, (role, text) in enumerate(texts)
    ]


def remembered(home: Path, *, at_once: bool) -> None:
    """All conversations; either drained once in the end, or after each by two workers beside the writer."""
    with Memory(home, embedder="hash", clock=ManualClock(NOW), background=False) as memory:
        for session in range(8):
            memory.remember("ana", said(session), session=f"s{session}")
            if not at_once:
                drain(home, 2)
        memory.end_session("ana")
        drain(home, 1 if at_once else 2)


def drain(home: Path, workers: int) -> None:
    def work() -> None:
        with Memory(home, embedder="hash", clock=ManualClock(NOW), background=False) as worker:
            worker.flush()

    threads = [Thread(target=work) for _ in range(workers)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def contexts(home: Path) -> list[str]:
    """What a fresh process is told, with another seed for the hashes of Python."""
    code = (
        "import json, sys; from datetime import UTC, datetime; from treering import Memory\n"
        "from treering.testing import ManualClock\n"
        f"memory = Memory(sys.argv[1], embedder='hash', clock=ManualClock(datetime.fromisoformat({NOW.isoformat()!r})),"
        " background=False)\n"
        f"print(json.dumps([memory.recall('ana', one, mode='hybrid').context for one in {QUESTIONS!r}]))\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": str(len(home.name))}
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True, env=environment
    )
    told: list[str] = json.loads(done.stdout)
    return told


def test_the_same_turns_give_the_same_context_whoever_worked_and_whoever_asks(tmp_path: Path) -> None:
    remembered(tmp_path / "at-once", at_once=True)
    remembered(tmp_path / "piece-by-piece", at_once=False)
    once, pieces = contexts(tmp_path / "at-once"), contexts(tmp_path / "piece-by-piece")
    assert all(once)
    assert once == pieces
