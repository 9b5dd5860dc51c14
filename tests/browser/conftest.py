"""A browser that shows the inspector of a real server: whatever it complains about, or asks of others, fails a test."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Dialog, Error, Page, Request, async_playwright
from prometheus_client import CollectorRegistry

from treering import Memory, Settings
from treering.errors import ModelReplyUnreadable
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Reply, Window
from treering.schemas.policy import Policy
from treering.schemas.trunk import Trunk
from treering.sidecar.app import create_app
from treering.sidecar.auth import gatekeeper_of
from treering.sidecar.readiness import Readying
from treering.testing import TurnListener

CHROMIUM = os.environ.get("TREERING_CHROMIUM", "/usr/bin/chromium")
"""The browser, as the system has it."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    "--renderer-process-limit=1",  # one for all pages, one after the other: a test takes three, which start anew
    "--disable-site-isolation-trials",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # there is no network but this machine
)

PATIENCE_MS = 15_000
"""How long a page may take on a busy machine."""

SETTLED = "main:not([aria-busy])"
"""What is there when a view was drawn."""

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need the browser, and share the loop that it lives in."""
    for item in items:
        if str(item.path).startswith(f"{HERE}/"):  # the text is kept; its parents are made anew, for each of all tests
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program. Without it, tests skip at home and fail where services are required."""
    if not os.access(CHROMIUM, os.X_OK):
        missing = f"no Chromium at {CHROMIUM}: install it, or say in TREERING_CHROMIUM where one is"
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return CHROMIUM


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests of a process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class House:
    """A server, and the memory that it serves."""

    url: str
    memory: Memory

    def at(self, *path: str, **query: object) -> str:
        """The address of a view."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.url}/inspector/#/{'/'.join(quote(part, safe='') for part in path)}{asked}"


Serving = Callable[[Memory], AbstractContextManager[House]]
Housing = Callable[..., AbstractContextManager[House]]


@contextmanager
def served(memory: Memory) -> Iterator[House]:
    """Serve a memory as `treering serve` does, with the gate that its settings say, until the block ends."""
    app = create_app(
        memory,
        gatekeeper_of(memory.settings, memory),
        Readying({}),
        CollectorRegistry(),
        is_local_only=memory.settings.auth == "open",
    )
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(_serving(server),))
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield House(f"http://127.0.0.1:{port}", memory)
    finally:
        server.should_exit = True
        thread.join()


async def _serving(server: uvicorn.Server) -> None:
    """Serve, and let go at the end of what the browser, which outlives the server, holds open: it connects ahead."""
    await server.serve()
    await asyncio.sleep(0.02)
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Serves memories: `with serving(memory) as house`."""
    return served


@dataclass
class Faults:
    """What the browser complained about."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Take this for right from here on, as a failed request is where a test asks for one."""
        self.expected.append(pattern)

    def watch(self, page: Page) -> None:
        """Write down what a page complains about, and whom else it asks."""
        for event, heard in self._heard():
            page.on(event, heard)  # type: ignore[call-overload]

    def leave(self, page: Page) -> None:
        """Listen to it no more."""
        for event, heard in self._heard():
            page.remove_listener(event, heard)

    def _heard(self) -> tuple[tuple[str, Callable[..., None]], ...]:
        return (
            ("console", self._on_console),
            ("pageerror", self._on_error),
            ("dialog", self._on_dialog),
            ("request", self._on_request),
        )

    def unexpected(self) -> list[str]:
        """What no test has asked for."""
        return [one for one in self.found if not any(re.search(pattern, one) for pattern in self.expected)]

    def _on_error(self, error: Error) -> None:
        self.found.append(f"error: {error}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.found.append(f"dialog: {dialog.message}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:")):
            self.found.append(f"request: {request.url}")


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What the pages of a test complain about; anything unexpected fails it."""
    faults = Faults()
    yield faults
    assert faults.unexpected() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """The tab that tests share, one after the other: a new one each costs a second."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Lisbon", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Page, faults: Faults) -> AsyncIterator[Page]:
    """A page that remembers nothing of other tests, and whose complaints fail the test."""
    await tab.emulate_media(color_scheme="light")
    await tab.set_viewport_size({"width": 1200, "height": 900})
    faults.watch(tab)
    yield tab
    await tab.unroute_all()
    await tab.evaluate("sessionStorage.clear()")
    faults.leave(tab)
    await tab.goto("about:blank")


