"""Refuses what is said but not meant so: questions, suppositions, jokes, sarcasm, parts that are played. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.admission.situation import Cited, Objection, reject
from treering.memory.drafting import same_words
from treering.memory.retrieval.sparse import terms
from treering.memory.wording.irony import is_flagged_joke, is_sarcastic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.admission.situation import Situation
    from treering.schemas.dialogue import Turn

PRESUPPOSED = 0.5
"""Share of a claim's words that must stand in what a question takes for granted."""

MAX_ASIDE_CHARS = 200
"""Sarcasm in so many characters before it, a sentence or two, is about the same thing."""

MAX_RETRACTION_CHARS = 40
"""That something was a joke stands in so many characters behind it."""

MAX_PART_CHARS = 8_000
"""A longer turn opens no part: it is a document."""

MAX_EXCLAMATION_WORDS = 3
"""A longer one may say something."""

_LEAD = (
    r"^(?:\W*(?:and|so|but|or|hey|hi|hello|well|ok(?:ay)?|also|then|now|hmm+|just|please|sorry|again|yes|no"
    r"|honestly|even|only)\b)*\W*"
)
_ASKS = re.compile(
    rf"{_LEAD}(?:(?:what|who|whom|whose|where|why|which|how|when)(?:'s|'re|'d)? (?:is|are|was|were|do|does|did|can"
    rf"|could|should|would"
    r"|will|has|have|had|am|much|many|long|often|about)\b"
    r"|(?:do|does|did|can|could|would|will|should|is|are|was|were|am|have|has|had|may|shall|might)(?:n't)? "
    r"(?:i|you|we|he|she|it|they|there|this|that|these|those|the|my|your|our|anyone|someone)\b)",
    re.IGNORECASE,
)
#: Questions whether something is so of the person: it is in doubt, whatever wish they are told to be.
_ASKS_OF_SELF = re.compile(
    rf"{_LEAD}(?:am|was|do|did|have|had|should|would|will|must|might|may|shall)(?:n't)? (?:i|we)\b"
    rf"|{_LEAD}(?:do|did|would|don't|didn't) (?:you|anyone|people|they|it)[^,?]{{0,20}}\b(?:think|believe|guess"
    rf"|suppose|say"
    r"|know|reckon|remember)\b[^,?]{0,20}\b(?:i|i'm|i've|i'd|we|we're)\b",
    re.IGNORECASE,
)
_ASKS_WHETHER = re.compile(r"\b(?:if|whether) (?:or not )?(?:i|i'm|i've|i'd|we|we're)\b", re.IGNORECASE)
_TAG = re.compile(
    r"[,-] ?(?:right|correct|no|yes|true|huh|eh|innit|(?:are|is|do|did|have|was|were|am|would|can|could|will)(?:n't"
    r"| not)? (?:i|it|that|we|you|they"
    r"|he|she)(?: not)?)\W*\?+\W*$",
    re.IGNORECASE,
)
#: Parts of a question that it takes for granted.
_GRANTED = re.compile(
    r"\b(?:my|our)\b[^,;?!]{1,120}"
    r"|\b(?:since|because|as|now that|given(?: that)?|considering(?: that)?|although|though|while|when|after|before"
    r"|ever since|seeing that)"
    r" (?:i|i'm|i've|i'd|my|we|we're|we've|our)\b[^;?!]{1,200}"
    r"|(?:^|[,;:.!-] ?)(?:and |but |so )?(?:i|i'm|i've|we|we're|we've|i'll)\b[^,;?!]{1,200}(?=[,;!-])"
    r"|\b(?:for|with|as|to) (?:a|an|someone|somebody|people|me|us|two|three|four|five|\d+)\b[^,;?!]{1,120}"
    r"|[,;-] ?(?:i'm|i am|i've|i have|we're|we have)\b[^;?!]{1,200}",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^(?:\W*(?:currently|now|also|still|really|is|was)\b)*\W*(?:wants?|wanted|would (?:like|love|prefer)|wish(?:es"
    r"|ed)?|hop(?:es?|ed|ing)"
    r"|needs?|needed|seeks?|sought|looks?|looking|looked|searching|searches|plans?|planning|planned|interested"
    r"|curious|considers?"
    r"|considering|thinks?|thinking|wonders?|asks?|asked|requests?|requested|prefers?|likes?|enjoys?|dreams?|would)\b",
    re.IGNORECASE,
)
#: A request is put as a question about the one who is asked, or about the world, and not about the speaker.
_SUPPOSES = re.compile(
    rf"{_LEAD}(?:what if|suppose|supposing|assume|assuming (?:that )?(?:i|i'm|we|my)|imagine|let's (?:say|pretend"
    rf"|imagine|assume|suppose)"
    rf"|hypothetically"
    r"|in theory|say,? (?:that )?(?:i|i'm|i've|my|we)|were i|had i|in (?:an?|another|some|my) (?:\w+ )?(?:parallel"
    r"|alternat(?:e|ive)|different|other|fantasy|perfect|ideal|imaginary|previous|past|next) (?:universe|world|life"
    r"|reality|timeline"
    r"|dimension)|in another (?:life|world|universe)|picture (?:this|me)|if only)\b"
    r"|\b(?:as if|as though) (?:i|we) (?:were|was|had|would|could)\b|\bif (?:i|we) (?:\w+ )?(?:were|was|had"
    r"|could|ever|won|lived|worked|owned|got|became|moved"
    r"|knew|wanted|went|ate|took|didn't|wasn't|weren't|hadn't|did|ran|spoke|played|loved|liked|made|said|lost|found"
    r"|chose)\b"
    r"|\b(?:hypothetical(?:ly)?|for the sake of argument|theoretically)\b|\bi (?:would|could|might"
    r"|should) have (?!mentioned|said|told|specified|clarified|added|noted|explained|been more)\w+"
    r"|\b(?:i|we) wish (?:i|we|that i|that we)\b|\bif it were(?:n't)? (?:up to|for) me\b",
    re.IGNORECASE,
)
_PLAYED = re.compile(
    r"\b(?:in|for) (?:my|the|this|our|a|an) (?:\w+ ){0,2}(?:novel|story|screenplay|script|role-?play|rpg|campaign"
    r"|game|scene|play|fanfic\w*|short story|musical|dream"
    r"|poem|song|simulation|scenario|sketch|skit)\b[^.!?]{0,12}(?:,|:| i\b| i'm\b| my\b)"
    r"|\bmy (?:character|protagonist|narrator|avatar|persona|alter ego)\b"
    r"|\b(?:in[- ]character|out of character|ooc|as (?:a|the|my) (?:character|pirate|wizard|king|queen|knight"
    r"|dragon|vampire|villain|robot|elf)),? (?:i|my)\b"
    r"|^\W*\*[^*]{3,200}\*|\b(?:speaking|talking|answering|writing) as (?:a|an|the|my) (?!\w+ (?:who|myself))\w+"
    r"|\bi(?:'m| am) pretending\b"
    r"|\b(?:pretend|play|playing|role-?play(?:ing)?) (?:that |to be |the role of |as )(?:i|i'm|i am|a|an|the|you)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|our|us|im|ive)\b", re.IGNORECASE)
_REQUEST = re.compile(
    r"^\W*(?:(?:please|now|then|ok(?:ay)?|so|and|interesting|great|thanks)\W+)*(?:tell|give|show|send|help|plan"
    r"|write|make|explain|find|suggest|recommend|list"
    r"|translate|summari[sz]e|sort|describe|compare|create|draft|book|order|search|check|fix|draw|sing|read"
    r"|continue|go on|stop)\b",
    re.IGNORECASE,
)
_OF_LISTENER = re.compile(r"^\W*you(?:'re|'ve)?\b(?!.*\b(?:i|i'm|me|my|we|our)\b)", re.IGNORECASE)
#: Opens a part that goes on until somebody steps out of it.
_OPENS_PART = re.compile(
    r"\b(?:let's|let us|shall we|can we|could we|i want to|want to|wanna) (?:play (?:a (?:game|role|part)|pretend)"
    r"|role-?play|pretend|act out|do (?:a|some|an) "
    r"(?:role-?play|improv|scene|interview role))\b|\b(?:role-?play|improv)(?: time| mode| game)?\s*[:!.]"
    r"|\byou(?:'re| are)? ?(?:now |be |play |will be |'ll be )?(?:an?|the) "
    r"(?!(?:best|greatest|kindest|one|only|real|reason|expert|great|good|big|huge|amazing|genius|lifesaver|star"
    r"|legend|angel|boss|man|bomb)\b)[^.!?\n]{3,60}"
    r"(?:,| and) (?:and )?i(?:'m| am| will be|'ll be|'ll play| will play| play) (?:an?|the|your)\b|\b(?:pretend"
    r"|imagine) (?:that )?(?:you(?:'re| are)|i(?:'m| am)|we(?:'re| are))\b"
    r"|\bi(?:'ll| will)? (?:play|am|'m) (?:an?|the) [^.!?\n]{2,40}(?:,| and)(?: and)? you(?:'re| are|'ll"
    r"| will)?(?: be| play)? (?:an?|the)\b|\bstay in character\b|\b(?:practi[sc]e|rehearse|simulate|mock|act out"
    r"|try out)\b[^.!?\n]{0,30}\b(?:interview"
    r"|conversation|dialogue|call|date|negotiation|presentation|trial|exam|speech)\b"
    r"|\bi(?:'ll| will) be (?:the|your) (?:candidate|customer|patient|client|guest|waiter|interviewer|teacher"
    r"|student|buyer|seller|detective|king|queen|villain|hero)\b|\bi(?:'ll| will) (?:play|be) (?:an?"
    r"|the) [^.!?\n]{3,60}(?:and|,) you\b",
    re.IGNORECASE,
)
_PART_WORDS = (
    *(
        "play",
        "pretend",
        "imagine",
        "character",
        "improv",
        "interview",
        "act out",
        "practi",
        "rehears",
        "simulat",
        "mock",
    ),
    *("try out", "you are", "you're", "i'll be", "i will be"),
)
_CLOSES_PART = re.compile(
    r"\b(?:end of (?:the )?(?:game|scene|role-?play|story)|out of character|ooc|stop (?:the )?(?:role-?play\w*|game"
    r"|pretending|acting)|(?:back|return) to (?:reality|normal"
    r"|real life)|the end\b|no more (?:role-?play\w*|pretending)|for real(?: now)?|seriously now|in real life|(?:ok"
    r"|okay),? (?:enough|stop|done)|(?:i'm|let's) (?:done|stop)"
    r"|drop(?:ping)? the act|as myself)\b",
    re.IGNORECASE,
)


def must_be_meant(situation: Situation) -> Objection | None:
    """Refuse jokes that say so, fixed forms of sarcasm, and parts that are played in a game or a story."""
    for cited in situation.said:
        if is_flagged_joke(cited.sentence) or _is_taken_back(cited):
            return reject("joke", "the message says that it jokes")
        if is_sarcastic(cited.sentence) or _is_sarcastic_beside(cited):
            return reject("sarcasm", "it has a fixed form of sarcasm, which means the contrary or nothing")
        if _PLAYED.search(cited.sentence) or _is_in_a_part(cited, situation):
            return reject("role-play", "it is said in a part that is played, or of somebody in a story")
    return None


def must_state_something(situation: Situation) -> Objection | None:
    """Refuse to keep a request or an exclamation as it stands: "Explain the log:", "Tell me a joke.", "Funny!"."""
    text = _stated(situation)
    copied = [cited.quote for cited in situation.said if same_words(text, cited.quote)]
    if situation.claim is not None and any(_states_nothing(quote) for quote in copied):
        return reject("no-statement", "it copies a request or an exclamation, which says nothing of a person")
    return None


def _states_nothing(quote: str) -> bool:
    is_exclamation = quote.endswith("!") and len(quote.split()) <= MAX_EXCLAMATION_WORDS
    is_exclamation = is_exclamation and _FIRST_PERSON.search(quote) is None
    return (
        is_exclamation
        or quote.endswith(":")
        or _OF_LISTENER.match(quote) is not None
        or _REQUEST.match(quote) is not None
    )


def must_not_be_supposed(situation: Situation) -> Objection | None:
    """Refuse what is only supposed; that somebody wishes it may be noted."""
    text = _stated(situation)
    if any(_SUPPOSES.search(cited.sentence) for cited in situation.said) and not _is_wish(text):
        return reject("hypothetical", "it is only supposed, not said to be so")
    return None


def must_not_be_asked(situation: Situation) -> Objection | None:
    """Refuse a question, but for the wish it tells and for what it takes for granted ("my flat in Porto")."""
    if situation.is_wish_to_forget:
        return None
    if any(_is_asked(cited, _stated(situation)) for cited in situation.said):
        return reject("question", "it asks, and does not say that it is so")
    return None


def _stated(situation: Situation) -> str:
    return situation.claim.text if situation.claim else situation.draft.text or ""


def _is_wish(text: str) -> bool:
    return _WISH.match(text) is not None


def _is_asked(cited: Cited, text: str) -> bool:
    sentence = cited.sentence
    if text.rstrip().endswith("?"):
        return True
    starts_asking = _ASKS.match(sentence) is not None and "." not in sentence[:-1]
    if not (starts_asking or sentence.rstrip(" \"')*_").endswith("?")):
        return False
    if _stands_alone(cited):
        return False
    if _ASKS_OF_SELF.search(sentence) or (_TAG.search(sentence) and _is_tagged(cited, text)):
        return True
    if _is_wish(text):
        return False
    granted = " ".join(hit[0] for hit in _GRANTED.finditer(sentence))
    return _ASKS_WHETHER.search(sentence) is not None or _shares(text, granted) < PRESUPPOSED


def _stands_alone(cited: Cited) -> bool:
    """Whether the words are a part before the question that a mark sets off: "Love the necklace - is it old?"."""
    quote = " ".join(cited.quote.split())
    after = cited.sentence.partition(quote)[2]
    if not after or "?" in quote or _TAG.search(cited.sentence) or _ASKS.match(quote) or _SUPPOSES.match(quote):
        return False
    return cited.sentence.startswith(quote) and re.match(r"\s?[,;:-]", after) is not None


def _is_tagged(cited: Cited, text: str) -> bool:
    """Whether a claim is what a tag puts in doubt: "I'm allergic to nuts, right?"."""
    return _shares(text, cited.sentence) > 0 and not _is_wish(text)


def _shares(text: str, other: str) -> float:
    """Share of a text's words that another has, by their stems; 0 where it has none to compare."""
    wanted = terms(text).keys()
    return len(wanted & terms(other).keys()) / len(wanted) if wanted else 0.0


def _is_taken_back(cited: Cited) -> bool:
    """Whether the message says right after it that it was a joke."""
    return is_flagged_joke(cited.turn.content[cited.end : cited.end + MAX_RETRACTION_CHARS])


def _is_sarcastic_beside(cited: Cited) -> bool:
    """Whether what stands before it in its line is sarcastic: "Oh great, a meeting. I just love those."."""
    if cited.line is None:
        return False
    before = cited.turn.content[cited.line.span.start : cited.evidence.start]
    return len(before) <= MAX_ASIDE_CHARS and is_sarcastic(before)


def _is_in_a_part(cited: Cited, situation: Situation) -> bool:
    """Whether a part was opened before it in the window, and nobody has stepped out of it."""
    turns = [
        turn
        for turn in (*situation.window.context, *situation.window.turns)
        if turn.role in ("user", "assistant") and turn.seq <= cited.turn.seq and len(turn.content) <= MAX_PART_CHARS
    ]

    def last(pattern: re.Pattern[str], some: Sequence[Turn]) -> tuple[int, int]:
        ends = {turn.seq: cited.end if turn.seq == cited.turn.seq else len(turn.content) for turn in some}
        found = (
            (turn.seq, at) for turn in some for at in situation.readings.places(pattern, turn) if at < ends[turn.seq]
        )
        return max(found, default=(-1, -1))

    opened = last(_OPENS_PART, [turn for turn in turns if _may_open(turn.content)])
    return opened[0] >= 0 and opened > last(_CLOSES_PART, [turn for turn in turns if turn.seq >= opened[0]])


def _may_open(content: str) -> bool:
    """Whether a turn has one of the words without which nothing opens a part: looked up in a tenth of the time."""
    plain = content.lower()
    return not plain.isascii() or any(word in plain for word in _PART_WORDS)
