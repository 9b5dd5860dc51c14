"""How operations, ledgers and recalls look in a terminal. Text of users is shown as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from treering.schemas.claims import SELF, Claim
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    from treering.schemas.listening import Heard, Verdict
    from treering.schemas.operations import Commit, LedgerEntry
    from treering.schemas.recall import Found, Recall, SearchHit
    from treering.schemas.timeline import Change

STYLES = {"ADD": "green", "UPDATE": "yellow", "DELETE": "red", "NO_OP": "dim"}
_ID_COLUMNS = 12
"""Of a message's id, in tables: the ids that are made here have 32 letters."""

_STANDING = {"manual": ("confirmed", "green"), "inferred": ("inferred", "yellow")}
"""Words for the origins that weigh more or less than what was stated."""

SIGNS = {"ADD": "+", "UPDATE": "~", "DELETE": "-", "NO_OP": "·"}


def draw_operation(operation: Operation, texts: dict[str, str]) -> Text:
    """One operation on one line; `texts` holds the texts of claims that it may name."""
    line = Text(f"{SIGNS[operation.kind]} {operation.kind:<6} ", style=STYLES[operation.kind])
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            line.append(f"{claim.path}: ", style="cyan")
            line.append(one_line(claim.text))
            line.append_text(draw_standing(claim))
            old = [texts[target] for target in claim.supersedes if target in texts]
            if old:
                line.append(f"   (was: {one_line('; '.join(old))})", style="dim")
        case Delete(path=path, target=target, reason=reason):
            line.append(f"{path}: ", style="cyan")
            line.append(one_line(texts.get(target, target)), style="strike")
            line.append(f"   ({reason})", style="dim")
        case NoOp(why=why, target=known):
            said = texts.get(known or "", "")
            line.append(one_line(f"known: {said}" if said == why else f"{why}: {said}" if said else why), style="dim")
    return line


def draw_standing(claim: Claim) -> Text:
    """What stands beside a claim's words: when it is so, where the words do not say it, and who vouches for it."""
    line = Text()
    if claim.condition is not None and claim.condition.casefold() not in claim.text.casefold():
        line.append(f"  [{one_line(claim.condition)}]", style="cyan not bold")
    if claim.origin in _STANDING:
        word, style = _STANDING[claim.origin]
        line.append(f"  {word}", style=f"{style} not bold")
    return line


def draw_verdict(verdict: Verdict, texts: dict[str, str]) -> Text:
    """What admission said of a draft: the operation, or why there is none."""
    if verdict.ruling == "commit" and verdict.operation is not None:
        return draw_operation(verdict.operation, texts)
    style = "magenta" if verdict.ruling == "quarantine" else "dim"
    what = verdict.draft.text or verdict.draft.quote or verdict.draft.path
    line = Text(f"? {verdict.ruling.upper()} ", style=style)
    if verdict.draft.kind == "DELETE" and verdict.draft.target in texts:
        what = f"{verdict.draft.reason}: {texts[verdict.draft.target]}"
    line.append(one_line(what))
    line.append(f"   ({verdict.rule})", style="dim")
    return line


def draw_heard(heard: Heard, texts: dict[str, str]) -> list[Text]:
    """Everything that one window caused."""
    lines = [draw_verdict(verdict, texts) for verdict in heard.verdicts]
    lines += [Text(f"! unreadable: {one_line(line.text)} ({line.why})", style="magenta") for line in heard.unreadable]
    if heard.parked:
        lines.append(Text(f"! parked: {heard.parked}", style="magenta"))
    return lines


