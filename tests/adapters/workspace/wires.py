"""The texts that systems send each other, in the JSON form that field tables speak of (contracts/standard/README.md)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from lxml import etree

from contracts.json_types import JsonValue, pointer_of

Repeats = Callable[[str], bool]
"""Whether the field at that pointer is a list, however often it is there."""


def read_wire(text: str, repeats: Repeats) -> JsonValue:
    """XML, JSON, or a header and a line of CSV. In JSON, a text that is XML or an object of JSON is read as such."""
    if text.startswith(("<", "{")):
        return _read_inside(text, repeats, ())
    header, line = csv.reader(io.StringIO(text), strict=True)
    return dict(zip(header, line, strict=True))


def _read_inside(value: Any, repeats: Repeats, at: tuple[str, ...]) -> JsonValue:
    if isinstance(value, dict):
        return {key: _read_inside(each, repeats, (*at, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_read_inside(each, repeats, (*at, str(index))) for index, each in enumerate(value)]
    if isinstance(value, str) and value.startswith("<"):
        return _of_xml(value, repeats, at)
    if isinstance(value, str) and value.startswith("{"):
        return _read_inside(json.loads(value), repeats, at)
    found: JsonValue = value
    return found


def _of_xml(text: str, repeats: Repeats, at: tuple[str, ...]) -> JsonValue:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return _of_element(etree.fromstring(text.encode(), parser), repeats, at)


def _of_element(element: etree._Element, repeats: Repeats, at: tuple[str, ...]) -> JsonValue:
    found: dict[str, Any] = {f"@{_local(name)}": str(value) for name, value in element.attrib.items()}
    text = (element.text or "").strip()
    if len(element) == 0 and not found:
        return text
    for child in element:
        name = _local(child.tag)
        if repeats(pointer_of((*at, name))):
            listed = found.setdefault(name, [])
            listed.append(_of_element(child, repeats, (*at, name, str(len(listed)))))
        else:
            assert name not in found, f"{pointer_of((*at, name))} is there twice"
            found[name] = _of_element(child, repeats, (*at, name))
    return found | ({"#text": text} if text else {})


def _local(name: Any) -> str:
    return str(etree.QName(name).localname)
