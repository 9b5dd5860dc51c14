"""What `treering bench serve` counts: errors, and what a restart costs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from treering.bench.serve import Wishes
from treering.bench.serve_load import Request, load
from treering.bench.serve_restart import Writer, judged


class Moody(BaseHTTPRequestHandler):
    """Answers each third request well, fails the next, and hangs up at the third."""

    protocol_version = "HTTP/1.1"
    served = count()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        mood = next(self.served) % 3
        if mood == 2:
            self.close_connection = True
            return
        self.send_response(200 if mood == 0 else 503)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Moody) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_only_good_answers_are_timed_and_whatever_else_comes_is_an_error(port: int) -> None:
    sent = count()

    def client() -> Request:
        next(sent)
        return Request(path="/", body="{}")

    answered = load(port, 0.1, [client])
    total = next(sent)
    assert len(answered.took_s) + answered.errors == total
    assert answered.errors == total - (total + 2) // 3
    assert answered.cpu_s > 0
    assert answered.spent_s >= 0.1


def test_what_is_lost_cut_or_stored_twice_is_counted() -> None:
    ana = Writer(person="ana", acknowledged=["a0", "a1", "a2"], cut=1, longest_s=2.0)
    bo = Writer(person="bo", acknowledged=["b0"], wrong=2, longest_s=4.0)
    stored = {"ana": ["a0", "a2", "a2", "a3"], "bo": ["b0"]}
    assert judged([ana, bo], stored.__getitem__) == {
        "acknowledged": 4,
        "lost": 1,
        "stored_twice": 1,
        "cut": 1,
        "wrong": 2,
        "longest_gap_p50_s": 3.0,
    }


@pytest.mark.parametrize(("clients", "threads"), [((1, 8, 32), 8), ((1, 4), 4)])
def test_a_server_is_measured_beside_eight_threads_if_eight_clients_ask(clients: tuple[int, ...], threads: int) -> None:
    assert Wishes(clients=clients).threads == threads
