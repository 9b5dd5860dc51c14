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
    wake walk want watch wear work write weigh need struggle commute attend enjoy follow struggle prefer plan rent
    drop pick order avoid drive juggle coach bake speak teach organize organise compost ferment sew crochet
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

NO_SUBSTANCE = _words("""
    able accommodate actually add added additional additionally adjust advance advice again ahead align aligned all
    also amount another answer answers anyone anything appealing appreciate appropriate area areas aspect aspects
    assist assistance available aware back based basic beat begin best better big both bring broad brief call called
    care case certain change changed changes check choice choices choose clarified clarify clear clearer clearly
    combine combines combining come comes comfortable compare comparison complete completely concern concerned
    confirm confirmed confirming consider considered considering convenient cool could couple cover covers create
    creating curate curious current decide decision decisions delve description detail detailed details
    difference differences different directly discover discovering dive diving does done earlier early easier easily
    easy effective efficient efficiently else engaging enhance enjoyable ensure ensuring especially essential even
    exact exactly example excellent excited exciting expand expanding expect experience experiences explain explore
    exploring extra eye fantastic fascinating feature featured features featuring figure final fine finding first fit
    fits fitting focus focused focusing follow following forward fresh fun further future gain gather general gift
    give goal goals going good grab great guess guidance guide guided hand handle handy happen happening happy hear
    heard help helped helpful helping high highlight highlights highly hope hoping idea ideal ideally ideas immerse
    impact important improve improving include included includes including incorporate info information informed
    initial input insight insightful insights intend interest interested interesting intrigued intriguing involve
    involved issue issues it's item items journey keen keep keeping kinds know known large last later latest lead
    leaning least let level light likely line list lists little long look looked looking looks lovely main mainly
    maintain make manage match matches maybe mean meet meets met mention mentioned mentioning might mind minute mix
    moment more most move multiple name near nearby new next nice noted nothing notice number occasion offer offered
    offering
    offers okay one ones online open option options order other others overall overview part particular pass past
    perfect perfectly perhaps person personalized pick piece pieces place places plan planned planning plans please
    plenty plus point popular possible possibly potential preference preferences prepare prepared pretty previous
    probably proceed process product products promising provide provided provides question questions quick quickly
    ready real realise realised realize realized reason recent recommend recommendation recommendations recommended
    regarding related relevant remember request requests requirement requirements research reserve resource resources
    result results review reviews right run save search searching second section see seeing select selection send
    session set sets setting settings setup several share sharing show showing shows similar simple single size
    smooth smoothly solid someone sound sounds special specific specifically specifics spot stand start started
    starting stay step steps stick still stuff style such suggest suggested suggesting suggestion suggestions suit
    suitable suited suits support sure system tailor tailored talk tell thank thanks theme themes think thinking
    thorough thought thoughts tip tips together ton top topic topics total try trying turn type types typical
    understand understanding unique unsure update updated updates upcoming useful user using usual variety various
    view visit wait way ways week weeks well while whole willing wish wonder wonderful wondering worked works worth
    would yes yet you your
""")
"""Words of help and tasks: alone they tell nothing of a person."""

ASKED_FOR = _words("""
    activity activities alarm alarms album app apps appointment appointments artist artists author authors book
    booking bookings books bus calendar car cars choice city company companies conversation conversations course data
    date dates departure destination destinations device devices event events fare fares film films flight flights
    game games genre genres hotel hotels itinerary location locations media meeting message messages movie movies
    music news notification notifications outing performance phone platform playlist playlists price prices program
    programs rate rates reading reminder reminders rental restaurant restaurants route routes schedule schedules
    screening search seat seating seats series service services shopping site sites song songs sport sports station
    story stories stock store stores team teams theater ticket tickets title titles tool tools track tracking tracks
    train trains transport transportation travel traveling travelling trip trips vehicle version watch watchlist
    website websites""")
"""Things that everybody asks an assistant for: to want a hotel tells nothing, to love hotels does."""

GERUNDS = {
    "finding": "find", "getting": "get", "booking": "book", "reserving": "reserve", "ordering": "order",
    "buying": "buy", "purchasing": "purchase", "renting": "rent", "planning": "plan", "scheduling": "schedule",
    "setting": "set", "arranging": "arrange", "organizing": "organize", "organising": "organise",
    "creating": "create", "curating": "curate", "comparing": "compare", "adjusting": "adjust",
    "changing": "change", "switching": "switch", "moving": "move", "tracking": "track", "keeping": "keep",
    "making": "make", "ensuring": "ensure", "choosing": "choose", "selecting": "select", "deciding": "decide",
    "avoiding": "avoid", "focusing": "focus", "following": "follow", "monitoring": "monitor",
    "integrating": "integrate", "coordinating": "coordinate", "syncing": "sync", "customizing": "customize",
    "learning": "learn", "improving": "improve", "starting": "start", "building": "build", "adding": "add",
    "looking": "look", "recommending": "recommend", "suggesting": "suggest", "staying": "stay",
    "managing": "manage", "accessing": "access", "securing": "secure", "designing": "design",
    "understanding": "understand",
}  # fmt: skip
"""Verbs of requests: "help me with booking" asks for what "book" asks for."""

NUMBER_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
"""Numbers that people write out, from 0."""
