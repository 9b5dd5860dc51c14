"""What other packages add to the benchmarks, as entry points: loaded by name, and only when they are asked for."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoints, entry_points
from typing import TYPE_CHECKING, TypeVar

from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import EntryPoint

SYSTEMS = "treering.bench.systems"
"""Entry points that give a `treering.bench.systems.entry.Entry`."""

SUITES = "treering.bench.suites"
"""Entry points that give a `treering.bench.choice.catalogue.SuiteFiles`."""

T = TypeVar("T")


def names(group: str, built_in: Mapping[str, object]) -> tuple[str, ...]:
    """Every name: the built-in ones, then those of other packages. Nothing is loaded."""
    return (*built_in, *sorted({one.name for one in _points(group)} - set(built_in)))


def named(group: str, built_in: Mapping[str, T], name: str, kind: type[T]) -> T | None:
    """What has a name; None where nothing has it. Only this one is loaded.

    Args:
        group: The entry points of other packages.
        built_in: What is there without them.
        name: The name.
        kind: What an entry point has to give.

    Raises:
        InvalidInput: Several have the name, or its package is broken; says which package.
    """
    found = list(_points(group).select(name=name))
    if not found:
        return built_in.get(name)
    owners = [*(["treering itself"] if name in built_in else []), *sorted(map(_package, found))]
    if len(owners) > 1:
        raise InvalidInput(f"plugin {name!r}", f"is of {' and of '.join(owners)}; uninstall all but one")
    try:
        value = found[0].load()
    except Exception as error:  # a module of others can fail with anything
        raise InvalidInput(
            f"plugin {name!r} of {owners[0]}",
            f"cannot be loaded ({type(error).__name__}: {error}); mend that package, or uninstall it",
        ) from error
    if not isinstance(value, kind):
        raise InvalidInput(
            f"plugin {name!r} of {owners[0]}", f"gives {type(value).__name__}, where {kind.__name__} belongs"
        )
    return value


def packages(group: str) -> Iterator[tuple[str, str]]:
    """The names that other packages add, each with its package and version."""
    for one in sorted(_points(group), key=lambda point: (point.name, point.value)):
        yield one.name, _package(one)


def _points(group: str) -> EntryPoints:
    return _installed(group, tuple(sys.path))


@lru_cache(maxsize=2)
def _installed(group: str, path: tuple[str, ...]) -> EntryPoints:
    """Entry points of all packages, looked up once: that takes 10 to 30 ms, and a run makes a system for each talk."""
    del path  # where another is looked through, there is something else
    return entry_points(group=group)


def _package(one: EntryPoint) -> str:
    return f"{one.dist.name} {one.dist.version}" if one.dist else one.value
