"""A question: what would be put before a model, why, and what it costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House

Show = Callable[[Page, str], Awaitable[None]]


async def test_a_question_shows_its_context_the_reason_for_each_line_and_what_it_costs(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "ana", "ask"))
    await page.get_by_label("Question").fill("Does she have asthma?")
    await page.keyboard.press("Control+Enter")
    recalled = house.memory.recall("ana", "Does she have asthma?", explain=True)
    assert recalled.lines
    await expect(page.get_by_role("region", name="What would be injected")).to_have_text(recalled.context)
    await expect(page.locator("main")).to_contain_text(recalled.decision.rule)
    await expect(page.locator("main")).to_contain_text(f"{recalled.tokens} of 1500 tokens")

    lines = page.get_by_role("list", name="Lines").locator("> li")
    await expect(lines).to_have_count(len(recalled.lines))
    await lines.first.locator("summary").click()
    reasons = lines.first.get_by_role("row")
    await expect(reasons).to_have_count(1 + len(recalled.lines[0].found_by))
    await expect(lines.first.get_by_role("link", name=recalled.lines[0].message_ids[0])).to_be_visible()
    await expect(page.get_by_role("complementary")).to_contain_text("health.conditions: has asthma")


async def test_the_address_holds_the_question_and_how_it_was_asked(page: Page, house: House, show: Show) -> None:
    await show(
        page, house.at("person", "ana", "ask", q="Where does she live?", as_of="2024-02-01", mode="tree", budget=0)
    )
    await expect(page.get_by_label("Question")).to_have_value("Where does she live?")
    await expect(page.get_by_label("As of")).to_have_value("2024-02-01")
    await expect(page.get_by_text("Nothing that is known is near enough")).to_be_visible()
    await page.get_by_label("Tokens at most").fill("400")
    await page.get_by_role("button", name="Ask").click()
    injected = page.get_by_role("region", name="What would be injected")
    await expect(injected).to_contain_text("lives in Porto")
    await expect(injected).not_to_contain_text("Lisbon")
    await page.go_back()
    await expect(page.get_by_label("Tokens at most")).to_have_value("0")
