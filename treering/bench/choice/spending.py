"""What answering took: tokens as the provider counted them, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.choice.running import answerer_of, prompts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.answerers import Answerer
    from treering.bench.choice.folder import Answered, RunFolder
    from treering.bench.samples import Conversation
    from treering.memory.models.price import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Tokens of some replies."""

    input_tokens: int = 0
    """What was sent."""
    output_tokens: int = 0
    """What came back."""

    def with_reply(self, reply: Answered) -> Spent:
        """These and those of another reply."""
        return Spent(
            input_tokens=self.input_tokens + reply.input_tokens,
            output_tokens=self.output_tokens + reply.output_tokens,
        )

    def cost(self, price: Price | None) -> float | None:
        """In US dollars; None where the price is not known, or nothing was counted."""
        return None if price is None else price.of(tokens_in=self.input_tokens, tokens_out=self.output_tokens)

    def shown(self, price: Price | None) -> str:
        """As people read it; empty where nothing was counted.

        Example:
            >>> from treering.memory.models.price import Price
            >>> Spent(input_tokens=1_200_000, output_tokens=3_000).shown(Price(0.5, 2.0))
            '1,200,000 + 3,000 tokens, $0.606'
        """
        if not self.input_tokens and not self.output_tokens:
            return ""
        cost = self.cost(price)
        tokens = f"{self.input_tokens:,} + {self.output_tokens:,} tokens"
        return tokens if cost is None else f"{tokens}, ${cost:,.3f}"


def spending(
    folder: RunFolder,
    system: str,
    conversations: Sequence[Conversation],
    answerer: Answerer,
    price: Price | None,
) -> dict[str, float]:
    """What the answers of a system took, each different prompt once; empty where nobody counted."""
    name = answerer_of(system, answerer).name
    replies = {
        prompt.id: reply
        for _, _, _, prompt in prompts(folder, [system], conversations)
        if (reply := folder.answered(name, prompt.id)) is not None
    }
    spent = Spent()
    for reply in replies.values():
        spent = spent.with_reply(reply)
    refused = sum(bool(reply.refused) for reply in replies.values())
    found: dict[str, float] = {"refused_prompts": refused} if refused else {}
    if spent != Spent():
        found |= {"answer_input_tokens": spent.input_tokens, "answer_output_tokens": spent.output_tokens}
    cost = spent.cost(price)
    return found if cost is None else {**found, "answer_cost": round(cost, 6)}
