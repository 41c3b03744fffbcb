"""What a client is told whose bytes are no HTTP: a problem like any other."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from contracts.wording import Language
from gateway.problems import Problem, Words, problem_response


def protocol_speaking(language: Language) -> type[HttpToolsProtocol]:
    """The server's protocol; where there is no request to ask for a language, it answers in this one."""
    why = Words("nội dung không đúng giao thức HTTP/1.1", "this is not HTTP/1.1")
    answer = problem_response(Problem("bad-request", why=why, headers={"connection": "close"}), language)
    head = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in answer.raw_headers)]
    content = b"\r\n".join(head) + b"\r\n\r\n" + bytes(answer.body)

    class ProblemProtocol(HttpToolsProtocol):
        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words, in one language
            self.transport.write(content)
            self.transport.close()

    return ProblemProtocol
