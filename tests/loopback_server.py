"""A small web server on 127.0.0.1 for tests: every path has its list of answers, the last of which stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Answer", "Loopback", "loopback"]


@dataclass(frozen=True)
class Answer:
    """What is sent. `promised`: the Content-Length, where it is not the length of the body."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    promised: int | None = None


@dataclass
class Loopback:
    """The server's address, its answers by path, and what was asked of it: (path, headers)."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def gives(self, path: str, *answers: Answer) -> str:
        """From now on these answers under this path, in turn; the address of the path."""
        self.answers[path] = list(answers)
        return self.url + path

    def times(self, path: str) -> int:
        """How often the path was asked for."""
        return sum(asked == path for asked, _ in self.asked)


@contextmanager
def loopback() -> Iterator[Loopback]:
    """A running server, stopped at the end."""
    served = Loopback("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, dict(self.headers)))
            answers = served.answers.get(self.path, [Answer(b"not here", 404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header(
                "Content-Length", str(len(answer.body) if answer.promised is None else answer.promised)
            )
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
