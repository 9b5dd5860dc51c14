"""Every view for everybody: who listens to it, who has no mouse, who has a small screen, who likes it dark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

if TYPE_CHECKING:
    from tests.browser.conftest import House, Housing

Show = Callable[[Page, str], Awaitable[None]]

VIEWS: dict[str, tuple[tuple[str, ...], dict[str, object]]] = {
    "people": (("people",), {}),
    "jobs": (("jobs",), {}),
    "login": (("login",), {}),
    "tree": (("person", "ana", "tree"), {}),
    "tree then": (("person", "ana", "tree"), {"as_of": "2024-02-01"}),
    "tree of another": (("person", "ana", "tree"), {"subject": "person:Bo"}),
    "ledger": (("person", "ana", "ledger"), {}),
    "ledger of a slot": (("person", "ana", "ledger"), {"path": "home.city"}),
    "ledger compared": (("person", "ana", "ledger"), {"v1": 1, "v2": 3}),
    "ask": (("person", "ana", "ask"), {"q": "Where does she live?"}),
    "conversations": (("person", "ana", "conversations"), {}),
    "a message": (("person", "ana", "conversations"), {"message": "m3"}),
    "waiting": (("person", "ana", "waiting"), {}),
    "forgotten": (("person", "ana", "forgotten"), {"path": "home.city"}),
    "nothing": (("person", "ana", "nothing"), {}),
}
"""The addresses of all views, by what they show."""


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing("ana", consent="beliefs.religion=ask") as house:
        yield house


@pytest.mark.parametrize("name", VIEWS)
async def test_axe_finds_nothing_in_a_view_light_or_dark_and_it_fits_a_small_screen(
    page: Page, house: House, show: Show, name: str
) -> None:
    path, query = VIEWS[name]
    await show(page, house.at(*path, **query))
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    found = await Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate("axe.run({runOnly: {type: 'rule', values: ['color-contrast']}})")
    assert [(one["help"], one["nodes"][0]["html"]) for one in dark["violations"]] == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate(TOO_WIDE) == []


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 120)).slice(-5)"""
"""The last elements that make a page scroll sideways, if it does."""