def draw_history(entries: Iterable[LedgerEntry]) -> Table:
    """The ledger: version, day and operation; under each why, where somebody said it, and the words it rests on."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", style="dim")
    table.add_column(no_wrap=True, style="dim", min_width=10)
    table.add_column(overflow="fold")
    texts: dict[str, str] = {}
    version, told = 0, None
    for entry in entries:
        operation = entry.operation
        if entry.version != version:
            version, told = entry.version, None
            table.add_row(str(version), f"{entry.recorded_at:%Y-%m-%d}", _committed(entry.author, entry.reverts))
        if isinstance(operation, Add | Update):
            texts[operation.claim.id] = operation.claim.text
            words, day = operation.claim.evidence, f"{operation.claim.valid_from:%Y-%m-%d}"
        else:
            words = operation.evidence
            day = f"{operation.at:%Y-%m-%d}" if isinstance(operation, Delete) else ""
        table.add_row("", day, draw_operation(operation, texts))
        if not isinstance(operation, NoOp) and operation.why not in (None, told):
            told = operation.why
            table.add_row("", "", Text(f"why: {one_line(told or '')}", style="dim italic"))
        for one in words:
            table.add_row("", "", Text(f"“{one_line(one.quote)}”  {one_line(one.message_id)}", style="dim"))
    return table


def draw_versions(commits: Iterable[Commit]) -> Table:
    """Versions, when they were made, and by whom."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", style="bold")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for commit in commits:
        line = _committed(commit.author, commit.reverts)
        if commit.model is not None:
            price = "" if commit.cost is None else f", ${commit.cost:.4f}"
            told = f"   {one_line(commit.model)}: {commit.tokens_in:,} + {commit.tokens_out:,} tokens{price}"
            line.append(told, style="dim cyan")
        table.add_row(str(commit.version), f"{commit.recorded_at:%Y-%m-%d %H:%M:%S}", line)
    return table


def draw_change(change: Change) -> list[Text]:
    """What differs between two versions: `-` for what ceased to be, `+` for what became current."""
    lines: list[Text] = []
    for one in change.subjects:
        about = "" if one.subject == SELF else f"{one_line(one.subject)} "
        for sign, style, claims in (("-", "red", one.lost), ("+", "green", one.gained)):
            for claim in claims:
                line = Text(f"{sign} ", style=style)
                line.append(f"{about}{claim.path}: ", style="cyan")
                line.append(f"{one_line(claim.text)}  ")
                line.append(f"{claim.valid_from:%Y-%m-%d}", style="dim")
                lines.append(line)
    return lines


def _committed(author: str, reverts: int | None) -> Text:
    line = Text(one_line(author), style="dim")
    if reverts is not None:
        line.append(f"   takes back version {reverts}", style="magenta")
    return line


def draw_reasons(recall: Recall) -> Table:
    """Why each line is in the context, and what it costs."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("line", "score", "found by", "source", "tokens"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("score", "tokens") else "left")
    for line in recall.lines:
        table.add_row(
            line.id,
            f"{line.score:.2f}",
            Text(_found_by(line.found_by)),
            Text(", ".join(map(_short, line.message_ids))),
            str(line.tokens),
            style="dim",
        )
    return table


def draw_hits(hits: Iterable[SearchHit], *, explain: bool) -> Table:
    """What was said, best first."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("score", "said", "session", "who", "turn", *(["found by"] if explain else [])):
        table.add_column(heading, overflow="fold", justify="right" if heading == "score" else "left")
    for hit in hits:
        found = [_found_by(hit.found_by)] if explain else []
        said = [Text(one_line(text)) for text in (hit.session, hit.speaker or hit.role, hit.text, *found)]
        table.add_row(f"{hit.score:.2f}", f"{hit.at:%Y-%m-%d}", *said)
    return table


def _found_by(found: Iterable[Found]) -> str:
    """The lists of the question's own search, then those of the rewrites: that a line was found by them is enough."""
    own = [f"{one.source} #{one.rank} ({one.score:.2f} x {one.weight:g})" for one in found if one.query is None]
    return ", ".join([*own, *dict.fromkeys(f"“{one_line(one.query)}”" for one in found if one.query)])


def _short(message_id: str) -> str:
    """An id that leaves room on the line; `--json` has all of it."""
    return message_id if len(message_id) <= _ID_COLUMNS else f"{message_id[: _ID_COLUMNS - 1]}…"


def texts_of(claims: Iterable[Claim]) -> dict[str, str]:
    """Texts by claim id."""
    return {claim.id: claim.text for claim in claims}


def one_line(text: str) -> str:
    """Text without line breaks and control characters, so that it cannot steer a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
