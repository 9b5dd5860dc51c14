"""What the results of `treering bench run` tell of their circumstances."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from treering.bench.choice.folder import about
from treering.bench.choice.judging import JUDGE_PROMPT
from treering.bench.choice.prompts import PROMPTS, prompt_of
from treering.bench.samples import Question
from treering.cli.run_files import not_published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.bench.choice.answerers import Answerer, Replies
    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.choice.folder import RunFolder
    from treering.bench.choice.judging import ToJudge
    from treering.memory.models.price import Price

Circumstances = dict[str, str | int | float]


def circumstances(
    systems: Sequence[str], suite: ChoiceSuite, folder: RunFolder, who: Answerer | None, price: Price | None
) -> Circumstances:
    """Data with checksums, seeds, prompts word for word, embedder, answerer, price, and how many heard at once."""
    ran = about(folder.folder)
    heard = [
        one
        for system in systems
        for number in range(len(suite.conversations))
        if (one := folder.heard(system, number)) is not None
    ]
    return {
        "answerer": "none" if who is None else who.name,
        "questions": suite.questions,
        "left_out": suite.left_out,
        "embedder": ran.embedder,
        "embedder_fingerprint": ", ".join(sorted({one.embedder for one in heard if one.embedder})),
        **({"listening_model": ran.model} if ran.model else {}),
        "workers": max((one.workers for one in heard), default=1),
        **({} if ran.conversations is None else {"conversations": ran.conversations}),
        **({} if ran.shuffle is None else {"shuffle": ran.shuffle}),
        **({} if price is None else {"price": f"{price.sent:g}/{price.answered:g}"}),
        **{f"sha256 of {name}": digest for name, digest in ran.sha256.items()},
        **({"not the published file": ", ".join(changed)} if (changed := not_published(suite, folder)) else {}),
        **_prompts(suite),
    }


def judged_by(judge: Replies[ToJudge] | None) -> Circumstances:
    """How free answers are marked, and what a judge reads."""
    if judge is None:
        return {"free answers": "right with all words of a right one, or where they abstain rightly"}
    return {
        "free answers": f"judged by {judge.name}",
        "prompt for the judge": JUDGE_PROMPT,
        "sha256 of the prompt for the judge": hashlib.sha256(JUDGE_PROMPT.encode()).hexdigest(),
    }


def _prompts(suite: ChoiceSuite) -> Circumstances:
    """What an answerer reads, for each kind of question that the suite has, word for word and as a checksum."""
    questions = (step for one in suite.conversations for step in one.steps if isinstance(step, Question))
    found: Circumstances = {}
    for kind in sorted({prompt_of(one, "").kind for one in questions}):
        found[f"prompt for {kind}"] = PROMPTS[kind]
        found[f"sha256 of the prompt for {kind}"] = hashlib.sha256(PROMPTS[kind].encode()).hexdigest()
    return found
