"""What a client is told whose bytes are no HTTP, or whose headers have no end: a problem like any other."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from contracts.said import said
from contracts.wording import Language
from gateway.problems import Problem, problem_response

MAX_HEAD_BYTES: Final = 65_536


def protocol_speaking(language: Language) -> type[HttpToolsProtocol]:
    """The server's protocol; where there is no request to ask for a language, it answers in this one."""
    why = said("this is not HTTP/1.1")
    no_http = _bytes_of(Problem("bad-request", why=why), "400 Bad Request", language)
    too_large = Problem("headers-too-large", limit=MAX_HEAD_BYTES)
    no_end = _bytes_of(too_large, "431 Request Header Fields Too Large", language)

    class ProblemProtocol(HttpToolsProtocol):
        _in_head = False
        _head_bytes = 0

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            # The parser gathers a head until it ends, however long that takes.
            if self._in_head:
                self._head_bytes += len(data)
                if self._head_bytes > MAX_HEAD_BYTES:
                    self._end_with(no_end)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._in_head, self._head_bytes = True, 0

        def on_headers_complete(self) -> None:
            self._in_head = False
            super().on_headers_complete()

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words, in one language
            self._end_with(no_http)

        def _end_with(self, content: bytes) -> None:
            self._in_head = False
            self.transport.write(content)
            self.transport.close()

    return ProblemProtocol


def _bytes_of(problem: Problem, status: str, language: Language) -> bytes:
    problem.headers["connection"] = "close"
    answer = problem_response(problem, language)
    head = [b"HTTP/1.1 " + status.encode(), *(name + b": " + value for name, value in answer.raw_headers)]
    return b"\r\n".join(head) + b"\r\n\r\n" + bytes(answer.body)
