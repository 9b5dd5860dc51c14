"""The law of forgetting: whatever was said, and whatever is forgotten of it, its words are gone and the rest stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from treering.memory.asking import Question
from treering.memory.drafting import claim_id
from treering.memory.forgetting import Forgetting, Wish
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.operations import fold
from treering.memory.reading import Reader
from treering.memory.recalling import Recalling
from treering.memory.retrieval.questions import slot_router, texts_to_route
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add, Batch, Delete, NoOp, Operation
from treering.schemas.recall import Mode, Recall
from treering.schemas.trunk import Slot, Trunk
from treering.testing import ManualClock
from treering.testing.embedder import HashEmbedder

ANA = Scope(user="ana")
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
TRUNK = Trunk(
    name="two",
    version=1,
    description="For tests.",
    branches=(),
    slots=(Slot(path="likes", description="l"), Slot(path="other", description="o")),
)
FACTS = 5
ROUTER = slot_router(TRUNK, HashEmbedder().embed(texts_to_route(TRUNK)))

Turns = list[tuple[frozenset[int], int]]
"""What each turn says, and what becomes of the claims it makes: 0 they live, 1 they end, 2 they are retracted."""

turns = st.lists(st.tuples(st.frozensets(st.integers(0, FACTS - 1), max_size=3), st.integers(0, 2)), max_size=7)
wishes = st.one_of(
    st.builds(lambda facts: ("claims", facts), st.frozensets(st.integers(0, FACTS - 1), min_size=1, max_size=2)),
    st.builds(lambda fact: ("about", frozenset([fact])), st.integers(0, FACTS - 1)),
    st.just(("person", frozenset(range(FACTS)))),
)


def token(fact: int) -> str:
    return f"zq{fact}zebulon"


def quote(fact: int) -> str:
    return f"I like {token(fact)} very much"


EVERYTHING = f"Do I like {', '.join(map(token, range(FACTS)))} very much?"


class World:
    """A store with what was said, told by what each claim and turn says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = SqlStore(f"sqlite:///{folder}/memory.db", TRUNK)
        self.clock = ManualClock(NOW)
        self.contents: dict[str, str] = {}
        self.facts: dict[str, int] = {}

    def say(self, number: int, facts: frozenset[int], fate: int) -> None:
        name = f"m{number}"
        content = self.contents[name] = f"Turn {number}: {', and '.join(quote(fact) for fact in sorted(facts))}."
        added: list[Operation] = []
        later: list[Operation] = [NoOp(why=f"small talk in {name}")]
        with self.store.begin() as unit:
            live = unit.ledger.trees(ANA)
            unit.turns.append(ANA, f"s{number % 2}", [Message(content=content, id=name)], NOW)
            unit.quarantine.save_reply(ANA, f"{number}-{number}", "l", _reply(content))
            for fact in sorted(facts):
                quoted = content if (number + fact) % 3 == 0 else quote(fact)  # some quote more than they need
                piece = Evidence(message_id=name, quote=quoted, start=content.index(quoted))
                known = [c for tree in live.values() for c in tree.claims.values() if self.facts.get(c.id) == fact]
                if known and number % 2:  # heard once more
                    added.append(NoOp(why="known already", target=known[0].id, evidence=(piece,)))
                    continue
                claim = _claim(name, fact, piece, number)
                self.facts[claim.id] = fact
                added.append(Add(claim=claim))
                if fate:
                    reason = "ended" if fate == 1 else "retracted"
                    cited = (piece,) if fate == 1 else ()
                    later.append(
                        Delete(path=claim.path, target=claim.id, reason=reason, at=NOW + timedelta(1), evidence=cited)
                    )
            version = unit.ledger.head(ANA).version
            batch = Batch(id=name, operations=(*added, *later), recorded_at=NOW, author="tests/1")
            unit.ledger.commit(ANA, batch, expected_version=version)

    def live(self) -> dict[str, tuple[str, datetime | None]]:
        with self.store.begin(write=False) as unit:
            trees = unit.ledger.trees(ANA)
        return {ref: (claim.text, claim.valid_to) for tree in trees.values() for ref, claim in tree.claims.items()}

    def recalled(self, mode: Mode) -> Recall:
        return self._recalling().recall(ANA, Question(text=EVERYTHING, mode=mode, budget_tokens=9_000, explain=True))

    def found(self) -> str:
        return " ".join(hit.text for hit in self._recalling().search(ANA, Question(text=EVERYTHING), 50))

    def _recalling(self) -> Recalling:
        embedder = HashEmbedder()
        return Recalling(
            store=self.store,
            reader=Reader(index=None, embedder=embedder, router=lambda: ROUTER),
            embedder=embedder,
            trunk=TRUNK,
            counter=RegexTokenCounter(),
            clock=self.clock,
        )

    def bytes(self) -> bytes:
        return b"".join(file.read_bytes() for file in self.folder.iterdir())


