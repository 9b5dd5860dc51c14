"""What a person says of claims: so it is, so it should say, so it never was; and taking that back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Faults, House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing() as house:
        memory = house.memory
        for user in ("ana", "bo", "cy", "dee"):
            memory.remember(user, {"content": "home.city: lives in Porto", "id": "m1"})
            memory.remember(user, {"content": "preferences.food: loves sardines", "id": "m2"})
            memory.flush(user)
        yield house


def texts(house: House, user: str) -> set[str]:
    return {claim.text for claim in house.memory.tree(user).claims}


def claim_of(page: Page, text: str) -> Locator:
    return page.get_by_role("article", name=text, exact=True)


async def ask(page: Page, text: str, what: str) -> Locator:
    """Press a button of a claim; the dialog that it opens, if it does."""
    await claim_of(page, text).get_by_text("Put right").click()
    await claim_of(page, text).get_by_role("button", name=what).click()
    return page.get_by_role("dialog")


async def test_a_claim_is_confirmed_and_stays_in_sight(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree"))
    await ask(page, "lives in Porto", "Confirm")
    await expect(page.get_by_text("Confirmed.")).to_be_visible()
    await expect(claim_of(page, "lives in Porto")).to_be_focused()
    [city] = house.memory.tree("ana")["home.city"]
    assert city.confidence == 1
    await expect(claim_of(page, "lives in Porto")).to_contain_text("100 %")


async def test_a_claim_is_corrected_and_the_correction_taken_back(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "bo", "tree"))
    dialog = await ask(page, "lives in Porto", "Correct …")
    says = dialog.get_by_label("It should say")
    await expect(says).to_be_focused()
    await expect(says).to_have_value("lives in Porto")
    await says.fill("lives in Braga")
    await dialog.get_by_label("Why").fill("she said so")
    await dialog.get_by_role("button", name="Correct").click()
    await expect(claim_of(page, "lives in Braga")).to_be_focused()
    await expect(claim_of(page, "lives in Porto")).to_have_count(0)
    assert "lives in Braga" in texts(house, "bo")
    assert house.memory.history("bo", path="home.city")[-1].operation.why == "she said so"

    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Taken back.")).to_be_visible()
    await expect(page.get_by_text("Corrected.")).to_have_count(0)
    await expect(claim_of(page, "lives in Porto")).to_be_visible()
    assert texts(house, "bo") == {"lives in Porto", "loves sardines"}


async def test_what_never_was_goes_when_it_was_asked_for(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "bo", "tree"))
    dialog = await ask(page, "loves sardines", "Reject …")
    await expect(dialog).to_contain_text("It never was so")
    await dialog.get_by_role("button", name="No").click()
    assert "loves sardines" in texts(house, "bo")
    await claim_of(page, "loves sardines").get_by_role("button", name="Reject …").click()
    await dialog.get_by_role("button", name="Reject").click()
    await expect(page.get_by_text("Rejected.")).to_be_visible()
    await expect(claim_of(page, "loves sardines")).to_have_count(0)
    assert texts(house, "bo") == {"lives in Porto"}


async def test_a_claim_is_added_with_the_day_since_when_it_is_so(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "cy", "tree"))
    await page.get_by_role("button", name="Add a claim to preferences.food").click()
    dialog = page.get_by_role("dialog", name="Add to preferences.food")
    await dialog.get_by_role("button", name="Add").click()
    await expect(dialog.get_by_label("It says")).to_be_focused()  # an empty one is not sent
    await dialog.get_by_label("It says").fill("eats fish")
    await dialog.get_by_label("So since").fill("2024-02-01")
    await dialog.get_by_label("When it is so").fill("on Fridays")
    await page.keyboard.press("Enter")
    await expect(claim_of(page, "eats fish")).to_be_focused()
    await expect(claim_of(page, "eats fish")).to_contain_text("on Fridays")
    await expect(claim_of(page, "eats fish")).to_contain_text("since 1 Feb 2024")
    [added] = (claim for claim in house.memory.tree("cy")["preferences.food"] if claim.text == "eats fish")
    assert (added.valid_from, added.condition) == (datetime(2024, 2, 1, tzinfo=UTC), "on Fridays")


async def test_what_somebody_wrote_meanwhile_is_never_taken_back(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    await show(page, house.at("person", "dee", "tree"))
    dialog = await ask(page, "lives in Porto", "Correct …")
    await dialog.get_by_label("It should say").fill("lives in Braga")
    await dialog.get_by_role("button", name="Correct").click()
    await expect(claim_of(page, "lives in Braga")).to_be_visible()
    [city] = house.memory.tree("dee")["home.city"]
    house.memory.correct("dee", city.id, "lives in Faro")
    faults.expect("412")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Somebody wrote since you looked, so nothing was done.")).to_be_visible()
    assert "lives in Faro" in texts(house, "dee")

    faults.expect("40[49]")
    dialog = await ask(page, "lives in Braga", "Correct …")
    await dialog.get_by_label("It should say").fill("lives in Beja")
    await dialog.get_by_role("button", name="Correct").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("claim")
    await expect(dialog.get_by_label("It should say")).to_have_value("lives in Beja")
    assert "lives in Faro" in texts(house, "dee")