async def opened(page: Page, address: str) -> None:
    """Go to a view, and wait until it is drawn."""
    await page.goto(address)
    await page.wait_for_selector(SETTLED)


@pytest.fixture(scope="session")
def show() -> Callable[[Page, str], object]:
    """Goes to a view, and waits until it is drawn: `await show(page, address)`."""
    return opened


class Ears(TurnListener):
    """Hears `slot: words`, `end slot: words` and `subject/slot: words` in what a user says; `park …` cannot be read."""

    name = "ears/1"

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        [turn] = window.turns
        if turn.content.startswith("park "):
            raise ModelReplyUnreadable("scripted", turn.content, f"it holds no operation: {turn.content}")
        return None

    def drafts(self, turn: Turn) -> list[Draft]:
        heard = re.fullmatch(r"(end )?(?:([^/]*)/)?([a-z_.]+): (.*)", turn.content, re.DOTALL)
        if turn.role != "user" or heard is None:
            return []
        ends, subject, path, text = heard.groups()
        draft = Draft(
            kind="DELETE" if ends else "ADD",
            subject=subject or "self",
            path=path,
            text=text,
            message_id=turn.message_id,
            quote=text,
            confidence=0.8,
        )
        return [draft]


def memory_with_ears(folder: Path, *, trunk: Trunk | str = "core", consent: str = "", **settings: object) -> Memory:
    """A memory that hears with `Ears`."""
    return Memory(
        settings=Settings(home=folder, embedder="hash", **settings),  # type: ignore[arg-type]
        listener=Ears(),
        trunk=trunk,
        policy=Policy.read(consent),
        background=False,
    )


LIFE = (
    ("m1", "s1", "2024-01-10", "home.city: lives in Porto"),
    ("m2", "s1", "2024-01-10", "health.conditions: has asthma"),
    ("m3", "s2", "2024-03-05", "home.city: lives in Lisbon"),
    ("m4", "s2", "2024-03-05", "preferences.food: loves grilled sardines"),
    ("m5", "s2", "2024-03-06", "person:Bo/work.job: works as a nurse"),
    ("m7", "s3", "2024-06-21", "preferences.music: listens to fado"),
    ("m8", "s3", "2024-06-22", "beliefs.religion: is a Buddhist"),
    ("m9", "s3", "2024-06-23", "beliefs.religion: prays every morning"),
)
"""What somebody says: the id of the message, its conversation, the day, and what `Ears` hear."""


def live(memory: Memory, user: str) -> None:
    """Have somebody live `LIFE`; then something is forgotten, a change is undone, and a reply cannot be read."""
    for name, session, day, text in LIFE:
        at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
        memory.remember(user, {"content": text, "id": name, "at": at}, session=session)
        answer = {"role": "assistant", "content": "I see.", "id": f"{name}-answer", "at": at}
        memory.remember(user, answer, session=session)
    memory.flush(user)
    hear = partial(_hear, memory, user)
    hear("m10", "preferences.books: loves crime novels")
    memory.forget(user, path="preferences.books")
    hear("m11", "preferences.games: plays chess at night")
    memory.undo(user)
    hear("m12", "park this reply")


def _hear(memory: Memory, user: str, name: str, text: str) -> None:
    memory.remember(user, {"content": text, "id": name}, session="s4")
    memory.flush(user)


@pytest.fixture(scope="session")
def housing(tmp_path_factory: pytest.TempPathFactory) -> Housing:
    """Serves memories that hear with `Ears`, in which these live: `with housing("ana", consent="…=ask") as house`."""

    @contextmanager
    def housed(*people: str, **settings: object) -> Iterator[House]:
        memory = memory_with_ears(tmp_path_factory.mktemp("house"), **settings)  # type: ignore[arg-type]
        for user in people:
            live(memory, user)
        with served(memory) as house:
            yield house

    return housed


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    """A server with ana's life; where another life is looked at, a module has a house of its own."""
    with housing("ana") as house:
        yield house