def _claim(name: str, fact: int, piece: Evidence, order: int) -> Claim:
    path = ("likes", "other")[fact % 2]
    return Claim(
        id=claim_id(name, piece.quote, "self", path),
        path=path,
        text=f"likes {token(fact)} very much",
        valid_from=NOW,
        recorded_at=NOW,
        order=order,
        evidence=(piece,),
    )


def _reply(content: str) -> Reply:
    return Reply(raw=content, model="m", prompt_version="p")


@given(said=turns, wish=wishes)
@settings(max_examples=25)
def test_the_words_are_gone_and_everything_else_is_as_it_was(said: Turns, wish: tuple[str, frozenset[int]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for number, (facts, fate) in enumerate(said):
            world.say(number, facts, fate)
        if said:
            _forget_and_compare(world, *wish)
        world.store.close()


def _forget_and_compare(world: World, kind: str, doomed: frozenset[int]) -> None:
    before = world.live()
    claims = frozenset(ref for ref, fact in world.facts.items() if fact in doomed)
    if kind == "claims" and not claims:
        return
    about = " ".join(token(fact) for fact in doomed) if kind == "about" else None
    wish = Wish(claims=claims if kind == "claims" else frozenset(), about=about)
    forgetting = Forgetting(store=world.store, index=None, embedder=HashEmbedder(), trunk=TRUNK, clock=world.clock)
    receipt = forgetting.forget(ANA, wish)

    everything = world.bytes()
    assert [fact for fact in doomed if token(fact).encode() in everything] == []
    said_of_it = {ref for ref, text in world.contents.items() if any(token(fact) in text for fact in doomed)}
    kept = {ref: said for ref, said in before.items() if world.facts[ref] not in doomed}
    assert world.live() == kept
    with world.store.begin(write=False) as unit:
        contents = {turn.message_id: turn.content for turn in unit.turns.turns(ANA)}
        expected = said_of_it if kind != "person" else set(world.contents)
        assert contents == {ref: "" if ref in expected else text for ref, text in world.contents.items()}
        assert set(receipt.messages) == expected
        assert unit.ledger.first_broken(ANA) is None
        folded = fold(TRUNK, (entry.operation for entry in unit.ledger.entries(ANA)))
        assert {ref: c for tree in folded.values() for ref, c in tree.claims.items()} == {
            ref: c for tree in unit.ledger.trees(ANA).values() for ref, c in tree.claims.items()
        }


@given(
    said=turns,
    doomed=st.frozensets(st.integers(0, FACTS - 1), min_size=1, max_size=2),
    mode=st.sampled_from(["tree", "hybrid"]),
)
@settings(max_examples=25)
def test_what_waits_to_be_forgotten_is_in_no_answer_and_comes_back_as_it_was(
    said: Turns, doomed: frozenset[int], mode: Mode
) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for number, (facts, fate) in enumerate(said):
            world.say(number, facts, fate)
        if any(fact in doomed for fact in world.facts.values()):
            _hold_back_and_compare(world, doomed, mode)
        world.store.close()


def _hold_back_and_compare(world: World, doomed: frozenset[int], mode: Mode) -> None:
    asked = Message(content=f"Forget {' and '.join(map(token, sorted(doomed)))}!", id="ask")
    with world.store.begin() as unit:
        unit.turns.append(ANA, "later", [asked], NOW)
    before = world.recalled(mode)
    with world.store.begin() as unit:
        wanted = [_wish(ref, asked) for ref, fact in world.facts.items() if fact in doomed]
        held = unit.quarantine.hold(ANA, "9-9", wanted, NOW)
    during = world.recalled(mode)
    assert [fact for fact in doomed if token(fact) in during.context + world.found()] == []
    gone = {line.ref for line in before.lines} - {line.ref for line in during.lines}
    assert {line.ref for line in during.held_back} == gone
    told = {ref for ref, text in world.contents.items() if any(token(fact) in text for fact in doomed)}
    assert gone <= {ref for ref, fact in world.facts.items() if fact in doomed} | told | {"ask"}
    with world.store.begin() as unit:
        for one in held:
            unit.quarantine.resolve(ANA, one.id)
    after = world.recalled(mode)
    assert after.model_copy(update={"timings_ms": {}}) == before.model_copy(update={"timings_ms": {}})


def _wish(claim: str, asked: Message) -> Verdict:
    piece = Evidence(message_id="ask", quote=asked.content, start=0)
    wanted = Delete(path="likes", target=claim, reason="forgotten", at=NOW, evidence=(piece,))
    draft = Draft(kind="DELETE", path="likes", target=claim, reason="forgotten", message_id="ask", quote=asked.content)
    return Verdict(ruling="quarantine", rule="asked-to-forget", why="it waits", draft=draft, operation=wanted)
