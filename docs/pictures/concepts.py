"""The diagrams of the page of concepts: `make pictures`."""

from __future__ import annotations

from pathlib import Path

from drawing import Drawing

FOLDER = Path(__file__).parent

WIDTH = 760


def pictures() -> dict[str, str]:
    """The diagrams by the names of their files."""
    return {
        "concept-tree.svg": tree(),
        "concept-writing.svg": writing(),
        "concept-admission.svg": admission(),
        "concept-recall.svg": recall(),
        "concept-forgetting.svg": forgetting(),
    }


def tree() -> str:
    """A person's tree, from the branches of the trunk to the words that a claim rests on."""
    drawing = Drawing(
        WIDTH,
        330,
        "A persona tree: branches of the trunk, slots, dated claims, and the words that each claim rests on. In "
        "home.city a newer claim stands before an older one.",
    )
    _heads(drawing, ((92, "subject"), (228, "branch"), (372, "slot"), (600, "claims, newest first")))
    drawing.box(30, 150, 124, "ana", "self")
    for y, branch, slot, claims in (
        (
            62,
            "home",
            "home.city",
            (("lives in Lisbon", "since 2 September 2025", "box"), ("lives in Porto", "until then", "quiet")),
        ),
        (226, "health", "health.allergies", (("is allergic to peanuts", "“I'm allergic to peanuts”", "box"),)),
    ):
        middle = y + 24
        drawing.box(180, y, 96, branch)
        drawing.box(302, y, 140, slot)
        drawing.arrow((154, 174), (167, 174), (167, y + 15), (178, y + 15))
        drawing.arrow((276, y + 15), (300, y + 15))
        for place, (claim, why, kind) in enumerate(claims):
            top, _ = drawing.box(480, y + place * 62, 250, claim, why, kind=kind)
            drawing.arrow((442, y + 15), (461, y + 15), (461, top + 24), (478, top + 24))
        drawing.words(372, middle + 26, "one at a time" if len(claims) > 1 else "many", kind="small")
    drawing.words(
        380, 310, "Each claim cites the message, and the words in it. What is current is derived.", kind="small"
    )
    return drawing.svg()


def writing() -> str:
    """From what is said to the tree, with what is one transaction."""
    drawing = Drawing(
        WIDTH,
        300,
        "What is said is stored with a job, in one transaction. A worker takes the job under a lease: a listener "
        "proposes, admission decides, operations are committed to the ledger. The tree is what they make together; "
        "vectors follow.",
    )
    drawing.band(24, 44, 200, 116)
    drawing.words(124, 34, "one transaction, in milliseconds", kind="small")
    drawing.box(44, 56, 160, "turns", "word for word")
    drawing.box(44, 118, 160, "job: listen")
    drawing.band(262, 44, 474, 116)
    drawing.words(499, 34, "later, under a lease; killed at any moment, nothing is lost", kind="small")
    drawing.box(276, 76, 136, "listener", "proposes")
    drawing.box(438, 76, 136, "admission", "decides")
    drawing.box(600, 76, 124, "ledger", "append-only")
    for start, end in ((224, 274), (412, 436), (574, 598)):
        drawing.arrow((start, 100), (end, 100))
    drawing.box(600, 214, 124, "tree", "all of it folded")
    drawing.box(438, 214, 136, "vectors, words", "for recall")
    drawing.box(276, 214, 136, "summaries", "when a session ends")
    drawing.arrow((662, 124), (662, 212))
    drawing.arrow((662, 180), (506, 180), (506, 212))
    drawing.arrow((662, 180), (344, 180), (344, 212))
    drawing.box(44, 214, 160, "broker", "wakes workers only", kind="quiet")
    drawing.arrow((124, 160), (124, 212))
    drawing.arrow((204, 238), (240, 238), (240, 140), (260, 140))
    return drawing.svg()


def admission() -> str:
    """What a proposal may become."""
    drawing = Drawing(
        WIDTH,
        270,
        "A proposal with the words it rests on meets the rules in order. The first that objects decides: committed "
        "to the ledger, held in quarantine for a person, or rejected.",
    )
    drawing.box(24, 106, 170, "proposal", "“lives in Lisbon”", "quotes message m1")
    drawing.box(240, 106, 190, "rules, in order", "Do the words stand there?", "Whose words? Meant so?")
    drawing.arrow((194, 139), (238, 139))
    _, low = drawing.box(490, 30, 246, "commit", "an operation in the ledger")
    drawing.box(490, 112, 246, "hold", "waits in quarantine for a yes", kind="held")
    drawing.box(490, 196, 246, "reject", "told to whoever observes, not kept", kind="gone")
    for y in (54, 136, 220):
        drawing.arrow((430, 139), (460, 139), (460, y), (488, y))
    drawing.arrow((660, 112), (660, low + 2))
    drawing.words(668, 100, "release", kind="small", anchor="start")
    return drawing.svg()


def recall() -> str:
    """From a question to a context."""
    drawing = Drawing(
        WIDTH,
        300,
        "A question is read, a mode decided, and lists of candidates are asked: the tree, vectors, words, "
        "surroundings, and what was just said. They are ranked, restrained and fitted into a budget of tokens, "
        "with the reason for every line.",
    )
    drawing.box(24, 126, 150, "question", "its times and names", "are read first")
    lists = ("slots of the tree", "vectors", "words (BM25)", "what was said around", "what was just said")
    for place, name in enumerate(lists):
        y = 24 + place * 52
        drawing.box(224, y, 190, name)
        drawing.arrow((174, 159), (199, 159), (199, y + 15), (222, y + 15))
        drawing.arrow((414, y + 15), (440, y + 15), (440, 159), (464, 159))
    drawing.box(466, 108, 130, "rank", "restrain:", "floors, special slots,", "what is no longer so")
    drawing.box(624, 108, 112, "context", "in the budget,", "each line with", "its reason")
    drawing.arrow((596, 159), (622, 159))
    return drawing.svg()


def forgetting() -> str:
    """What goes with what is named, and what stays of it."""
    drawing = Drawing(
        WIDTH,
        290,
        "What is named goes with the turns it rests on, whatever repeats their words, and all that is derived from "
        "these. All stores are searched afterwards; a receipt without words and marks against learning it again "
        "stay.",
    )
    _heads(drawing, ((120, "what is named"), (378, "goes with it"), (636, "stays")))
    drawing.box(24, 82, 190, "a slot, a claim,", "a message, some words,", "or the whole person")
    gone = (
        "the turns it rests on",
        "whatever repeats their words",
        "summaries, vectors, snapshots",
        "parked replies, jobs, caches",
    )
    for place, name in enumerate(gone):
        y = 50 + place * 50
        drawing.box(248, y, 262, name, kind="gone")
        drawing.arrow((214, 115), (230, 115), (230, y + 15), (246, y + 15))
        drawing.arrow((510, y + 15), (526, y + 15), (526, 115), (540, 115))
    drawing.box(542, 88, 194, "receipt", "searched here, nothing left")
    drawing.box(542, 162, 194, "tombstones", "keyed marks: the same is", "not learned again")
    drawing.words(
        380,
        266,
        "In one transaction of the store: all of it, or nothing. Copies outside of the store are yours to delete.",
        kind="small",
    )
    return drawing.svg()


def _heads(drawing: Drawing, heads: tuple[tuple[int, str], ...]) -> None:
    for x, words in heads:
        drawing.words(x, 34, words, kind="small")


if __name__ == "__main__":
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")
