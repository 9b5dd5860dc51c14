"""Personal data in a text, found by Presidio's pattern recognisers: no language model, nothing is downloaded."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.admission import FindPersonalData

LEAST_SCORE = 0.4
"""Least certainty of a find, of 1: patterns that fit any number ("12345678") have less, checked numbers 1."""

#: Recognisers, and what people call the data they find.
_KINDS = {
    "CreditCardRecognizer": "a card number",
    "CryptoRecognizer": "a wallet",
    "IbanRecognizer": "a bank account",
    "IpRecognizer": "an IP address",
    "MedicalLicenseRecognizer": "a medical licence",
    "PhoneRecognizer": "a phone number",
    "UsSsnRecognizer": "a social security number",
    "UsItinRecognizer": "a tax number",
    "NhsRecognizer": "a health service number",
    "EsNifRecognizer": "an identity number",
    "ItFiscalCodeRecognizer": "an identity number",
    "PlPeselRecognizer": "an identity number",
    "FiPersonalIdentityCodeRecognizer": "an identity number",
    "SgFinRecognizer": "an identity number",
    "InAadhaarRecognizer": "an identity number",
    "InPanRecognizer": "a tax number",
    "AuTfnRecognizer": "a tax number",
}


@cache
def find_personal_data() -> FindPersonalData | None:
    """What names the personal data in a text; None without the extra `pii`: then nothing is looked for."""
    try:
        from presidio_analyzer import PatternRecognizer, predefined_recognizers  # noqa: PLC0415 - an extra, and slow
    except ImportError:
        return None
    made = [(getattr(predefined_recognizers, name, None), kind) for name, kind in _KINDS.items()]
    recognisers = [(recogniser(), kind) for recogniser, kind in made if recogniser is not None]
    # Presidio's own one for addresses fetches a list of domains from the network at its first find.
    addresses = PatternRecognizer(
        supported_entity="EMAIL_ADDRESS", patterns=predefined_recognizers.EmailRecognizer.PATTERNS
    )
    recognisers.append((addresses, "an e-mail address"))

    def find(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for recogniser, kind in recognisers if _finds(recogniser, text)))

    return find


class _Find(Protocol):
    score: float


class _Recogniser(Protocol):
    """The part of Presidio's recognisers that is used; its package ships no types."""

    supported_entities: list[str]

    def analyze(self, text: str, entities: list[str], nlp_artifacts: None) -> Sequence[_Find]: ...


def _finds(recogniser: _Recogniser, text: str) -> bool:
    results = recogniser.analyze(text, recogniser.supported_entities, None)
    return any(result.score >= LEAST_SCORE for result in results)
