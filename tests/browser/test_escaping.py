"""Whatever is stored, it is shown as text: nothing of it runs, loads, or changes how the page reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering import Memory
from treering.schemas.trunk import Branch, Slot, Trunk

if TYPE_CHECKING:
    from tests.browser.conftest import Faults, House, Housing

Show = Callable[[Page, str], Awaitable[None]]

RUNS = "window.__xss=1"
IMAGE = f"<img src=x onerror={RUNS}>"
SVG = f"<svg onload={RUNS}>"
SCRIPT = f"</script><script>{RUNS}</script>"
LINK = f"javascript:{RUNS}"
BRACES = "{{constructor.constructor('" + RUNS + "')()}}${" + RUNS + "}"
QUOTES = f"\"'><a href='{LINK}' onclick='{RUNS}'>click</a><iframe srcdoc='{IMAGE}'>"
TEMPLATE = f"<template><style>*{{display:none}}</style></template><base href=//evil.example/>{SVG}"
TURNED = "pays \u202etnuocca ym ot\u202c\u2066 and \u200bmore\u2069\u200f"
HUGE = f"{IMAGE} {'nohyphen' * 100} {'word ' * 2_000}"
NOTED = ("notes", IMAGE), ("notes", SVG), ("notes", LINK), ("notes", BRACES), ("notes", QUOTES), ("notes", TEMPLATE)

USER = f"ana/{IMAGE}{LINK}?q=1#x&amp;"
SUBJECT = f"person:Bo {IMAGE}"
SESSION = f"s1 {QUOTES}"
MESSAGE = f"m1 {IMAGE}"

TRUNK = Trunk(
    name="hostile",
    version=1,
    description=IMAGE,
    branches=(Branch(path="home", description=f"Where one lives {IMAGE}"),),
    slots=(
        Slot(path="home.constructor", description=SVG, cardinality="one"),
        Slot(path="notes", description=f"Notes {QUOTES}"),
        Slot(path="beliefs", description=BRACES, consent="ask"),
    ),
)


def hostile_life(memory: Memory, user: str) -> None:
    """A life in which everything that can be text is an attack."""

    def hear(text: str, **fields: object) -> None:
        memory.remember(user, {"content": text, "at": datetime(2024, 5, 1, tzinfo=UTC), **fields}, session=SESSION)
        memory.flush(user)

    hear(f"home.constructor: lives in Porto {IMAGE}", id=MESSAGE, metadata={IMAGE: SVG, "__proto__": "x"})
    hear(f"{SUBJECT}/notes: is a friend {IMAGE}")
    hear(f"beliefs: believes {IMAGE}")
    hear(f"beliefs: believes {TURNED}")
    hear(f"park {IMAGE}{TURNED}")
    hear(HUGE, role="assistant", speaker=f"agent {IMAGE}")
    hear(TURNED, role="assistant", speaker=f"agent {QUOTES}")
    for path, text in NOTED:
        memory.add_claim(user, path, text, condition=f"when {IMAGE}", why=f"because {SVG}")
    memory.add_claim(user, "notes", TURNED, why=TURNED)
    memory.add_claim(user, "notes", "x" * 1_900)
    held = memory.add_claim(user, "home.constructor", f"lives in Faro {SCRIPT}").after
    assert held is not None
    memory.correct(user, held.id, f"lives in Braga {SCRIPT}", why=IMAGE)


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing(trunk=TRUNK) as house:
        hostile_life(house.memory, USER)
        for name in (IMAGE, SVG, QUOTES, LINK, "__proto__", "constructor", "%", "a/../b", "..", "."):
            house.memory.remember(name, "Hello.")
        yield house


VIEWS: dict[str, tuple[tuple[str, ...], dict[str, object], tuple[str, ...]]] = {
    "people": (("people",), {}, (IMAGE, SVG, QUOTES, LINK, USER)),
    "people found": (("people",), {"search": IMAGE}, (USER,)),
    "jobs": (("jobs",), {}, (IMAGE,)),
    "tree": (("person", USER, "tree"), {}, (SVG, IMAGE, LINK, BRACES, QUOTES, TEMPLATE, f"lives in Braga {SCRIPT}")),
    "tree of another": (("person", USER, "tree"), {"subject": SUBJECT}, (f"is a friend {IMAGE}", f"Bo {IMAGE}")),
    "ledger": (("person", USER, "ledger"), {}, (IMAGE, LINK, BRACES, f"lives in Braga {SCRIPT}")),
    "ledger of a slot": (("person", USER, "ledger"), {"path": "home.constructor"}, (f"lives in Faro {SCRIPT}",)),
    "compared": (("person", USER, "ledger"), {"v1": 0}, (f"lives in Braga {SCRIPT}", SVG)),
    "ask": (("person", USER, "ask"), {"q": f"Where does she live {IMAGE}?"}, (IMAGE,)),
    "conversations": (("person", USER, "conversations"), {"session": SESSION}, (SESSION,)),
    "a message": (("person", USER, "conversations"), {"message": MESSAGE}, (f"lives in Porto {IMAGE}",)),
    "waiting": (("person", USER, "waiting"), {}, (f"believes {IMAGE}",)),
    "forgotten": (("person", USER, "forgotten"), {"path": "notes"}, (IMAGE, SVG)),
}
"""All views of what is stored, with texts that they show."""


async def assert_harmless(page: Page) -> None:
    """Nothing ran, no element was made of text, and nothing leads out of the page or into a program."""
    assert await page.evaluate("window.__xss") is None
    made = "iframe, object, embed, base, style, script:not([src]), [onerror], [onload], [onclick], [srcdoc]"
    assert await page.locator(f"body :is({made}, img:not([src='icon.svg']))").count() == 0
    links = await page.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert [link for link in links if not link.startswith("#")] == []


MIXED = """() => {
  const turning = /[\\u202a-\\u202e\\u2066-\\u2069\\u200f]/;
  const closed = (one) => {
    const style = getComputedStyle(one);
    const display = /^(block|flex|grid|table-cell|list-item|inline-block|flow-root)$/;
    return /^(isolate|plaintext)/.test(style.unicodeBidi) || display.test(style.display);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (!turning.test(text.data) || !text.parentElement.checkVisibility()) continue;
    let room = text.parentElement;
    while (!closed(room)) room = room.parentElement;
    if (room.textContent.trim() !== text.data.trim()) found.push(room.outerHTML.slice(0, 200));
  }
  return found;
}"""
"""Texts that turn the direction of writing, and stand in one room with other text, which they would reorder."""


@pytest.mark.parametrize("name", VIEWS)
async def test_what_is_stored_is_shown_as_text(page: Page, house: House, show: Show, faults: Faults, name: str) -> None:
    path, query, texts = VIEWS[name]
    await show(page, house.at(*path, **query))
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for text in texts:
        await expect(page.locator("body")).to_contain_text(text)
    await assert_harmless(page)
    assert await page.evaluate(MIXED) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


HASHES = (
    f"#/person/{IMAGE}",
    f"#/person/{SVG}/tree?as_of={LINK}&subject={IMAGE}&version={IMAGE}",
    f"#/person/ana/ledger?path={IMAGE}&version=<svg>&v1=NaN&v2=1e999",
    f"#/person/ana/ask?q={IMAGE}&mode={IMAGE}&budget=-1&as_of={SVG}",
    f"#/person/ana/conversations?message={IMAGE}&session={SVG}",
    f"#/person/ana/forgotten?claim={IMAGE}&path={SVG}&about={IMAGE}",
    f"#/person/ana/{IMAGE}",
    f"#/people?search={IMAGE}",
    f"#/jobs?state={IMAGE}&kind={SVG}&user={IMAGE}",
    f"#/{LINK}",
    "#/__proto__",
    "#/person/constructor/toString?__proto__=1",
    "#/%",
    "#/person/%E0%A4%A/%2e%2e?%",
    "#//evil.example/%00",
    f"#{'/person' * 3_000}",
)
"""What somebody may be sent as a link."""


async def test_a_link_that_somebody_is_sent_runs_nothing(page: Page, house: House, show: Show, faults: Faults) -> None:
    faults.expect(r"status of 4\d\d")
    await show(page, house.at("people"))
    for number, link in enumerate(HASHES):
        await page.evaluate("(link) => { location.hash = link }", link)
        await page.wait_for_selector("main:not([aria-busy])")
        await page.wait_for_function("document.querySelector('main').textContent.trim() !== ''")
        await assert_harmless(page)
        assert (await page.title()) != "", number
