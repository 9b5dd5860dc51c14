"""Where the processor time of the tests goes, by file, with programs that they start: `pytest -p tests.cpu_times`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import pytest

SHOWN = 40
"""Files that are told, the costliest first."""

Spent = tuple[float, float]
"""Seconds of this process, and of programs that it started and waited for."""

_BEGAN = pytest.StashKey[Spent]()
_OWN: Counter[str] = Counter()
_STARTED: Counter[str] = Counter()


def _spent() -> Spent:
    own, started = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, started.ru_utime + started.ru_stime


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look at the clock of the processor before the first fixture."""
    item.stash[_BEGAN] = _spent()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """After the last fixture, let the report say what was spent; it also comes from other processes."""
    report = yield
    if call.when == "teardown":
        report.user_properties.append(
            ("cpu_s", [now - then for now, then in zip(_spent(), item.stash[_BEGAN], strict=True)])
        )
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add it up."""
    for name, value in report.user_properties:
        if name == "cpu_s" and report.when == "teardown":
            own, started = value
            _OWN[report.nodeid.split("::")[0]] += own
            _STARTED[report.nodeid.split("::")[0]] += started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which files cost most."""
    both = _OWN + _STARTED
    if not both:  # a process of xdist
        return
    terminalreporter.section("processor time, in seconds: in all, of programs that tests started")
    for file, seconds in both.most_common(SHOWN):
        terminalreporter.write_line(f"{seconds:8.1f} {_STARTED[file]:8.1f}  {file}")
    terminalreporter.write_line(f"{both.total():8.1f} {_STARTED.total():8.1f}  all {len(both)} files")
