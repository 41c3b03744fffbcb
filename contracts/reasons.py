"""The reasons that the bus itself gives for what became of an exchange, so that they can be said in either language.

The log holds reasons as English text, for they stand beside what providers and people wrote and are read for years.
So they are recognised by their wording: a text that fits one of `REASONS` is said in the reader's language, with its
parameters; any other is somebody's own words, and stays as it is. To reword a reason add the new wording and keep the
old one: what is on the log has it.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import Final

from contracts.said import N_, Said, in_lines, said, said_with

REASONS: Final = (
    # the bus
    N_("the query's deadline had passed before its turn came"),
    N_("no answer before the query's deadline"),
    N_("the call was begun and its end was not seen; nobody but the receiving system knows whether it took effect"),
    N_("the grant under which the event was to be pushed has ended"),
    N_("the subscription was deleted"),
    N_("{system} is no system of this workspace any more"),
    N_("it was withdrawn before its receiver had taken it"),
    N_("the record cannot be brought into the other format"),
    N_("gave up after {attempts} attempts: {why}"),
    N_("{receiver} is away; its breaker is open"),
    N_("there was no time left for the call"),
    N_("unexpected {error} in the bus"),
    N_("unexpected {error} in {file}"),
    N_("unexpected {error} in {file}, line {line}"),
    N_("not a message of the bus: {why}"),
    N_("the record cannot be read: {why}"),
    N_("{contract} has no reply schema"),
    N_("there is no operation for {service}"),
    N_("{system} does not provide {contract}@{major} in this workspace"),
    N_("the connection to the system is not open"),
    # reaching a system
    N_("the system could not be connected to in time"),
    N_("the system did not answer within {seconds} s"),
    N_("the system closed the connection without an answer"),
    N_("what the system answered is not HTTP"),
    N_("the address that the request would go to is not valid"),
    N_("the call broke off ({error})"),
    N_("the name {host} cannot be resolved"),
    N_("the certificate of {host} is not accepted: {why}"),
    N_("no secure connection to {host} came about ({why})"),
    N_("{host} cannot be connected to: {why}"),
    N_("{host} is at a private address and was not called: {remedy}"),
    N_("write allow_private: true in its connection, if that is meant"),
    # what it answered
    N_("the system answered {status}"),
    N_("{answer}, but {fault}"),
    N_("{answer}, and no rule says what it means"),
    N_("{answer}: redirects are not followed"),
    N_("{answer}: the address is wrong, or there should be a rule that this means no data"),
    N_("{answer}: redirects are not followed; write the new address as url, after asking its owner"),
    N_("{answer}: the subscriber wants no more of this; {remedy}"),
    N_("take the service out of its file in systems/, or correct the url and retry what was laid down"),
    N_("the system gave no reason"),
    N_("the system named no ground"),
    N_("its body is longer than {most_bytes} bytes"),
    N_("its body broke off or cannot be unpacked"),
    N_("its JSON is nested too deeply"),
    N_("its body is not UTF-8 (byte {byte})"),
    N_("its body is empty"),
    N_("its body is HTML or XML, not JSON"),
    N_("its body is not JSON"),
    # signing in there
    N_("the login to the system did not end in time"),
    N_("the connection to the system was closed during the login"),
    N_("the login at {path} had no answer: {why}"),
    N_("the login at {path} failed: {answer}"),
    N_("the answer to the login at {path} cannot be understood: {fault}"),
    N_("the system refused the login at {path}"),
    N_("the system refused the login at {path}: {why}"),
    N_("the answer to the login at {path} has no session at {place}"),
    N_("the session that the login at {path} gave cannot stand in a header"),
    N_("no access token came from {host}: {why}"),
    N_("the token endpoint {host} gave no access token: {answer}"),
    N_("the token endpoint {host} cannot be understood: {fault}"),
    N_("what the token endpoint {host} answered has no usable access_token in it"),
    N_("the token endpoint {host} gives tokens that are not of the type Bearer"),
    # pages
    N_("the system speaks of {total} items, and gave {items} before an empty page"),
    N_("the system gave the same items as page {page} and {next}"),
    N_("page {page} has no whole number at {place}"),
    N_("page {page} has neither text nor a number at {place}"),
    N_("the link to the page after page {page} is no address"),
    N_("the link to the page after page {page} leads to another system"),
    N_("the pages go round in a circle: after page {page} comes one that was there before"),
    N_("after {pages} pages there is more, and max_pages allows no more"),
    N_("all pages together are longer than max_response_bytes allows"),
    N_("there are more items than max_items allows ({most})"),
    N_("page {page} has {what} at {place}: {remedy}"),
    N_("no list"),
    N_("something that is no list"),
    N_("where that means that there are no more, say so with a rule: no_data"),
    # making the request
    N_("the request cannot be written as JSON"),
    N_("the request has no object in which “{name}” could be set"),
    N_("the part “{name}” of the request is neither text nor number"),
    N_("the part “{name}” cannot be sent to the system: {why}"),
    N_("it is missing"),
    N_("in a path it would be empty or lead elsewhere"),
    N_("it has a line break or another control character in it"),
    N_("it is no valid Unicode text"),
    N_("{file} gave back a {type}, no Answer"),
)
"""Where a text fits several, the one with the most words of its own counts."""

FOREIGN: Final = (
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("No route to host"),
    N_("Network is unreachable"),
    N_("unreachable"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("mapping values are not allowed in this context"),
    N_("mapping values are not allowed here"),
    N_("did not find expected key"),
    N_("did not find expected node content"),
    N_("did not find expected ',' or ']'"),
    N_("did not find expected '-' indicator"),
    N_("found character that cannot start any token"),
    N_("found unexpected end of stream"),
    N_("could not find expected ':'"),
    N_("found undefined alias"),
    N_("Expecting value"),
    N_("Expecting property name enclosed in double quotes"),
    N_("Expecting ',' delimiter"),
    N_("Expecting ':' delimiter"),
    N_("Extra data"),
    N_("Unterminated string starting at"),
    N_("Invalid control character at"),
    N_("{what}: line {line} column {column} (char {char})"),
)
"""What the operating system and the readers of YAML and JSON say most often, as parts of the bus's own sentences."""

