"""What is published agrees with what is checked, and every reference in it leads somewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import deploy
from contracts.canonical import to_json
from contracts.catalogue import Contract, ContractVersion
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from contracts.outcome import Outcome, Pattern, State
from contracts.publish.json_schema import json_schema
from contracts.publish.openapi import openapi_document
from contracts.schema import Schema, parse_schema
from contracts.validation import Validator
from tests.contracts.avsc import DATE, PARTIAL_DATE, array, enum, field, fixed, logical, map_of, record, schema
from tests.contracts.generated import JSON, misfit_for, places, replaced, schemas, values
from tests.contracts.jsonschema import fits
from tests.contracts.reading import HANOI, NOW

CITY = Path(deploy.__file__).parent / "demo" / "workspace" / "contracts"
TREE = schema(field("name", "string"), field("parts", array("R"), default=[]))
many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def from_the_city(name: str, part: str) -> Schema:
    return parse_schema((CITY / name / "v1" / f"{part}.avsc").read_text("utf-8"))


def example(name: str, part: str) -> JsonValue:
    read: JsonValue = json.loads((CITY / name / "examples" / f"{part}.json").read_text("utf-8"))
    return read


def contract(name: str, pattern: Pattern, versions: dict[int, ContractVersion], **more: Any) -> Contract:
    return Contract(name, f"Tên của {name}", pattern, versions, **more)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Of a bus with a query, a submission of two versions, and one whose records contain themselves."""
    person = "population.person-lookup"
    lookup = ContractVersion(
        1,
        from_the_city(person, "request"),
        from_the_city(person, "reply"),
        example(person, "request"),
        example(person, "reply"),
    )
    transfer = "education.student-transfer"
    first = ContractVersion(1, schema(field("old", "int")), None, {"old": 1})
    second = ContractVersion(2, from_the_city(transfer, "request"), None, example(transfer, "request"))
    contracts = [
        contract(person, Pattern.QUERY, {1: lookup}, requires_end_user=True, requires_case_ref=True, max_bytes=4096),
        contract(transfer, Pattern.SUBMISSION, {1: first, 2: second}, max_bytes=16384),
        contract("places.tree", Pattern.QUERY, {1: ContractVersion(1, TREE, TREE)}),
    ]
    return openapi_document("thanh-pho-mau", "0.1.0", contracts)


