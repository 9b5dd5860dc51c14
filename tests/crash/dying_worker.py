"""`treering worker` whose processes are killed, one after the other, at steps that a seed decides: for tests alone.

    python dying_worker.py FOLDER SEED DEATHS worker --concurrency 2

Each process of the pool takes the next death that nobody took, by making its file in the folder; with all taken, it
lives. The file of a death that came to pass tells where.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from celery.signals import worker_process_init

from treering.cli import main
from treering.testing import Step, each_step

LONGEST_LIFE = 300
"""Steps, at most: some five windows, or three summaries. Were it less, five processes in a row would now and then die
of the same job, which would be put aside, as it should."""

_FOR_LIFE = ExitStack()


def arm(folder: Path, seed: str, deaths: int) -> None:
    """Have this process killed at a step, if a death is left."""
    for number in range(deaths):
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            continue
        last = random.Random(f"{seed}/{number}").randint(1, LONGEST_LIFE)

        def die(step: Step, last: int = last, mark: Path = folder / str(number)) -> None:
            if step.number == last:
                mark.write_text(f"{step}\n")
                os.kill(os.getpid(), signal.SIGKILL)

        _FOR_LIFE.enter_context(each_step(die))
        return


if __name__ == "__main__":
    folder, seed, deaths = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.argv[1:4] = []
    worker_process_init.connect(lambda **_: arm(folder, seed, deaths), weak=False)
    main()
