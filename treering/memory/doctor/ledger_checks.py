"""Does the ledger hold together, and is what is read from it what it says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.errors import KeyUnavailable, StoreUnreadable, TrunkMismatch
from treering.memory.doctor.case import Symptom
from treering.schemas.claims import FORGOTTEN

if TYPE_CHECKING:
    from treering.memory.doctor.case import Case
    from treering.memory.operations import Forest
    from treering.schemas.claims import Claim


class Access:
    """The memory can be opened: its key is there, and it stands on the trunk that was loaded."""

    name = "access"

    def look(self, case: Case) -> Symptom | None:
        """A key that is missing or wrong, another trunk. Nothing else can be looked at then."""
        try:
            _ = case.forest
        except (KeyUnavailable, TrunkMismatch) as error:
            return Symptom(what="cannot be opened", advice=str(error))
        except StoreUnreadable:
            return None  # a damaged row is for the checks that read it
        return None


class Chain:
    """Every digest follows from the entries before it, and every word from its commitment."""

    name = "chain"

    def look(self, case: Case) -> Symptom | None:
        """The first entry that was changed, moved or lost."""
        broken = case.unit.ledger.first_broken(case.scope)
        if broken is None:
            return None
        advice = "the ledger was changed from outside; restore this person from a backup or an export"
        return Symptom(what=f"entry {broken} does not fit the chain of digests", advice=advice)


class Fold:
    """The live claims that are read are those that the ledger folds to, and the head counts what is there."""

    name = "fold"

    def look(self, case: Case) -> Symptom | None:
        """Claims that are too many, missing or different; a head that is elsewhere."""
        replayed = case.replayed
        expected, stored = _by_key(replayed.forest), _by_key(case.forest)
        differing = sum(1 for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key))
        head = (case.head.version, case.head.seq, case.head.digest)
        is_elsewhere = head != (replayed.version, replayed.seq, replayed.digest)
        if not differing and not is_elsewhere:
            return None
        claims = f"{differing} live claim(s) differ from the ledger's"
        what = claims if differing else "the head is not at the last entry"
        return Symptom(what=what, count=max(differing, 1), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Write the live claims and the head anew, from the ledger."""
        case.unit.ledger.rebuild(case.scope)


class Snapshots:
    """What is kept to read the past faster is what the past was."""

    name = "snapshots"

    def look(self, case: Case) -> Symptom | None:
        """Snapshots that show something else than the entries up to their version."""
        wrong = case.unit.ledger.wrong_snapshots(case.scope)
        if not wrong:
            return None
        return Symptom(what=f"{len(wrong)} snapshot(s) of the past are wrong", count=len(wrong), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Take them anew."""
        case.unit.ledger.rebuild(case.scope)


class ForgottenWords:
    """Of what was forgotten, no words are left in the ledger."""

    name = "forgotten words"

    def look(self, case: Case) -> Symptom | None:
        """Claims that were forgotten and are still written out."""
        left = case.replayed.unerased
        if not left:
            return None
        what = f"{len(left)} forgotten claim(s) still have words in the ledger"
        return Symptom(what=what, count=len(left), cure=self._mend)

    def _mend(self, case: Case) -> None:
        """Erase them."""
        replayed = case.replayed
        for ref in replayed.unerased:
            case.unit.ledger.erase(case.scope, [ref], through_seq=replayed.forgotten[ref])


class Evidence:
    """Every claim rests on words that are in the message it cites."""

    name = "evidence"

    def look(self, case: Case) -> Symptom | None:
        """Claims that cite a message that never was, or words that are not in it."""
        cited = [piece for claim in case.claims for piece in claim.evidence]
        turns = case.unit.turns.get(case.scope, sorted({piece.message_id for piece in cited}))
        orphaned = 0
        for piece in cited:
            turn = turns.get(piece.message_id)
            is_there = (
                turn is not None
                and (
                    not turn.content  # it was erased or taken back since
                    or piece.quote == FORGOTTEN
                    or turn.content[piece.start : piece.start + len(piece.quote)] == piece.quote
                )
            )
            orphaned += not is_there
        if not orphaned:
            return None
        advice = "look at `treering history`; forget or retract what nobody said"
        return Symptom(what=f"{orphaned} quotation(s) of live claims are in no message", count=orphaned, advice=advice)


def _by_key(forest: Forest) -> dict[tuple[str, str], Claim]:
    return {(subject, ref): claim for subject, tree in forest.items() for ref, claim in tree.claims.items()}
