"""The slow work: seen as it is, also a little later, and done again or left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House

Show = Callable[[Page, str], Awaitable[None]]


async def test_a_dead_job_says_why_and_is_queued_again_or_cancelled(page: Page, house: House, show: Show) -> None:
    [dead] = house.memory.jobs("ana", states=["dead"])
    await show(page, house.at("jobs", user="ana"))
    card = page.get_by_role("list", name="Jobs").get_by_role("listitem").filter(has_text=f"{dead.kind} {dead.id}")
    await expect(card).to_contain_text("dead: it waits for somebody")
    await expect(card).to_contain_text("it holds no operation: park this reply")
    await page.get_by_role("button", name=f"Retry job {dead.id}").click()
    await expect(card).not_to_contain_text("dead")
    again = house.memory.job(dead.id)
    assert again is not None
    assert again.state == "queued"

    await page.get_by_role("button", name=f"Cancel job {dead.id}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    await expect(card).to_have_count(0)
    await page.get_by_label("cancelled").check()
    await expect(card).to_contain_text("cancelled")


async def test_the_page_follows_what_happens_while_it_is_looked_at(page: Page, house: House, show: Show) -> None:
    await page.clock.install()
    await show(page, house.at("jobs", user="bo"))
    await expect(page.get_by_text("No such job.")).to_be_visible()
    house.memory.remember("bo", "I live in Faro.")
    await page.clock.run_for(5_000)
    job = page.get_by_role("list", name="Jobs").get_by_role("listitem")
    await expect(job).to_contain_text("listen")
    await expect(page.get_by_role("row", name="listen to new turns")).to_have_count(1)

    await page.get_by_label("Refresh by itself").uncheck()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    house.memory.flush("bo")
    await page.clock.run_for(20_000)
    await expect(job).to_have_count(1)
    assert asked == []
    await page.get_by_label("Refresh by itself").check()
    await page.clock.run_for(5_000)
    await expect(job).to_have_count(0)