_ALL: Final = REASONS + FOREIGN
_LONGEST: Final = 2_000


def known_reason(text: str) -> str:
    """`text` as it can be said in either language, if it is one of the bus's own reasons; else as it is.

    Where a parameter is a reason too, as in “gave up after 3 attempts: …”, it is said so as well.
    """
    if len(text) > _LONGEST:
        return text
    head, line_end, rest = text.partition("\n")
    if line_end:
        # What follows is where in the code it happened.
        return in_lines((known_reason(head), rest))
    return recognised(text, _ALL)


def recognised(text: str, wordings: tuple[str, ...], own: str = "") -> str:
    """`text` as it can be said in either language, if it fits one of `wordings`; else as it is. So are its parameters.

    Where one of them is `own`, the message that it was made of, it is said as that.
    """
    if isinstance(own, Said) and text == own:
        return own
    for message, pattern in _patterns(wordings):
        found = pattern.fullmatch(text)
        if found is not None:
            params = {name: recognised(value, wordings, own) for name, value in found.groupdict().items()}
            return said_with(message, params) if params else said(message)
    return text


def words_of(error: Exception) -> str:
    """What an error says, so that it can still be said in either language."""
    words = error.args[0] if error.args else ""
    if isinstance(words, Said):
        return words
    if isinstance(error, OSError) and error.filename and error.strerror:
        return said("{path}: {why}", path=error.filename, why=known_reason(error.strerror))
    return known_reason(str(error))


@cache
def _patterns(wordings: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    longest_first = sorted(wordings, key=lambda message: -len("".join(own for own, *_ in Formatter().parse(message))))
    return tuple((message, re.compile(_pattern(message), re.DOTALL)) for message in longest_first)


def _pattern(message: str) -> str:
    parts = Formatter().parse(message)
    return "".join(re.escape(own) + (f"(?P<{name}>.+?)" if name else "") for own, name, _, _ in parts)