def walk(value: Any, around: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value below, with all those around it, outermost first."""
    yield around, value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from walk(each, (*around, value))


class TestOpenApi:
    """The document at /openapi.json."""

    def test_it_is_json_of_the_right_version(self, document: dict[str, Any]) -> None:
        """With everything that OpenAPI 3.1 insists on."""
        assert orjson.loads(orjson.dumps(document)) == document
        assert document["openapi"].startswith("3.1.")
        assert document["info"]["title"]
        assert document["info"]["version"] == "0.1.0"

    def test_every_reference_leads_somewhere(self, document: dict[str, Any]) -> None:
        """Within the document, or within the schema that has an id of its own."""
        found = 0
        for around, value in walk(document):
            if isinstance(value, dict) and isinstance(value.get("$ref"), str):
                found += 1
                bases = [each for each in (*around, value) if isinstance(each, dict) and "$id" in each]
                self.resolve(bases[-1] if bases else document, value["$ref"])
        assert found > 20

    def resolve(self, base: Any, reference: str) -> None:
        assert reference.startswith("#/")
        for part in reference[2:].split("/"):
            base = base[part.replace("~1", "/").replace("~0", "~")]
        assert isinstance(base, dict)

    def test_every_operation_is_whole(self, document: dict[str, Any]) -> None:
        """An answer with a description, path parameters that are declared, ids that are unique, known security."""
        ids = []
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                assert method in {"get", "post", "put", "delete"}
                assert operation["summary"]
                assert operation["responses"]
                assert all(response["description"] for response in operation["responses"].values())
                declared = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
                assert declared == {part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")}
                for requirement in operation.get("security", ()):
                    assert requirement.keys() <= document["components"]["securitySchemes"].keys()
                ids += [operation["operationId"]] if "operationId" in operation else []
        assert len(ids) == len(set(ids)) == 4

    def test_an_event_has_an_inbox_for_each_version(self) -> None:
        """With the schema of what is published, and the parameters of a pull."""
        first, second = schema(field("old", "int")), schema(field("station", "string"))
        versions = {1: ContractVersion(1, first, None), 2: ContractVersion(2, second, None)}
        paths = openapi_document("bus", "1", [contract("air.reading", Pattern.EVENT, versions)])["paths"]
        assert [path for path in paths if path.startswith("/inbox/")] == ["/inbox/air.reading@1", "/inbox/air.reading"]
        pulled = paths["/inbox/air.reading"]["get"]
        page = pulled["responses"]["200"]["content"]["application/json"]["schema"]
        assert list(page["properties"]["events"]["items"]["properties"]["data"]["properties"]) == ["station"]
        assert [each["name"] for each in pulled["parameters"]] == ["cursor", "from", "limit", "wait"]
        assert {"400", "403", "410", "503"} <= pulled["responses"].keys()

    def test_each_version_has_a_path_the_newest_the_plain_one(self, document: dict[str, Any]) -> None:
        """With its own schema, example and size limit."""
        plain = document["paths"]["/exchange/education.student-transfer"]["post"]
        older = document["paths"]["/exchange/education.student-transfer@1"]["post"]
        assert "/exchange/education.student-transfer@2" not in document["paths"]
        assert (
            plain["requestBody"]["content"]["application/json"]["schema"]["title"]
            == "vn.danang.education.StudentTransfer"
        )
        assert list(older["requestBody"]["content"]["application/json"]["schema"]["properties"]) == ["old"]
        assert plain["x-max-bytes"] == 16384
        assert "16384" in plain["description"]

    def test_the_examples_fit_their_schemas(self, document: dict[str, Any]) -> None:
        """Of requests and of whole answers."""
        shown = 0
        for _, media in walk(document):
            if isinstance(media, dict) and "schema" in media and "example" in media:
                shown += 1
                assert fits(media["schema"], media["example"])
        assert shown == 4

    def test_a_coded_field_says_which_list_and_which_date(self, document: dict[str, Any]) -> None:
        """An integrator needs both."""
        body = document["paths"]["/exchange/education.student-transfer"]["post"]["requestBody"]
        ward = body["content"]["application/json"]["schema"]["properties"]["home_ward"]
        assert (ward["x-codelist"], ward["x-codelist-on"]) == ("wards", "/home_ward_on")

    def test_required_headers_are_required_for_the_contract_that_says_so(self, document: dict[str, Any]) -> None:
        """Officer and dossier."""
        required = {
            path: sorted(each["name"] for each in methods["post"]["parameters"] if each["required"])
            for path, methods in document["paths"].items()
            if path.startswith("/exchange/")
        }
        assert required["/exchange/population.person-lookup"] == ["Case-Ref", "End-User"]
        assert required["/exchange/education.student-transfer"] == []

    def test_the_outcomes_of_each_pattern_are_told_apart(self, document: dict[str, Any]) -> None:
        """A query has data, none, or may not say; what is refused or failed is a problem, with its own status."""
        answers = document["paths"]["/exchange/population.person-lookup"]["post"]["responses"]
        good = answers["200"]["content"]["application/json"]["schema"]
        assert good["properties"]["outcome"]["enum"] == ["data", "no_data", "withheld"]
        assert {"422", "502", "503", "504"} <= answers.keys()
        problem = document["components"]["schemas"]["Problem"]["properties"]
        assert problem["outcome"]["enum"] == list(Outcome)
        assert document["components"]["schemas"]["Receipt"]["properties"]["state"]["enum"] == list(State)

    def test_it_is_the_same_whatever_the_order_of_the_contracts(self) -> None:
        """So a change of it is a change of the surface."""
        two = [contract(name, Pattern.QUERY, {1: ContractVersion(1, TREE, TREE)}) for name in ("b", "a")]
        assert orjson.dumps(openapi_document("x", "1", two)) == orjson.dumps(openapi_document("x", "1", two[::-1]))


class TestJsonSchema:
    """The schema of a record's JSON, against the validator that decides."""

    @many
    @given(st.data())
    def test_what_is_taken_fits(self, data: st.DataObject) -> None:
        """As it is sent, and as it comes out."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        assert fits(json_schema(of), sent)
        assert fits(json_schema(of), to_json(of, Validator(of, HANOI, {}).from_value(sent, now=NOW).record, HANOI))

    @many
    @given(st.data())
    def test_what_does_not_fit_is_refused(self, data: st.DataObject) -> None:
        """Any JSON, and good records with one wrong place."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        parts, there = data.draw(st.sampled_from(list(places(of.root, sent)) or [((), of.root)]))
        for wrong in (
            data.draw(JSON),
            replaced(sent, parts, misfit_for(there)),
            replaced(sent, parts, data.draw(JSON)),
        ):
            if not fits(json_schema(of), wrong):
                with pytest.raises(Rejected):
                    Validator(of, HANOI, {}).from_value(wrong, now=NOW)

    @pytest.mark.parametrize(
        ("of", "good", "bad"),
        [
            (logical("bytes", "decimal", precision=4, scale=2), ["0", "-0.5", "12.34"], ["123", "1.234", "01", "1e3", 1.5, ".5"]),
            (logical("bytes", "decimal", precision=2, scale=2), ["0.12", "0"], ["1", "0.123"]),
            (DATE, ["2025-07-01"], ["2025-7-1", "2025-13-01", 20270]),
            (PARTIAL_DATE, ["2014", "2014-05", "2014-05-12"], ["05/2014", "2014-13"]),
            (logical("long", "timestamp-millis"), ["2025-07-01T00:00:00Z", "2025-07-01T00:00:00.1000+07:00"], ["2025-07-01T00:00:00", "2025-07-01 00:00:00Z", "2025-07-01T00:00:00.1234Z"]),
            (logical("int", "time-millis"), ["08:00:00", "08:00:00.5"], ["08:00", "24:00:00"]),
            (fixed("F", 2), ["AAA="], ["AA==", "AAAA", "A"]),
            (enum("E", "A", "B"), ["A"], ["C", None]),
            (["null", enum("E", "A", "B")], ["A", None], ["C"]),
            ("long", [2**53 - 1], [2**53, "1", 1.5]),
            (["null", "long"], [None, 1], [2**53, "1"]),
            (map_of("int"), [{"a": 1}], [{"a": "x"}, []]),
            (["null", record("Q", field("q", "int"))], [None, {"q": 1}], [{}, {"q": 1, "r": 1}]),
        ],
        ids=str,
    )  # fmt: skip
    def test_a_schema_says_what_the_validator_does(
        self, of: JsonValue, good: list[JsonValue], bad: list[JsonValue]
    ) -> None:
        """Both take, or both refuse."""
        parsed = schema(field("v", of))
        for sent in good:
            assert fits(json_schema(parsed), {"v": sent})
            Validator(parsed, HANOI, {}).from_value({"v": sent}, now=NOW)
        for sent in bad:
            assert not fits(json_schema(parsed), {"v": sent})
            with pytest.raises(Rejected):
                Validator(parsed, HANOI, {}).from_value({"v": sent}, now=NOW)

    def test_a_record_that_contains_itself_refers_to_itself(self) -> None:
        """By an id of its own, wherever the schema is put."""
        shown = json_schema(TREE)
        assert fits(shown, {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]})
        assert not fits(shown, {"name": "a", "parts": [{"name": "b", "parts": [{"name": 3}]}]})
        assert str(shown["$id"]).startswith("urn:sha256:")

    def test_defaults_are_shown_in_json(self) -> None:
        """Not as Avro stores them."""
        of = schema(
            field("day", DATE, default=20270),
            field("raw", "bytes", default="\u00ff"),
            field("n", ["null", "int"], default=None),
        )
        properties: Any = json_schema(of)["properties"]
        assert [properties[name]["default"] for name in ("day", "raw", "n")] == ["2025-07-01", "/w==", None]
        assert "required" not in json_schema(of)
