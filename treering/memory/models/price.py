"""What a chat model costs."""

from __future__ import annotations

from dataclasses import dataclass

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    sent: float
    """For what is sent."""
    answered: float
    """For what comes back."""

    def of(self, *, tokens_in: int, tokens_out: int) -> float | None:
        """What these tokens cost, in US dollars; None if the provider counted none.

        Example:
            >>> Price(0.40, 1.60).of(tokens_in=500_000, tokens_out=250_000)
            0.6
        """
        if not tokens_in and not tokens_out:
            return None
        return (tokens_in * self.sent + tokens_out * self.answered) / _MILLION
