"""A migration laid against its two trunks: where each slot leads, and how one comes back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from treering.errors import InvalidMigration, UnknownSlot
from treering.schemas.migration import Drop, Merge, Migration, Portion, Rename, Split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from treering.schemas.migration import Step
    from treering.schemas.trunk import Trunk

_MAX_NAMED = 5  # slots in one message: the rest is counted


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Where the slots of one trunk lead on another."""

    migration: Migration
    origin: Trunk
    target: Trunk
    portions: Mapping[str, tuple[Portion, ...]]
    """By slot of the origin; none: it is dropped. Slots that a step names come first, in the order of the steps."""

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """By slot of the target: where on the origin a claim belongs that was learned since. Others have no place.

        A slot that stayed is its own home; otherwise it is the slot that leads there, of several the one that the
        migration names first; otherwise the slot of the same path.
        """
        found: dict[str, str] = {}
        for path, portions in self.portions.items():
            for portion in portions:
                found.setdefault(portion.path, path)
                if portion.path == path:
                    found[path] = path
        for slot in self.target.slots:
            if slot.path in self.origin.by_path:
                found.setdefault(slot.path, slot.path)
        return found


def chart(migration: Migration, origin: Trunk, target: Trunk) -> Chart:
    """A migration checked as a whole: every slot of the old trunk leads somewhere, and nothing leads nowhere.

    Raises:
        InvalidMigration: The trunks are others; a step names what is not there; a slot is named twice, or is missing on
            the new trunk and not named at all.
    """
    for named, trunk in ((migration.origin, origin), (migration.target, target)):
        if named != trunk.label:
            raise InvalidMigration(migration.where, f"is about {named}, not about {trunk.label}")
    portions: dict[str, tuple[Portion, ...]] = {}
    for step in migration.steps:
        for path, leads_to in _routes(step, origin):
            if path in portions:
                raise _fault(step, migration, f"{path} is named twice; a slot goes one way")
            portions[path] = leads_to
            for portion in leads_to:
                _check_is_slot(step, migration, target, portion.path)
        if isinstance(step, Drop):
            _check_is_gone(step, migration, origin, target)
    _check_all_dealt_with(migration, portions, origin, target)
    portions |= {slot.path: (Portion(path=slot.path),) for slot in origin.slots if slot.path not in portions}
    found = Chart(migration=migration, origin=origin, target=target, portions=portions)
    _check_renamed_into_empty_slots(found)
    return found


def _routes(step: Step, origin: Trunk) -> Iterator[tuple[str, tuple[Portion, ...]]]:
    """The slots that a step names, each with where it leads."""
    match step:
        case Rename(source=source, to=to):
            for path in _slots_under(step, origin, source):
                yield path, (Portion(path=f"{to}{path[len(source) :]}"),)
        case Merge(sources=sources, to=to):
            for path in sources:
                _check_is_slot(step, None, origin, path)
                yield path, (Portion(path=to),)
        case Split(source=source, to=parts):
            _check_is_slot(step, None, origin, source)
            yield source, parts
        case Drop(path=dropped):
            for path in _slots_under(step, origin, dropped):
                yield path, ()
        case _:
            assert_never(step)


def _slots_under(step: Step, trunk: Trunk, path: str) -> list[str]:
    """The slot itself, or all slots of a branch."""
    if path not in trunk.branch_paths:
        _check_is_slot(step, None, trunk, path)
        return [path]
    return [slot.path for slot in trunk.slots if slot.path.startswith(f"{path}.")]


def _check_is_slot(step: Step, migration: Migration | None, trunk: Trunk, path: str) -> None:
    if path in trunk.by_path:
        return
    if path in trunk.branch_paths:
        raise _fault(step, migration, f"{path!r} is a branch of {trunk.label}; name its slots one by one")
    raise _fault(step, migration, f"{trunk.label}: {UnknownSlot(path, tuple(trunk.by_path))}")


def _check_is_gone(step: Drop, migration: Migration, origin: Trunk, target: Trunk) -> None:
    kept = [path for path in _slots_under(step, origin, step.path) if path in target.by_path]
    if kept:
        raise _fault(step, migration, f"{_some(kept)} is on {target.label} too; what is there stays")


def _check_all_dealt_with(
    migration: Migration, portions: Mapping[str, tuple[Portion, ...]], origin: Trunk, target: Trunk
) -> None:
    lost = [slot.path for slot in origin.slots if slot.path not in portions and slot.path not in target.by_path]
    if lost:
        raise InvalidMigration(
            migration.where,
            f"{_some(lost)} of {origin.label} is not on {target.label}, and no step says where its claims go; rename, "
            "merge, split or drop it",
        )


def _check_renamed_into_empty_slots(chart: Chart) -> None:
    """A rename must not mix two slots by accident; who wants that writes a merge."""
    sources: dict[str, list[str]] = {}
    for path, portions in chart.portions.items():
        for portion in portions:
            sources.setdefault(portion.path, []).append(path)
    for step in chart.migration.steps:
        if isinstance(step, Rename):
            for path, leads_to in _routes(step, chart.origin):
                others = [other for other in sources[leads_to[0].path] if other != path]
                if others:
                    why = f"{leads_to[0].path} takes the claims of {_some(others)} too; write a merge to join slots"
                    raise _fault(step, chart.migration, why)


def _fault(step: Step, migration: Migration | None, why: str) -> InvalidMigration:
    number = ""
    if not step.where and migration is not None:
        number = f", step {migration.steps.index(step) + 1}"
    where = step.where or f"{migration.where if migration else 'given'}{number}"
    return InvalidMigration(where, f"at {step.kind}: {why}")


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - _MAX_NAMED} more" if len(paths) > _MAX_NAMED else ""
    return ", ".join(paths[:_MAX_NAMED]) + more
