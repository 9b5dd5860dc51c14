"""Photographs the inspector as `treering serve --demo` serves it: `make pictures`.

Language, time zone and clock of the browser are set, and the demo plays in its own time: the same program gives the
same pictures on a machine with the same fonts. Needs Chromium, at TREERING_CHROMIUM or /usr/bin/chromium.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from treering.testing.installed import free_port

FOLDER = Path(__file__).parent

CHROMIUM = os.environ.get("TREERING_CHROMIUM", "/usr/bin/chromium")

FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none")

LANGUAGE = {"LANGUAGE": "en_US"}
"""What the fields for dates speak, which Chromium draws: every Chromium has this one."""

WIDTH = 1060

TODAY = datetime(2025, 2, 1, 12, tzinfo=UTC)
"""What the browser takes for today: a little after the demo's last day, so that the slider ends there."""

COLOURS = 128
"""Enough for letters on plain grounds, and a third of the bytes."""

PATIENCE_S = 180
"""Until the server answers: the first time, a sentence model is built."""


@dataclass(frozen=True)
class Picture:
    """What is photographed: a view, from its top to the end of an element."""

    name: str
    path: tuple[str, ...]
    query: dict[str, str]
    until: str
    folded: tuple[str, ...] = ()
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture(
        "inspector-tree",
        ("tree",),
        {"as_of": "2024-07-09"},
        until="details[data-path=preferences]",
        folded=("identity", "home"),
    ),
    Picture(
        "inspector-ask",
        ("ask",),
        {"q": "Where could I take Mara for dinner, and what should I be careful about?", "as_of": "2025-02-01"},
        until=".lines",
    ),
    Picture("inspector-ledger", ("ledger",), {"version": "12"}, until="article.version:nth-of-type(4)", scheme="dark"),
    Picture("inspector-conversations", ("conversations",), {"message": "july-2"}, until=".turns"),
)


def draw(folder: Path = FOLDER) -> None:
    """Write all pictures into a folder."""
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env={**os.environ, **LANGUAGE})
        for picture in PICTURES:
            _write(photographed(browser, url, picture), folder / f"{picture.name}.png")
        browser.close()


@contextmanager
def served() -> Iterator[str]:
    """The address of a server with the demo's people, until the block ends."""
    port = free_port()
    treering = Path(sys.executable).with_name("treering")
    program = (treering, "serve", "--demo", "--port", str(port))
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            yield url
        finally:
            server.send_signal(signal.SIGTERM)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(f"{url}/health/live").close()
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def photographed(browser: Browser, url: str, picture: Picture) -> bytes:
    """A view as a PNG."""
    context = browser.new_context(
        color_scheme=picture.scheme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        viewport={"width": WIDTH, "height": 900},
    )
    page = context.new_page()
    page.clock.set_fixed_time(TODAY)
    where = "/".join(quote(part) for part in ("person", "mara", *picture.path))
    page.goto(f"{url}/inspector/#/{where}?{urlencode(picture.query)}")
    page.wait_for_selector("main:not([aria-busy])")
    page.wait_for_load_state("networkidle")
    for path in picture.folded:
        page.click(f"details[data-path={path}] > summary")
    page.evaluate("document.activeElement.blur()")
    shot = page.screenshot(full_page=True, clip=_down_to(page, picture.until), animations="disabled")
    context.close()
    return shot


def _down_to(page: Page, selector: str) -> FloatRect:
    end = page.evaluate("(one) => document.querySelector(one).getBoundingClientRect().bottom + scrollY", selector)
    return {"x": 0, "y": 0, "width": WIDTH, "height": end + 6}


def _write(shot: bytes, file: Path) -> None:
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    draw()
