"""Closed word classes of English that the rules need. Data only."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAME_IN_PAST = _words("""
    bet burst cast cost cut fit hit hurt let put quit read set shed shut split spread
""")
"""Verbs whose past looks like their base."""

MODALS = _words("""
    can can't cannot could couldn't will won't would wouldn't should shouldn't must mustn't may might shall
""")
"""Verbs with one form for all persons."""

COORDINATED = _words("""
    am bake bike buy carry clean coach collect commute cook cycle dance do draw drink drive earn eat exercise
    fish garden go grow hate have help hike jog journal keep knit learn like listen live love make manage
    meditate meet own paint play practice practise prefer raise read rent ride run sail sell share sing skate
    ski sleep smoke speak spend start stream study suffer surf swim take teach train travel use visit volunteer
    wake walk want watch wear work write
""")
"""Verbs that are taken for one after `and`: what people say of their habits."""

BASE_IN_ED = _words("""
    bleed breed embed exceed feed heed need proceed seed shed shred speed succeed weed wed
""")
"""Base forms that look like a past."""

RELATIONS = _words("""
    mom mum mother dad father parents sister sisters brother brothers sibling siblings son sons daughter
    daughters kid kids child children baby wife husband spouse partner girlfriend boyfriend fiance fiancee
    fiancé fiancée ex ex-wife ex-husband ex-girlfriend ex-boyfriend grandmother grandma grandfather grandpa
    grandparents granddaughter grandson aunt uncle cousin cousins niece nephew stepmother stepfather stepson
    stepdaughter mother-in-law father-in-law sister-in-law brother-in-law in-laws twin twins friend friends boss
    manager colleague colleagues coworker coworkers teammate roommate roommates flatmate neighbor neighbors
    neighbour neighbours mentor teacher therapist doctor landlord dog dogs cat cats puppy kitten horse parrot
    rabbit hamster pet pets bird
""")
"""Nouns after `my` that name someone in the speaker's life."""

FILLERS = _words("""
    also just actually then kinda basically honestly literally simply definitely certainly even
""")
"""Said before the verb and worth nothing in a record."""

ADVERBS = _words("""
    always usually often never sometimes still only rarely seldom mostly mainly currently recently already
    generally normally typically regularly frequently occasionally really now finally absolutely truly
    particularly especially specifically once first almost hardly barely ever probably strongly deeply totally
    completely secretly
""")
"""Said before the verb and kept."""

LIKING = _words("""
    love like enjoy hate prefer want need have adore dislike own know
""")
"""Verbs whose object may be joined by `and`: nouns follow more often than a second verb."""

NO_VERBS = _words("""
    a an and as at because but by for from if in of on or so than that the to who with you
""")
"""Words that stand after `I` without being its verb."""

AFTER_VERB = _words("""
    at in on a an the my to for with about as every
""")
"""What tells a verb from a noun that looks the same: "work at", "play the"."""

NO_TOPIC = _words("""
    i me my mine we us our a an the and or but so of to in on at by for from with about into as than then that
    this these those it its they them their theirs themselves is was were are be been being has have had do does
    did doing will would can could may might must should really very quite also just only still now always
    usually often never sometimes not no longer any more anymore some all lot lots much many few own who which
    what when where while because there here up out over after before since until until's like likes liked love
    loves loved loving enjoy enjoys enjoyed prefer prefers preferred hate hates hated dislike dislikes adore
    adores fan stand can't cannot don't doesn't didn't isn't wasn't won't hasn't haven't n't used use quit stop
    stopped gave give given getting get gets got go goes going went thing things something lately recently
    currently today feel feels felt find finds found think thinks thought want wants wanted need needs eat eats
    eating ate drink drinks drinking drank play plays playing watch watches watching read reads reading listen
    listens listening make makes making take takes taking work works working live lives living become became
    longer absolutely truly particularly especially totally quite bit kind sort one named called year years
""")
"""Words that say nothing of what a statement is about: small words, likes, the commonest verbs."""

PEOPLE_WORDS = RELATIONS | _words("""
    family relatives relative friendship married marriage engaged engagement dating divorced divorce single
    widowed widow relationship couple wedding wed sibling grandchild grandchildren stepchildren stepsister
    stepbrother acquaintance acquaintances client clients crush date dates lover someone people relationship
    mentoring godmother godfather folks person caregiver parent mama papa nana nephew pregnant teachers bosses
    friend's class club team band group community member colleague's argument conflict fell
""")
"""Words of which a statement about someone in the speaker's life has one at least."""

PETS = _words("""
    dog dogs cat cats puppy kitten horse parrot rabbit hamster pet pets bird
""")
"""Those of the relations that are animals."""
