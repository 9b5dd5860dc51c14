"""OpenAI's own client, unchanged, with a memory: only its base URL is another.

    TREERING_UPSTREAM_URL=https://api.openai.com/v1 TREERING_UPSTREAM_KEY=sk-… treering serve
    export TREERING_PROXY_URL=http://127.0.0.1:8377/v1    # and pip install openai
    python examples/openai_client.py ana "I'm allergic to peanuts."
    python examples/openai_client.py ana "What am I allergic to?"

Without TREERING_PROXY_URL it serves both here: the proxy, and behind it a model that says what it was shown.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI
from openai import OpenAI
from prometheus_client import CollectorRegistry

from treering import Memory, Settings
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.readiness import Readying

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """One conversation; the proxy tells by its opening words which one it is, or by a header that names it."""
    user, text = sys.argv[1:] or ("ana", "I'm allergic to peanuts.")
    with ExitStack() as here:
        url = os.environ.get("TREERING_PROXY_URL") or proxy(here)
        client = here.enter_context(OpenAI(base_url=url, api_key=os.environ.get("TREERING_API_KEY", "none")))
        answer = client.chat.completions.create(
            model="gpt-4.1-mini", messages=[{"role": "user", "content": text}], user=user
        )
        print(answer.choices[0].message.content)


def proxy(here: ExitStack) -> str:
    """The base URL of a proxy before a model of its own, until `here` is left."""
    model = FastAPI()
    model.post("/v1/chat/completions")(complete)
    settings = Settings.read({**os.environ, "TREERING_UPSTREAM_URL": here.enter_context(served(model))})
    app = create_app(Memory(settings=settings), OpenHouse(), Readying({}), CollectorRegistry())
    return here.enter_context(served(app))


def complete(asked: dict[str, Any]) -> dict[str, Any]:
    """A model that says what it was shown, in the form of OpenAI's API."""
    answer = {"role": "assistant", "content": asked["messages"][0]["content"]}
    return {"object": "chat.completion", "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}]}


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine; gives its base URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    main()
