"""Taking changes back: operations that lead from one forest to another, and which commits still stand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from treering.errors import NotInvertible, UndoConflict
from treering.memory.digest import without_words
from treering.memory.operations import diff
from treering.memory.tree import PersonaTree
from treering.schemas.claims import FORGOTTEN, SELF
from treering.schemas.operations import Add, Delete, Operation
from treering.schemas.timeline import Change, SubjectChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.operations import Commit

Action = Literal["undo", "redo", "rewind"]
"""Who takes changes back, as it stands in the ledger as author."""

_Key = tuple[str, str]
"""Subject and claim id."""


def transition(before: Forest, after: Forest, *, at: datetime) -> tuple[Operation, ...]:
    """Operations that turn one forest into another: what must go is retracted, then the rest is added.

    Applied to `before` they give `after`, except that a claim whose words were erased in one of the two stays as it is.

    Raises:
        NotInvertible: A claim would have to come back whose words were forgotten.
    """
    return _operations(_claims(before), _claims(after), at)


def revert(before: Forest, after: Forest, present: Forest, *, version: int, at: datetime) -> tuple[Operation, ...]:
    """Operations that take back, in the present forest, what once led from `before` to `after`.

    Only claims that differ between the two are touched; whatever happened to others since stays.

    Args:
        before: The trees that a version was made from; at least of the claims that it changed.
        after: The trees that it made, of the same claims.
        present: The trees as they are.
        version: The version, for the error.
        at: When it is taken back.

    Raises:
        UndoConflict: A claim is not as the version left it.
        NotInvertible: A claim was forgotten by the version, or since.
    """
    old, new, now = _claims(before), _claims(after), _claims(present)
    changed = _changed(old, new)
    for key in changed:
        if not _is_same(now.get(key), new.get(key)):
            if any(claim is not None and _is_erased(claim) for claim in (old.get(key), new.get(key))):
                raise NotInvertible(key[1])
            raise UndoConflict(version, key[1])
    return _operations(
        {key: now[key] for key in changed if key in now}, {key: old[key] for key in changed if key in old}, at
    )


def supported(claim: Claim, said: Mapping[str, str]) -> Claim | None:
    """What is left of a claim whose messages may have been taken back since; none if nothing supports it any more.

    Args:
        claim: The claim, as it was once.
        said: What its messages say, by id; one that is not there is believed.
    """

    def stands(piece: Evidence) -> bool:
        content = said.get(piece.message_id)
        is_there = content is None or content[piece.start : piece.start + len(piece.quote)] == piece.quote
        return is_there or piece.quote == FORGOTTEN

    left = tuple(filter(stands, claim.evidence))
    if claim.evidence and not left:
        return None
    return claim if left == claim.evidence else claim.model_copy(update={"evidence": left})


def differ(one: Forest, other: Forest) -> bool:
    """Whether any claim is not the same in both."""
    return bool(_changed(_claims(one), _claims(other)))


def standing(newest_first: Iterable[Commit]) -> Iterator[Commit]:
    """The commits that were not taken back, newest first; those that take something back are left out.

    A commit that was taken back has no effect, and one that took it back has none either once it is taken back itself.
    """
    without_effect: set[int] = set()
    for commit in newest_first:
        if commit.version in without_effect:
            continue
        if commit.reverts is None:
            yield commit
        else:
            without_effect.add(commit.reverts)


def redoable(newest_first: Iterable[Commit]) -> Iterator[Commit]:
    """The undos that redo can take back, newest first: those that nothing was committed after, as in an editor."""
    redone: set[int] = set()
    for commit in newest_first:
        match commit.author:
            case "undo":
                if commit.version not in redone:
                    yield commit
            case "redo" if commit.reverts is not None:
                redone.add(commit.reverts)
            case _:
                return


def change_between(from_version: int, old: Forest, to_version: int, new: Forest) -> Change:
    """What became current and what ceased to be from one version to another, subject by subject, the user first."""
    subjects = sorted({*old, *new}, key=lambda subject: (subject != SELF, subject))
    changes = (_subject_change(subject, old.get(subject), new.get(subject)) for subject in subjects)
    return Change(
        from_version=from_version,
        to_version=to_version,
        subjects=tuple(change for change in changes if change.gained or change.lost),
    )


def _operations(before: Mapping[_Key, Claim], after: Mapping[_Key, Claim], at: datetime) -> tuple[Operation, ...]:
    gone = [key for key, claim in before.items() if not _is_same(claim, after.get(key))]
    new = [key for key, claim in after.items() if not _is_same(claim, before.get(key))]
    for key in new:
        if _is_erased(after[key]):
            raise NotInvertible(key[1])
    return (*(_retraction(before[key], at) for key in gone), *(Add(claim=after[key]) for key in new))


def _changed(old: Mapping[_Key, Claim], new: Mapping[_Key, Claim]) -> list[_Key]:
    return [key for key in {**old, **new} if not _is_same(old.get(key), new.get(key))]


def _retraction(claim: Claim, at: datetime) -> Delete:
    return Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=at)


def _is_same(one: Claim | None, other: Claim | None) -> bool:
    """Equal, or equal but for words that were erased in one of them: as far as anybody can tell, nothing changed."""
    if one is None or other is None or one == other:
        return one is other or one == other
    return FORGOTTEN in (one.text, other.text) and without_words(one) == without_words(other)


def _is_erased(claim: Claim) -> bool:
    """Whether its words are gone, or the name of whom it is about: then an alias stands for the name."""
    return claim.text == FORGOTTEN or ":~" in claim.subject


def _claims(forest: Forest) -> dict[_Key, Claim]:
    return {(subject, ref): claim for subject, tree in forest.items() for ref, claim in tree.claims.items()}


def _subject_change(subject: str, old: PersonaTree | None, new: PersonaTree | None) -> SubjectChange:
    known = old or new
    if known is None:
        return SubjectChange(subject=subject)
    bare = PersonaTree(trunk=known.trunk, subject=subject)
    difference = diff(old or bare, new or bare)
    return SubjectChange(subject=subject, gained=_legible(difference.gained), lost=_legible(difference.lost))


def _legible(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple(claim for claim in claims if claim.text != FORGOTTEN)
