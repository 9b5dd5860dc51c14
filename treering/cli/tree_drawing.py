"""How a persona tree looks in a terminal, and what of it just changed. Users' text is never read as markup."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from treering.cli.drawing import draw_standing, one_line

if TYPE_CHECKING:
    from treering.schemas.claims import Claim
    from treering.schemas.views import TreeView

_FRESH = ("+ ", "bold green")
_CHANGED = ("~ ", "bold yellow")
_GONE = ("- ", "red strike")
"""Signs beside the colours, for terminals and eyes that have none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two views of a tree."""

    before: TreeView
    after: TreeView

    @property
    def fresh(self) -> frozenset[str]:
        """Ids of new claims that replace nothing."""
        return frozenset(claim.id for claim in self._new if not claim.supersedes)

    @property
    def changed(self) -> frozenset[str]:
        """Ids of new claims that replace others."""
        return frozenset(claim.id for claim in self._new if claim.supersedes)

    @property
    def gone(self) -> tuple[Claim, ...]:
        """Claims that ended or were forgotten; those that were replaced are not among them."""
        out = {old for claim in self._new for old in claim.supersedes} | {claim.id for claim in self.after.claims}
        return tuple(claim for claim in self.before.claims if claim.id not in out)

    @property
    def branches(self) -> frozenset[str]:
        """Names of the main branches on which something changed."""
        return frozenset(claim.path.partition(".")[0] for claim in (*self._new, *self.gone))

    @property
    def _new(self) -> list[Claim]:
        known = {claim.id for claim in self.before.claims}
        return [claim for claim in self.after.claims if claim.id not in known]


def draw_tree(
    view: TreeView, *, change: Change | None = None, folded: Collection[str] = (), dated: bool = True, ids: bool = False
) -> Tree:
    """The persona tree. With a change, its claims are marked; `folded` main branches show only how much they hold."""
    root = Tree(Text(f"{view.user} ({view.subject})", style="bold"), guide_style="dim")
    branches: dict[str, Tree] = {"": root}
    leaves = _leaves(view, change, dated=dated, ids=ids)
    for path, lines in leaves.items():
        name = _branch_of(path)
        if name not in folded:
            _add(branches, path, lines)
        elif name not in branches:
            held = sum(len(others) for other, others in leaves.items() if _branch_of(other) == name)
            branches[name] = root.add(Text(f"{name} … {held}", style="dim cyan"))
    if not leaves:
        root.add(Text("nothing is known yet", style="dim"))
    return root


def main_branches(view: TreeView) -> list[str]:
    """Names of the filled main branches, in trunk order."""
    return list(dict.fromkeys(_branch_of(slot.path) for slot in view.slots))


def _leaves(view: TreeView, change: Change | None, *, dated: bool, ids: bool) -> dict[str, list[Text]]:
    gone = change.gone if change else ()
    leaves: dict[str, list[Text]] = {path: [] for path in _paths(view, change)}
    for claim in (*gone, *view.claims):
        sign, style = _mark(claim, change)
        line = Text(sign, style=style.removesuffix(" strike"))
        line.append(one_line(claim.text), style=style)
        line.append_text(draw_standing(claim))
        if claim.id in view.held_back:
            line.append("  asked to be forgotten", style="magenta not bold")
        if dated and claim not in gone:
            line.append(f"  {claim.valid_from:%Y-%m-%d}", style="dim not bold")
        if ids:
            line.append(f"  {claim.id}", style="magenta not bold")
        leaves[claim.path].append(line)
    return leaves


def _paths(view: TreeView, change: Change | None) -> list[str]:
    """Paths to show, in trunk order: an emptied slot stands where it stood."""
    paths = [slot.path for slot in view.slots]
    if change is None:
        return paths
    emptied = {claim.path for claim in change.gone}
    last = -1
    for slot in change.before.slots:
        if slot.path in paths:
            last = paths.index(slot.path)
        elif slot.path in emptied:
            last += 1
            paths.insert(last, slot.path)
    return paths


def _mark(claim: Claim, change: Change | None) -> tuple[str, str]:
    if change is None:
        return "", ""
    if claim.id in change.fresh:
        return _FRESH
    if claim.id in change.changed:
        return _CHANGED
    return _GONE if claim in change.gone else ("", "")


def _add(branches: dict[str, Tree], path: str, lines: list[Text]) -> None:
    parent, _, name = path.rpartition(".")
    label = Text(name.replace("_", " "), style="cyan")
    node = _branch(branches, parent)
    if len(lines) == 1:
        node.add(Text.assemble(label, ("  ", ""), lines[0]))
        return
    slot = node.add(label)
    for line in lines:
        slot.add(line)


def _branch(branches: dict[str, Tree], path: str) -> Tree:
    if path not in branches:
        parent, _, name = path.rpartition(".")
        branches[path] = _branch(branches, parent).add(Text(name.replace("_", " "), style="cyan"))
    return branches[path]


def _branch_of(path: str) -> str:
    return path.partition(".")[0]
