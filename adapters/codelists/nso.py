"""The statistics office's catalogue of administrative units: SOAP 1.1 at `DMDVHC.asmx`, as of a day.

An answer is a DataSet of .NET: within `<operation>Result` a schema, which is not looked at, and a diffgram whose
`TABLE` elements are the rows. What took the place of a unit that ended is not said by this service.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from contracts.codeimport import Unit, code_of_cell
from contracts.reasons import known_reason
from contracts.said import said

NAMESPACE: Final = "http://tempuri.org/"
ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
DIFFGRAM: Final = "urn:schemas-microsoft-com:xml-diffgram-v1"
MAX_BYTES: Final = 64_000_000
_TIMEOUT_S: Final = 60.0
_MAX_FAULT: Final = 300


class Level(StrEnum):
    """What is asked for."""

    WARDS = "wards"
    PROVINCES = "provinces"


@dataclass(frozen=True, slots=True)
class _Operation:
    name: str
    parameters: tuple[str, ...]
    code: str
    title: str
    attributes: Mapping[str, str]


_OPERATIONS: Final[Mapping[Level, _Operation]] = {
    Level.PROVINCES: _Operation("DanhMucTinh", (), "MaTinh", "TenTinh", {"kind": "LoaiHinh"}),
    Level.WARDS: _Operation(
        "DanhMucPhuongXa",
        ("Tinh", "TenTinh", "QuanHuyen", "TenQuanHuyen"),
        "MaPhuongXa",
        "TenPhuongXa",
        {
            "province": "MaTinh",
            "province_name": "TenTinh",
            "district": "MaQuanHuyen",
            "district_name": "TenQuanHuyen",
            "kind": "LoaiHinh",
        },
    ),
}


class NsoError(Exception):
    """The service did not answer with a list; the message says what it did."""


def fetch_units(url: str, level: Level, on: date, *, max_bytes: int = MAX_BYTES) -> list[Unit]:
    """All units of a level that are in force on `on`. NsoError.

    An empty list is an answer too: whoever uses it decides what that means.
    """
    operation = _OPERATIONS[level]
    return _units(_called(url, operation, on, max_bytes), operation)


def _called(url: str, operation: _Operation, on: date, max_bytes: int) -> bytes:
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{NAMESPACE}{operation.name}"'}
    body = _envelope(operation, on)
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_S) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > max_bytes:
                    raise NsoError(said("the answer is larger than {limit} bytes", limit=max_bytes))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NsoError(said("{url} cannot be reached: {error}", url=url, error=known_reason(str(error)))) from None
    # A fault comes as 500 (SOAP 1.1 §6.2): what it says is in the body, and tells more than the status.
    if answer.status_code not in {httpx.codes.OK, httpx.codes.INTERNAL_SERVER_ERROR}:
        raise NsoError(said("the service answered HTTP {status}", status=answer.status_code))
    return content


def _envelope(operation: _Operation, on: date) -> bytes:
    asked = {"DenNgay": on.strftime("%d/%m/%Y"), **dict.fromkeys(operation.parameters, "")}
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in asked.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>'
        f'<{operation.name} xmlns="{NAMESPACE}">{inner}</{operation.name}></soap:Body></soap:Envelope>'
    ).encode()


def _units(content: bytes, operation: _Operation) -> list[Unit]:
    root = _parsed(content)
    fault = root.find(f".//{{{ENVELOPE}}}Fault")
    if fault is not None:
        told = " ".join("".join(each.itertext()) for each in fault if etree.QName(each).localname == "faultstring")
        raise NsoError(said("the service answered with a fault: {fault}", fault=told.strip()[:_MAX_FAULT] or "—"))
    result = root.find(f".//{{{NAMESPACE}}}{operation.name}Result")
    diffgram = None if result is None else result.find(f"{{{DIFFGRAM}}}diffgram")
    if diffgram is None:
        raise NsoError(said("the answer holds no result of {operation}", operation=operation.name))
    return [_unit(row, operation) for row in diffgram.iter("TABLE")]


def _parsed(content: bytes) -> etree._Element:
    """XML as data: no entity is expanded, no schema or DTD fetched, no tree without a bound."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NsoError(said("the answer is no XML: {error}", error=error)) from None
    if root.getroottree().docinfo.doctype:
        raise NsoError(said("the answer declares a DTD, which is not read"))
    return root


def _unit(row: etree._Element, operation: _Operation) -> Unit:
    values = {etree.QName(each).localname: _nfc(each.text) for each in row if isinstance(each.tag, str)}
    name = values.get(operation.title, "")
    if not name:
        raise NsoError(said("a row has no {field}: {row}", field=operation.title, row=str(values)[:_MAX_FAULT]))
    attributes = {ours: values.get(theirs, "") for ours, theirs in operation.attributes.items()}
    return Unit(code_of_cell(values.get(operation.code, "")), name, attributes)


def _nfc(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())
