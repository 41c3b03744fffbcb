"""What is said to people, put together from a message of the catalogue and what fills it in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType


class Said(str):
    """A text that reads in English, and knows its message and parameters so that it can be said in other languages.

    It is a text like any other to whoever only passes it on, sorts it or writes it to a log. Parameters that are
    themselves `Said` are said in the reader's language too; all others stay as they are. `params` None: the message
    is the text, braces and all.
    """

    __slots__ = ("message", "params")
    message: str
    params: Mapping[str, str] | None


def said(message: str, /, **params: object) -> Said:
    """`message`, marked for the catalogue, with `params` in its places: `said("there is no file {path}", path=path)`.

    A message without parameters is taken as it stands; in one with parameters braces are written twice.
    """
    if params:
        return said_with(message, params)
    text = Said(message)
    text.message, text.params = message, None
    return text


def said_with(message: str, params: Mapping[str, object]) -> Said:
    """As `said` with parameters, for a message that is marked elsewhere."""
    texts = {name: value if isinstance(value, Said) else str(value) for name, value in params.items()}
    text = Said(filled(message, texts))
    text.message, text.params = message, MappingProxyType(texts)
    return text


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """`message` itself, marked for the catalogue: it is said later, in the language of whoever reads it."""
    return message


def filled(message: str, params: Mapping[str, str]) -> str:
    """`message` with `params` in its places; a parameter that another version did not give shows its own name."""
    return message.format_map(_Absent(params))


def both(names: Iterable[str]) -> str:
    """All of `names` as one phrase: “a, b and c”."""
    return _joined(names, lambda these, last: said("{these} and {last}", these=these, last=last))


def either(names: Iterable[str]) -> str:
    """One of `names` as one phrase: “a, b or c”."""
    return _joined(names, lambda these, last: said("{these} or {last}", these=these, last=last))


def in_lines(texts: Iterable[str]) -> str:
    """All of `texts` as one, each on a line of its own."""
    lines = {f"line{index}": text for index, text in enumerate(texts)}
    return said_with("\n".join(f"{{{name}}}" for name in lines), lines)


def _joined(names: Iterable[str], join: Callable[[str, str], Said]) -> str:
    *these, last = names
    return join(", ".join(these), last) if these else last


class _Absent(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"<{name}>"
