"""What a drawn tree shows of a change."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from hashlib import sha256

from rich.console import Console

from treering.cli.tree_drawing import Change, draw_tree, main_branches
from treering.schemas.claims import Claim, Evidence
from treering.schemas.views import SlotView, TreeView

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def claim(path: str, text: str, *supersedes: str) -> Claim:
    return Claim(
        id=sha256(text.encode()).hexdigest()[:24],
        path=path,
        text=text,
        valid_from=DAY,
        recorded_at=DAY,
        order=1,
        evidence=(Evidence(message_id="m1", quote=text, start=0),),
        supersedes=supersedes,
    )


def view(*claims: Claim) -> TreeView:
    paths = dict.fromkeys(one.path for one in claims)
    slots = tuple(
        SlotView(
            path=path,
            description=path,
            cardinality="many",
            sensitivity="open",
            claims=tuple(one for one in claims if one.path == path),
        )
        for path in paths
    )
    return TreeView(
        user="ana", subject="self", trunk="core", trunk_version=1, version=1, digest="0" * 64, as_of=DAY, slots=slots
    )


def lines(*args: object, **kwargs: object) -> list[str]:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(draw_tree(*args, **kwargs))
    return [line.strip(" │├└─") for line in console.export_text().splitlines()]


PORTO, RAMEN, NURSE = (
    claim("home.city", "lives in Porto"),
    claim("taste.food", "loves ramen"),
    claim("work", "is a nurse"),
)
LISBON = claim("home.city", "lives in Lisbon", PORTO.id)


def test_a_claim_that_waits_to_be_forgotten_says_so() -> None:
    asked = view(PORTO, RAMEN).model_copy(update={"held_back": {RAMEN.id: ("1f6d0c2b9a7e4c3d8b5a6f70",)}})
    assert lines(asked, dated=False) == [
        "ana (self)",
        "home",
        "city  lives in Porto",
        "taste",
        "food  loves ramen  asked to be forgotten",
    ]


def test_new_changed_and_gone_claims_have_signs_beside_their_colours() -> None:
    change = Change(view(PORTO, RAMEN), view(LISBON, NURSE))
    assert (change.fresh, change.changed, change.gone) == ({NURSE.id}, {LISBON.id}, (RAMEN,))
    assert change.branches == {"home", "taste", "work"}
    shown = lines(change.after, change=change, dated=False)
    assert shown == [
        "ana (self)",
        "home",
        "city  ~ lives in Lisbon",
        "taste",
        "food  - loves ramen",
        "work  + is a nurse",
    ]


def test_an_emptied_slot_stands_where_it_stood() -> None:
    change = Change(view(PORTO, RAMEN, NURSE), view(RAMEN, NURSE))
    assert [line.split()[0] for line in lines(change.after, change=change)] == [
        "ana",
        "home",
        "city",
        "taste",
        "food",
        "work",
    ]
    change = Change(view(PORTO, RAMEN, NURSE), view(PORTO, RAMEN))
    assert lines(change.after, change=change)[-1] == "work  - is a nurse"


def test_without_a_change_nothing_is_marked() -> None:
    assert lines(view(PORTO)) == ["ana (self)", "home", "city  lives in Porto  2024-03-01"]
    assert lines(view()) == ["ana (self)", "nothing is known yet"]


def test_several_claims_of_a_slot_stand_below_it() -> None:
    sushi = claim("taste.food", "loves sushi")
    assert lines(view(RAMEN, sushi), dated=False) == ["ana (self)", "taste", "food", "loves ramen", "loves sushi"]


def test_folded_branches_stay_in_their_place_and_say_how_much_they_hold() -> None:
    tree = view(PORTO, RAMEN, NURSE)
    assert main_branches(tree) == ["home", "taste", "work"]
    assert lines(tree, folded=["taste", "work"], dated=False)[3:] == ["taste … 1", "work … 1"]


def test_ids_are_shown_on_request_only() -> None:
    assert PORTO.id in " ".join(lines(view(PORTO), ids=True))
    assert PORTO.id not in " ".join(lines(view(PORTO)))


def test_markup_and_control_characters_of_users_are_text() -> None:
    assert lines(view(claim("home.city", "lives in [red]Porto[/]\x1b[31m")), dated=False)[-1].startswith(
        "city  lives in [red]Porto[/]"
    )


def test_a_claim_shows_who_vouches_for_it_and_when_it_is_so() -> None:
    confirmed = claim("home.city", "lives in Porto").model_copy(update={"origin": "manual"})
    inferred = claim("taste.food", "drinks coffee").model_copy(
        update={"origin": "inferred", "condition": "on weekdays"}
    )
    told = claim("work", "works from home on Mondays").model_copy(update={"condition": "on Mondays"})
    drawn = lines(view(confirmed, inferred, told), dated=False)
    assert drawn[2] == "city  lives in Porto  confirmed"
    assert drawn[4] == "food  drinks coffee  [on weekdays]  inferred"
    assert drawn[5] == "work  works from home on Mondays", "the words say it themselves"
