"""What is not meant as it is said: sarcasm with a clear cue, figures of speech, passing moods."""

from __future__ import annotations

import re

#: What nobody is glad of.
_PLAGUE = (
    r"(?:stuck (?:in (?:traffic|line|queues?|meetings?|the (?:rain|office|middle)|an? (?:lift|elevator|meeting"
    r"|queue))|behind"
    r"|here|at (?:work|the airport)|on hold)|losing (?:\w+ ){0,2}(?:hours|days|work|money|files?)"
    r"|traffic jams?|waiting (?:for hours|on hold)|root canals?|food poisoning|parking tickets?|spam calls?"
    r"|telemarketers|mosquito bites|hangovers?|migraines?|unpaid overtime|stepping on|burnt (?:toast|coffee|dinner)"
    r"|being (?:on hold|ignored|late|sick|broke|lied to|yelled at|woken|ghosted|put on hold|interrupted|exhausted"
    r"|overworked|underpaid|dumped|rejected|fired|robbed|stood up)"
    r"|having (?:no (?:sleep|money|time|heating|internet|hot water)|my (?:flight|train|order) )"
    r"|(?:flight|train|order)s? (?:is |was |being )?(?:cancelled|canceled|delayed)"
    r"|getting (?:sick|soaked|rejected|woken|ignored|fired|a parking ticket)|paying (?:taxes|fines|double|extra)"
    r"|when (?:my|the) [\w ]+ (?:crashes|breaks|dies|fails|freezes|leaks|is (?:late|cancelled|canceled|delayed)))"
)
#: What some may be glad of: only with an emphasis or a cue is it sarcasm.
_NUISANCE = (
    r"(?:(?:getting|waking) up at|standing in (?:line|queues?)|waiting (?:in|around)|overtime|paperwork|mondays"
    r"|having to|working (?:on )?(?:weekends?|late|nights?|for free)|paying rent|cold showers|commuting|the rain|rain"
    r"|doing (?:the|my) (?:taxes|dishes)|deadlines|meetings|filling (?:in|out))"
)
_GLAD = (
    r"(?:love|adore|enjoy|live for|can't get enough of|(?:am|'m) (?:so |absolutely )?(?:thrilled|delighted|overjoyed))"
    r" (?:it |how |the fact that |to |about |by )?(?:\w+ ){0,3}?"
)
_SARCASM = re.compile(rf"\bi(?:\b|(?='m)) ?(?:\w+ ){{0,3}}?{_GLAD}{_PLAGUE}\b", re.IGNORECASE)
_STRESSED = re.compile(
    rf"\bi (?:just|absolutely|so|totally|really do|obviously|clearly) {_GLAD}{_NUISANCE}\b",
    re.IGNORECASE,
)
_CUED = re.compile(
    rf"^(?:(?:oh|ah|wow|well)[,!]? )?(?:great|sure|wonderful|joy|fantastic|yes|brilliant|perfect|lovely|right|of course"
    rf"|because|clearly|obviously|nice)[,.!]* (?:who doesn't|i (?:\w+ ){{0,2}}?{_GLAD}{_NUISANCE}\b)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"^(?:yeah,? right\b|yeah,? sure\b|lucky me\b|just what i (?:needed|wanted)\b|just my luck\b|thanks,? i hate)"
    r"|\U0001F644|\beye ?roll|\((?:irony|sarcasm)[^)]{0,10}\)|\birony (?:on|off)\b|\bsarcastically\b"
    r"|\bsaid no ?one ever\b|\bas if\b[.!]*$|\s/s\b|(?:,"
    r"|\.{2,}) not!+$",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"\b(?:no joke|not joking|no kidding|unironically|no irony|no sarcasm|i mean it|i'm serious|i'm not kidding)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"\b(?:dying (?:for|of|to|here|inside)|could (?:murder|kill|eat a horse|sleep for|cry|scream)|would kill for"
    r"|'d kill for"
    r"|killing (?:me|time)|starving|over the moon|on cloud nine|under the weather|two left feet|dead (?:tired|serious"
    r"|on my)"
    r"|losing my mind|going (?:crazy|insane|nuts|bananas)|at the end of my rope|on the fence|in the same boat"
    r"|a million times|a thousand times|hungry (?:enough|as)|worked to death|pulling my hair|climbing the walls"
    r"|heart (?:skipped|stopped|melted|sank)|cold feet|butterflies in|feet hurt just|married to my (?:job|work|phone"
    r"|laptop)"
    r"|a (?:couch potato|walking|total zombie|zombie|night owl at heart)|blue in the face|on fire|drowning in|swamped"
    r"|up to my (?:neck|ears|eyes)|bite(?:n)? off more|my brain is|head (?:is )?(?:spinning|explod)|speechless)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"^(?:i'm|i am|i feel|i'm feeling|i was|i felt) (?:so |really |very |just |a bit |a little |kind of |feeling "
    r"|too |totally |pretty )*"
    r"(?:hungry|thirsty|tired|sleepy|bored|full|cold|hot|exhausted|late|busy|lost|stuck|ready|done|confused|excited"
    r"|happy"
    r"|sad|angry|upset|nervous|fine|okay|ok|good|great|well|here|back|sorry|glad|thrilled|curious|annoyed|frustrated"
    r"|overwhelmed|speechless|amazed|impressed)"
    r"(?: (?:today|tonight|now|right now|already|again|this morning|after that|after work|about (?:it|that|this)))*$",
    re.IGNORECASE,
)


def is_ironic(sentence: str) -> bool:
    """Whether it says, with a clear cue, the opposite of what is meant.

    Example:
        >>> is_ironic("Sure, I love being stuck in traffic."), is_ironic("I love being outside.")
        (True, False)
    """
    text = sentence.strip()
    if _MEANT.search(text):
        return False
    return any(rule.search(text) is not None for rule in (_SARCASM, _STRESSED, _CUED, _CUE))


def is_figure(clause: str) -> bool:
    """Whether a statement is a figure of speech, or a mood that has passed by tomorrow.

    Example:
        >>> is_figure("I'm dying for a coffee"), is_figure("I'm tired"), is_figure("I'm tired of night shifts")
        (True, True, False)
    """
    return _FIGURES.search(clause) is not None or _PASSING.match(clause.strip().rstrip(".!")) is not None
