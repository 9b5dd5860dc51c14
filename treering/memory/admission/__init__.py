"""Admission: what stands between what a listener proposes and what is committed. Pure."""

from treering.memory.admission.admitting import RULES, Admitted, admit
from treering.memory.admission.bounds import MAX_CLAIM_WORDS, MAX_OPERATIONS_A_WINDOW
from treering.memory.admission.situation import FindPersonalData

__all__ = ["MAX_CLAIM_WORDS", "MAX_OPERATIONS_A_WINDOW", "RULES", "Admitted", "FindPersonalData", "admit"]
