"""Who has no mouse: from the first Tab to an action, in dialogs too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House

Show = Callable[[Page, str], Awaitable[None]]

MOST_TABS = 40
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0
    && box.left >= 0 && box.top >= 0 && box.bottom <= innerHeight;
}"""
"""Whether one sees what has the focus."""


async def reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Go on by a key until something has the focus, and see it wherever it is."""
    for _ in range(MOST_TABS):
        await page.keyboard.press(key)
        assert await page.evaluate(SEEN), await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if await target.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{MOST_TABS} times {key} did not lead to {target}")


async def test_the_first_tab_leads_past_the_navigation_and_back_into_it(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree"))
    address = page.url
    await reach(page, page.get_by_role("link", name="Skip to the content"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    assert page.url == address
    await expect(page.get_by_role("article", name="lives in Lisbon")).to_be_visible()

    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("link", name="Forgotten")).to_be_focused()
    await reach(page, page.get_by_role("link", name="Ledger"), "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article", name="Version 12", exact=True)).to_be_visible()
    await expect(page.get_by_role("main")).to_be_focused()
    assert await page.title() == "Ledger of ana – Treering"  # noqa: RUF001 - a dash, as the page has it
    await page.go_back()
    await expect(page.get_by_role("article", name="lives in Lisbon")).to_be_visible()


async def test_a_claim_is_put_right_with_keys_alone(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree", words="city"))
    card = page.get_by_role("article", name="lives in Lisbon")
    correct = card.get_by_role("button", name="Correct …")
    await page.get_by_role("main").focus()
    await reach(page, card.locator("summary"))
    await page.keyboard.press("Enter")
    await reach(page, correct)
    await page.keyboard.press("Enter")
    says = page.get_by_role("dialog").get_by_label("It should say")
    await expect(says).to_be_focused()
    for _ in range(6):  # Tab goes round in the dialog, or to the browser's own controls
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.matches('body, dialog *')")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(correct).to_be_focused()

    await page.keyboard.press("Space")
    await expect(says).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("lives in Braga")
    await reach(page, page.get_by_role("dialog").get_by_role("button", name="Correct"))
    await page.keyboard.press("Space")
    await expect(page.get_by_role("article", name="lives in Braga")).to_be_focused()
    assert [claim.text for claim in house.memory.tree("ana")["home.city"]] == ["lives in Braga"]


@pytest.mark.parametrize(
    ("path", "opener"),
    [
        ("tree", "Add a claim to health.conditions"),
        ("tree", "Reject …"),
        ("ledger", "Undo version 4"),
        ("conversations?message=m4", "Amend …"),
        ("forgotten?path=home.city", "Forget this for good"),
    ],
)
async def test_axe_finds_nothing_in_a_dialog_and_it_fits_a_small_screen(
    page: Page, house: House, show: Show, path: str, opener: str
) -> None:
    await show(page, f"{house.url}/inspector/#/person/ana/{path}")
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    button = page.get_by_role("button", name=opener).first
    await button.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found = await Axe().run(page, context="dialog", options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate("axe.run('dialog', {runOnly: {type: 'rule', values: ['color-contrast']}})")
    assert [(one["help"], one["nodes"][0]["html"]) for one in dark["violations"]] == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.get_by_role("dialog").evaluate(
        "one => one.scrollWidth <= one.clientWidth && one.clientWidth <= 360"
    )
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(button).to_be_focused()
