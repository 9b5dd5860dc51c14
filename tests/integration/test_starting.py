"""Programs that are forked from one that has imported everything behave as any other that is started."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

import treering
from treering.testing.starting import Program

TELLS = (
    "import os, sys; print(sys.argv[1:], dict(os.environ), os.getcwd(), os.getpgrp() == os.getpid(), sys.stdin.read())"
)
WAITS = "import time; print('here', flush=True); time.sleep(600)"


def script(folder: Path, code: str) -> Path:
    (file := folder / "program.py").write_text(f"if __name__ == '__main__':\n    {code}\n")
    return file


def test_a_command_of_ours_ends_as_it_does_elsewhere(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert Program(["--version"], os.environ, log=log).wait(60) == 0
    assert treering.__version__ in log.read_text()
    assert Program(["tree", "ana", "--budget"], os.environ, log=log).wait(60) == 2
    assert "No such option" in log.read_text(), "what is written is added"


def test_it_has_words_environment_and_folder_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = Program(["a", "b"], {"C": "d"}, script=script(tmp_path, TELLS), folder=tmp_path, log=log)
    assert program.wait(60) == 0
    assert log.read_text() == f"['a', 'b'] {{'C': 'd'}} {tmp_path} True \n"


def test_it_may_be_waited_for_interrupted_and_killed(tmp_path: Path) -> None:
    for number in (signal.SIGKILL, signal.SIGTERM):
        program = Program([], os.environ, script=script(tmp_path, WAITS), log=tmp_path / "log")
        assert program.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(0.01)
        os.killpg(program.pid, number)
        assert program.wait(60) == program.poll() == -number
        program.send_signal(number)  # nobody is there any more
