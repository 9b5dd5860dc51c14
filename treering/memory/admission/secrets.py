"""Refuses passwords, keys, numbers of cards and accounts always, other personal data as the policy says. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Objection, hold, reject
from treering.memory.wording.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treering.memory.admission.situation import Situation

_KEY = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:(?:live|test|proj|ant|or)[-_])?[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_\w{20,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}|\bglpat-[\w-]{16,}"
    r"|\bhf_[A-Za-z0-9]{20,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY|\bnpm_[A-Za-z0-9]{20,}|\bya29\.[\w-]{20,}"
    r"|\b(?:Bearer|Basic) [A-Za-z0-9+/_=.-]{16,}|://[^\s/:@]{1,60}:[^\s/@]{3,60}@",
)
_KEPT_CLOSE = (
    r"(?:pass ?words?|pass ?code|pass ?phrase|passwd|pwd|pin(?: code| number)?|api[ _-]?key|secret(?: key)?"
    r"|access[ _-]?(?:key|token|code)"
    r"|auth(?:entication)? (?:token|code)|private key|seed phrase|recovery (?:phrase|code|key)|login code"
    r"|security code|cvv|cvc|one-time code"
    r"|2fa code|otp|door code|gate code|alarm code|contrasena|clave|mot de passe|passwort|kennwort|senha)"
)
_TOLD = re.compile(
    rf"\b{_KEPT_CLOSE}\b(?:[^.!?\n]{{0,25}}?\b(?:is|was|as|to|are|es|est|ist|lautet|e)\b"
    rf"|\s*[:=])\s*(?P<what>[\"'`]?\S{{3,}})",
    re.IGNORECASE,
)
_NO_KEPT_CLOSE = re.compile(
    r"^[\"'`]?(?:a|an|the|my|your|always|never|not|too|so|very|really|hard|easy|difficult|long|short|weak|strong"
    r"|safe|secure|written|stored|saved"
    r"|kept|in|on|at|by|for|to|from|with|it|that|what|something|forgotten|lost|expired|wrong|old|new|important"
    r"|annoying|required|being|be|no"
    r"|changed?|reset|longer|now|still|remember|manager|managers|is|are|use|keep|forget|update|protected|shared"
    r"|stolen|out|all|different"
    r"|complicated|invalid|incorrect|good|bad|better|fine|the same|and|or|of|as|about|get|make|login|log)\b",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\w.])(?:\d[ -]?){12,18}\d(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_SSN = re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b")


def must_hold_no_secret(situation: Situation) -> Objection | None:
    """Refuse a claim with, or resting on, a password, a key, or the number of a card or an account."""
    kind = next((found for text in _texts(situation) if (found := secret_in(text))), None)
    if kind is None:
        return None
    return reject("secret", f"it holds what looks like {kind}, which no memory should keep")


def must_hold_no_personal_data(situation: Situation) -> Objection | None:
    """Hold or refuse a claim with personal data, as the policy says; without a detector nothing is looked for."""
    find = situation.find_personal_data
    if find is None or situation.policy.personal_data == "keep" or situation.claim is None:
        return None
    kinds = sorted({kind for text in _texts(situation) for kind in find(text)})
    if not kinds:
        return None
    named = ", ".join(kinds)
    if situation.policy.personal_data == "ask":
        return hold("personal-data", f"it holds personal data ({named}), which is kept only if the person says so")
    return reject("personal-data", f"it holds personal data ({named}), which the policy never keeps")


def secret_in(text: str) -> str | None:
    """What secret a text holds, in words; None where none is found.

    Example:
        >>> secret_in("The wifi password is hunter2!"), secret_in("My card is 4111 1111 1111 1111")
        ('a password or a code', 'the number of a card')
        >>> secret_in("I always forget my password"), secret_in("Call me on 4111 1111 1111 1112")
        (None, None)
    """
    plain = fold(text)
    if _KEY.search(plain):
        return "a key or a token"
    told = _TOLD.search(plain)
    if told is not None and not _NO_KEPT_CLOSE.match(told["what"]):
        return "a password or a code"
    if any(_fits_luhn(hit[0]) for hit in _CARD.finditer(plain)):
        return "the number of a card"
    if any(_is_iban(hit[0]) for hit in _IBAN.finditer(plain)):
        return "the number of an account"
    return "the number of an insurance or an identity card" if _SSN.search(plain) else None


def _texts(situation: Situation) -> Iterator[str]:
    claim = situation.claim
    if claim is not None:
        yield claim.text
        yield from (cited.evidence.quote for cited in situation.cited)


def _fits_luhn(text: str) -> bool:
    """The check of ISO/IEC 7812 that all cards pass and one number in ten."""
    digits = [int(char) for char in text if char.isdigit()][::-1]
    if len(set(digits)) == 1 or digits[-1] == 0:
        return False
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """The check of ISO 13616: letters as numbers, the first four places last, 1 modulo 97."""
    plain = text.replace(" ", "")
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1
