"""What the YAML may give as an address, a path, a method."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator
from yarl import URL

from adapters.mapping.spec import mistake
from contracts.said import said

_VERB: Final = re.compile(r"[A-Z]{1,20}")
_HIDDEN: Final = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)


def _address(text: str) -> str:
    try:
        url = URL(text)
        is_http = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError:
        is_http = False
    if not is_http or not text.isprintable() or " " in text:
        raise mistake(said("this is no address of a system"), said("write it like https://host/path"))
    if "@" in url.raw_authority:
        raise mistake(said("there is a name or password in the address"), said("write it under auth"))
    if "?" in text or "#" in text:
        raise mistake(
            said("an address ends with its path"), said("write what follows “?” under query, in each operation")
        )
    if "//" in url.raw_path or {".", ".."} & {*url.raw_path.split("/")}:
        raise mistake(said("the path of the address has an empty part, or dots"), said("write the path in full"))
    return text


def _verb(text: object) -> object:
    verb = str(text).upper()
    if not _VERB.fullmatch(verb) or verb in {"CONNECT", "TRACE"}:
        raise mistake(
            said("“{text}” is no method that can be used here", text=text),
            said("write one like GET, POST, PUT, PATCH, DELETE"),
        )
    return verb


def request_path(text: str) -> str:
    """The text, which must be a path below a system's address. Raises what pydantic reports."""
    if not text.startswith("/") or "?" in text or "#" in text:
        raise mistake(
            said("“{text}” is no path", text=text),
            said("write it like /students/{id}; what follows “?” goes under query"),
        )
    parts = text.split("/")[1:]
    if {".", "..", ""} & {*(parts[:-1]), parts[-1] or "end"}:
        raise mistake(said("the path has an empty part, or dots"), said("write the path in full"))
    if _HIDDEN.search(text):
        raise mistake(said("the path hides dots or slashes"), said("write the path in full"))
    return text


Address = Annotated[str, AfterValidator(_address)]
"""Scheme, host, port and path; without a query and without a password."""

Verb = Annotated[str, BeforeValidator(_verb)]
"""A method, in capital letters."""

RequestPath = Annotated[str, AfterValidator(request_path)]
"""What follows the address of a system."""
