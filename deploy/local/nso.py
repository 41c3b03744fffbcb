"""A server that speaks as the statistics office's catalogue does, from a code list: `python -m deploy.local.nso FILE`.

`DMDVHC.asmx` with `DanhMucTinh` and `DanhMucPhuongXa`, a WSDL, faults, and answers as a DataSet of .NET: a schema, then
a diffgram with `TABLE` rows. Of a list it serves what has a code on the day asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web
from lxml import etree

from adapters.codelists.nso import DIFFGRAM, ENVELOPE, NAMESPACE
from contracts.codelists import CodeList, CodeRow, read_code_list

PATH: Final = "/DMDVHC.asmx"
_OPERATIONS: Final = ("DanhMucTinh", "DanhMucPhuongXa")
_XML: Final = "text/xml"


class Faulty(Exception):
    """What is answered as a SOAP fault."""


def nso_app(codes: CodeList) -> web.Application:
    """The service over a list whose attributes are those of the model city's wards."""

    async def answer(request: web.Request) -> web.Response:
        try:
            text = _answer(codes, await request.read())
        except Faulty as fault:
            return web.Response(text=_fault(str(fault)), status=500, content_type=_XML)
        return web.Response(text=text, content_type=_XML)

    async def describe(request: web.Request) -> web.Response:
        if "wsdl" not in {name.lower() for name in request.query}:
            return web.Response(text="DMDVHC", content_type="text/html")
        return web.Response(text=_wsdl(str(request.url.with_query(None))), content_type=_XML)

    app = web.Application(client_max_size=65_536)
    app.router.add_post(PATH, answer)
    app.router.add_get(PATH, describe)
    return app


def _answer(codes: CodeList, body: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Faulty(f"Server did not recognize the request: {error}") from None
    for operation in _OPERATIONS:
        asked = root.find(f".//{{{NAMESPACE}}}{operation}")
        if asked is not None:
            given = {etree.QName(each).localname: each.text or "" for each in asked}
            return _result(operation, _rows(codes, operation, given))
    raise Faulty("Server did not recognize the value of HTTP Header SOAPAction")


def _rows(codes: CodeList, operation: str, given: Mapping[str, str]) -> list[Mapping[str, str]]:
    on = _day(given.get("DenNgay", ""))
    rows = [row for row in codes.rows_on(on) if row.code is not None]
    if operation == "DanhMucTinh":
        provinces = {row.attributes["province"]: row.attributes["province_name"] for row in rows}
        return [{"MaTinh": code, "TenTinh": name, "LoaiHinh": _kind(name)} for code, name in sorted(provinces.items())]
    wanted = given.get("Tinh", "")
    return [_ward(row) for row in rows if wanted in {"", row.attributes["province"]}]


def _ward(row: CodeRow) -> dict[str, str]:
    of = row.attributes
    return {
        "MaTinh": of["province"],
        "TenTinh": of["province_name"],
        "MaQuanHuyen": of["district"],
        "TenQuanHuyen": of["district_name"],
        "MaPhuongXa": row.code or "",
        "TenPhuongXa": row.name,
        "LoaiHinh": _kind(row.name),
    }


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day, without a time
    except ValueError:
        raise Faulty("System.FormatException: String was not recognized as a valid DateTime.") from None


def _kind(name: str) -> str:
    two = " ".join(name.split()[:2])
    return two if two.casefold() in {"thành phố", "thị trấn", "đặc khu", "thị xã"} else name.split(maxsplit=1)[0]


def _result(operation: str, rows: list[Mapping[str, str]]) -> str:
    table = "".join(_table(index, row) for index, row in enumerate(rows))
    # Where a DataSet is empty, .NET leaves the diffgram without content.
    data = f'<DocumentElement xmlns="">{table}</DocumentElement>' if rows else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>'
        f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{_SCHEMA}'
        f'<diffgr:diffgram xmlns:diffgr="{DIFFGRAM}" xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">{data}'
        f"</diffgr:diffgram></{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
    )


_SCHEMA: Final = (
    '<xs:schema id="NewDataSet" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    '<xs:element name="TABLE"><xs:complexType><xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded"/>'
    "</xs:sequence></xs:complexType></xs:element></xs:schema>"
)


def _table(index: int, row: Mapping[str, str]) -> str:
    cells = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
    return f'<TABLE diffgr:id="TABLE{index + 1}" msdata:rowOrder="{index}">{cells}</TABLE>'


def _fault(text: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body><soap:Fault>'
        f"<faultcode>soap:Server</faultcode><faultstring>{escape(text)}</faultstring><detail/>"
        "</soap:Fault></soap:Body></soap:Envelope>"
    )


def _wsdl(url: str) -> str:
    return "".join(_wsdl_parts(url))


def _wsdl_parts(url: str) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="utf-8"?><wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}"><wsdl:types>'
        f'<s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">'
    )
    any_of = '<s:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/>'
    for name in _OPERATIONS:
        text = '<s:element minOccurs="0" maxOccurs="1" name="{}" type="s:string"/>'
        more = ("Tinh", "TenTinh", "QuanHuyen", "TenQuanHuyen") if name == "DanhMucPhuongXa" else ()
        asked = "".join(text.format(each) for each in ("DenNgay", *more))
        yield f'<s:element name="{name}"><s:complexType><s:sequence>{asked}</s:sequence></s:complexType></s:element>'
        yield (
            f'<s:element name="{name}Response"><s:complexType><s:sequence><s:element minOccurs="0" name="{name}Result">'
            f"<s:complexType><s:sequence>{any_of}</s:sequence></s:complexType></s:element>"
            "</s:sequence></s:complexType></s:element>"
        )
    yield "</s:schema></wsdl:types>"
    for name in _OPERATIONS:
        for way, element in (("In", name), ("Out", f"{name}Response")):
            part = f'<wsdl:part name="parameters" element="tns:{element}"/>'
            yield f'<wsdl:message name="{name}Soap{way}">{part}</wsdl:message>'
    yield '<wsdl:portType name="DMDVHCSoap">'
    for name in _OPERATIONS:
        messages = f'<wsdl:input message="tns:{name}SoapIn"/><wsdl:output message="tns:{name}SoapOut"/>'
        yield f'<wsdl:operation name="{name}">{messages}</wsdl:operation>'
    yield '</wsdl:portType><wsdl:binding name="DMDVHCSoap" type="tns:DMDVHCSoap">'
    yield '<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
    body = '<soap:body use="literal"/>'
    for name in _OPERATIONS:
        yield (
            f'<wsdl:operation name="{name}"><soap:operation soapAction="{NAMESPACE}{name}" style="document"/>'
            f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation>"
        )
    yield (
        '</wsdl:binding><wsdl:service name="DMDVHC"><wsdl:port name="DMDVHCSoap" binding="tns:DMDVHCSoap">'
        f'<soap:address location="{escape(url)}"/></wsdl:port></wsdl:service></wsdl:definitions>'
    )


def main() -> None:
    """Serve a list on loopback, on the port named second or 9120."""
    if len(sys.argv) < 2:
        sys.exit("python -m deploy.local.nso codelists/wards.csv [PORT]")
    codes = read_code_list("wards", Path(sys.argv[1]).read_text("utf-8"))
    web.run_app(nso_app(codes), host="127.0.0.1", port=int(sys.argv[2]) if len(sys.argv) > 2 else 9120)


if __name__ == "__main__":
    main()
