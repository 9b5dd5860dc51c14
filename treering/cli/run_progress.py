"""`treering bench run` while it runs: a bar for each system, and one for the answers with what they cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from treering.bench.choice.answering import answer
from treering.bench.choice.hearing import hear, steps_of
from treering.bench.choice.judging import ToJudge, to_judge
from treering.bench.choice.prompts import Written
from treering.bench.choice.running import answerer_of, prompts
from treering.bench.choice.side_by_side import hear_side_by_side
from treering.bench.choice.spending import Spent
from treering.cli.bars import counting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from treering.bench.choice.answerers import Answerer, Replies
    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.choice.folder import Answered, RunFolder
    from treering.bench.choice.prompts import Prompt
    from treering.bench.samples import Conversation
    from treering.memory.models.price import Price
    from treering.memory.ports import Embedder

Asked = TypeVar("Asked", bound=Written)


def hear_all(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    embedder: Callable[[], Embedder],
    *,
    workers: int,
) -> None:
    """Have every system hear what it has not heard yet."""
    steps = steps_of(conversations)
    with counting("{task.fields[spent]}") as bars:
        of_system = {name: bars.add_task(name, total=steps, spent="") for name in systems}

        def progress(system: str, more: int) -> None:
            bars.advance(of_system[system], more)

        if workers > 1:
            hear_side_by_side(folder, systems, conversations, embedder, progress, workers=workers)
            return
        for name in systems:
            hear(folder, name, conversations, embedder, partial(progress, name))


def answer_all(
    folder: RunFolder,
    systems: Sequence[str],
    conversations: Sequence[Conversation],
    who: Answerer,
    *,
    parallel: int,
    price: Price | None,
) -> None:
    """Have everything answered that was not yet.

    Raises:
        ModelUnavailable: The answerer does not answer; replies that came are kept.
    """

    def asked() -> Iterator[tuple[Answerer, Prompt]]:
        for name, _, _, prompt in prompts(folder, systems, conversations):
            yield answerer_of(name, who), prompt

    _reply_all(folder, asked, f"answers of {who.name}", parallel=parallel, price=price)


def judge_all(
    folder: RunFolder,
    systems: Sequence[str],
    suite: ChoiceSuite,
    who: Answerer,
    judge: Replies[ToJudge],
    *,
    parallel: int,
) -> None:
    """Have every free answer judged that was not yet.

    Raises:
        ModelUnavailable: The judge does not answer; verdicts that came are kept.
    """

    def asked() -> Iterator[tuple[Replies[ToJudge], ToJudge]]:
        for _, _, one in to_judge(folder, systems, suite.conversations, suite.key, who):
            yield judge, one

    _reply_all(folder, asked, f"verdicts of {judge.name}", parallel=parallel, price=None)


def _reply_all(
    folder: RunFolder,
    asked: Callable[[], Iterator[tuple[Replies[Asked], Asked]]],
    label: str,
    *,
    parallel: int,
    price: Price | None,
) -> None:
    """Have everything replied to that was not yet, with a bar that tells what it takes."""
    with counting("{task.fields[spent]}") as bars:
        total = len({(one.name, prompt.id) for one, prompt in asked()})
        bar = bars.add_task(label, total=total, spent="")
        spent = Spent()

        def progress(reply: Answered) -> None:
            nonlocal spent
            spent = spent.with_reply(reply)
            bars.update(bar, advance=1, spent=spent.shown(price))

        answer(folder, asked(), progress, parallel=parallel)
