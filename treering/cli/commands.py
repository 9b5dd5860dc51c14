"""Every command under its heading, and what it is for: the page of `treering --help` imports none of them."""

from __future__ import annotations

PANELS = {
    "Talk": {
        "demo.demo": "Replay a year of one person, and watch the persona tree grow, change and forget.",
        "chat.chat": (
            "Talk, and be remembered. The model is that of TREERING_MODEL (provider:model, e.g. openai:gpt-4.1-mini)."
        ),
        "writing.remember": "Remember what USER said, listen to it, and show what changed.",
        "replay.replay": "Replay a recorded history: remember every turn, listen to it, and sum up what became of it.",
    },
    "Look": {
        "reading.recall": "What matters now of all that is known about USER, within a token budget.",
        "reading.search": (
            "Turns in which USER or the assistant said something, best first: word for word, whether or not it is "
            "still so."
        ),
        "reading.tree": "The persona tree of USER: what is current, slot by slot.",
        "subjects.subjects": (
            "Whom the memory of USER knows: the person, people in their life or conversation, and the assistant."
        ),
        "reading.history": (
            "How the tree of USER came about: every operation, with who committed it and the words it rests on."
        ),
        "timeline.versions": (
            "The versions of the tree of USER, newest first: when each was made, by whom, and what it takes back."
        ),
        "timeline.diff": "What differs between two versions of the tree of USER: + became current, - ceased to be.",
        "retraction.turns": "What was said with USER, each turn with the id of its message.",
    },
    "Put right": {
        "feedback.confirm": (
            "Vouch for a claim of USER: nothing that was only inferred replaces or ends it, and it does not fade."
        ),
        "feedback.correct": (
            "Let a claim of USER say something else, as if it had from the start: what it said never was so."
        ),
        "feedback.reject": (
            "Withdraw a claim of USER that never was so. The same statement is not learned again; other words are a "
            "new one."
        ),
        "feedback.add": "Add a claim to the tree of USER by hand. In a slot for one claim it replaces what is there.",
        "quarantine.app": "What waits for a person: requests to forget, and whatever admission did not dare to decide.",
    },
    "Take back": {
        "timeline.undo": (
            "Take back the last N changes of the tree of USER (default 1), or the one that made a version."
        ),
        "timeline.redo": (
            "Bring back what the last N undos of USER took (default 1), as long as nothing else was changed since."
        ),
        "timeline.rewind": (
            "Make the tree of USER what it was at a version, by one change that treering undo takes back."
        ),
        "retraction.retract": "Take a message of USER back, as if it had never been said.",
        "retraction.amend": "Let a message of USER say something else, listen to that, and show what changed.",
    },
    "Forget": {
        "forgetting.forget": (
            "Erase something of USER for good, and print the receipt; or list, confirm or drop what waits in "
            "quarantine."
        ),
        "forgetting.receipts": (
            "The proofs of what was forgotten of USER: when, how it was named, and what was searched and erased. No "
            "words."
        ),
        "forgetting.allow": "Let something that USER had forgotten be remembered again, when it is said anew.",
    },
    "Move": {
        "exchange.export": (
            "Everything that is USER's as one JSON: turns, ledger with its history, quarantine, tombstones, receipts."
        ),
        "exchange.import_": "Restore an export of Treering, or take in what another memory left behind.",
    },
    "Look after": {
        "serve.serve": "Serve memories over HTTP, to applications in any language.",
        "mcp.mcp": "Serve the memory of one person to a program that starts this one, over standard input and output.",
        "keys.app": "Keys by which callers of `treering serve` show whose memories they may reach.",
        "worker.worker": "Do the slow work of all who share the store, in processes of their own.",
        "jobs.app": "Slow work that is queued, running, or dead with its error and the model's raw reply.",
        "consolidation.consolidate": "Compare the claims of USER from many sessions, and show what follows and why.",
        "doctor.doctor": (
            "Look whether ledgers, digests, live claims, evidence, vectors, jobs and counts fit each other."
        ),
        "reindex.reindex": "Embed everything with another model, beside the vectors that are in use.",
        "trunk.app": (
            "Trunks: the places for facts that there are. A migration leads from one version of a trunk to the next; "
            "how to write both is in docs/trunks.md."
        ),
        "db.app": (
            "The tables of the store: TREERING_DATABASE_URL, or the file in --home. A file is upgraded by itself when"
            " it is opened; on a server, that is for you to do."
        ),
        "bench.app": "Measurements that anyone can repeat, each beside its baseline.",
        "train.app": "Trained parts, made again from the sentences that ship.",
    },
}
"""By heading: a command as `module.function`, or a group as `module.app`, and the first paragraph of its help."""


def name_of(place: str) -> str:
    """What a command is called.

    Example:
        >>> name_of("exchange.import_"), name_of("jobs.app")
        ('import', 'jobs')
    """
    module, _, function = place.partition(".")
    return module if function == "app" else function.rstrip("_")
