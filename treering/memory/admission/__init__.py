"""Admission: the pure gate between what a listener proposes and what is committed."""

from treering.memory.admission.bounds import MAX_CLAIM_WORDS, MAX_OPERATIONS_A_WINDOW
from treering.memory.admission.gate import RULES, Admitted, admit
from treering.memory.admission.situation import FindPersonalData

__all__ = ["MAX_CLAIM_WORDS", "MAX_OPERATIONS_A_WINDOW", "RULES", "Admitted", "FindPersonalData", "admit"]
