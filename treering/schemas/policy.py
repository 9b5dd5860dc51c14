"""What may be kept of what a person says: consent by slot, personal data, how much a day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self, get_args

from pydantic import Field, StringConstraints

from treering.errors import InvalidInput
from treering.schemas.trunk import Consent, Sensitivity
from treering.schemas.value import Value

if TYPE_CHECKING:
    from treering.schemas.trunk import Slot, Trunk

_NAME = r"[A-Za-z0-9][A-Za-z0-9_]*"
_WHERE = rf"^{_NAME}(\.{_NAME})*(\.\*)?$"
_SENSITIVITIES: tuple[str, ...] = get_args(Sensitivity)
_CONSENTS: tuple[str, ...] = get_args(Consent)


class ConsentRule(Value):
    """What becomes of claims in some slots."""

    where: Annotated[str, StringConstraints(pattern=_WHERE)]
    """A sensitivity (`special`), a slot (`health.allergies`), or all slots under a branch (`health.*`)."""
    consent: Consent
    """`keep` them, `ask` the person first, or `never` keep them."""

    def covers(self, slot: Slot) -> bool:
        """Whether the rule is about a slot."""
        if self.where.endswith(".*"):
            return slot.path.startswith(self.where[:-1])
        return self.where in (slot.path, slot.sensitivity)

    @property
    def rank(self) -> tuple[int, int]:
        """How much it says: a slot outweighs a branch, a longer branch a shorter, a branch a sensitivity."""
        if self.where in _SENSITIVITIES:
            return 0, 0
        return (1 if self.where.endswith(".*") else 2), self.where.count(".")


class Policy(Value):
    """What admission keeps, asks about, or never keeps. The default keeps what the trunk does not mark.

    Example:
        >>> Policy.read("special=ask, health.*=never").consent[1].where
        'health.*'
    """

    consent: tuple[ConsentRule, ...] = ()
    """By sensitivity, branch or slot; of several that cover a slot the most exact one counts, then the last."""
    personal_data: Consent = "ask"
    """Claims that hold a phone number, an address, an account or the like, where a detector is installed."""
    claims_a_day: Annotated[int, Field(ge=1)] = 2_000
    """Claims that are learned of one person in 24 hours; more wait in quarantine."""

    @classmethod
    def read(cls, consent: str | None, *, personal_data: str | None = None, claims_a_day: int | None = None) -> Self:
        """A policy from settings: consent as `WHERE=CONSENT`, with commas between.

        Raises:
            InvalidInput: A part is no such pair, or names no consent.
        """
        named: dict[str, object] = {"consent": tuple(_rules(consent or ""))}
        if personal_data is not None:
            named["personal_data"] = _consent(personal_data, "personal data")
        if claims_a_day is not None:
            named["claims_a_day"] = claims_a_day
        return cls.model_validate(named)

    def of(self, slot: Slot) -> Consent:
        """What becomes of a claim in a slot."""
        found = [rule for rule in self.consent if rule.covers(slot)]
        return max(found[::-1], key=lambda rule: rule.rank).consent if found else slot.consent

    def check(self, trunk: Trunk) -> None:
        """Refuse a policy that names what a trunk does not have: a rule that covers nothing protects nobody.

        Raises:
            InvalidInput: A rule covers no slot.
        """
        for rule in self.consent:
            if rule.where not in _SENSITIVITIES and not any(rule.covers(slot) for slot in trunk.slots):
                raise InvalidInput(
                    "TREERING_CONSENT",
                    f"names {rule.where}, which is no sensitivity ({', '.join(_SENSITIVITIES)}), no slot, and no "
                    f"BRANCH.* of the trunk {trunk.label}; see them with: treering trunk show",
                )


def _rules(text: str) -> list[ConsentRule]:
    found: list[ConsentRule] = []
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        where, equals, consent = (piece.strip() for piece in part.partition("="))
        if not equals or re.match(_WHERE, where) is None:
            raise InvalidInput(
                "TREERING_CONSENT", f"has {part!r}; write WHERE=CONSENT, e.g. special=ask,health.*=never"
            )
        found.append(ConsentRule.model_validate({"where": where, "consent": _consent(consent, where)}))
    return found


def _consent(text: str, where: str) -> str:
    if text not in _CONSENTS:
        raise InvalidInput("TREERING_CONSENT", f"says {text!r} for {where}; choose {', '.join(_CONSENTS)}")
    return text
