"""The first files of a workspace, a contract, an adapter and a grant.

What they hold passes `lienthong check` and `lienthong test` as it is.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import yaml

from adapters.mapping.compile import compile_mapping
from adapters.mapping.context import MappingContext
from adapters.mapping.language import MapSpec
from adapters.systems.rest.addresses import is_private_host
from adapters.workspace.schemas import schema_line
from adapters.workspace.shipped_laws import FILE, shipped
from adapters.workspace.snapshot import Workspace
from contracts.avro_types import FieldType, is_nullable
from contracts.canonical import to_json
from contracts.catalogue import Contract
from contracts.inference import avro_name, in_avro_names, infer_schema, type_name
from contracts.json_types import JsonObject, JsonValue
from contracts.outcome import SENT_IN, Pattern
from contracts.said import N_
from contracts.schema import Schema
from contracts.speech import Speech
from contracts.validation import Validator

Scaffold = Mapping[str, str]
"""Texts of new files by their path in the workspace."""

_SAMPLES: Final[Mapping[Pattern, JsonObject]] = {
    Pattern.QUERY: {"id": "000000000001"},
    Pattern.SUBMISSION: {"id": "000000000001", "text": "abc", "sent_on": "2025-07-01"},
    Pattern.EVENT: {"id": "000000000001", "at": "2025-07-01T08:00:00+07:00", "value": 1.5},
}
_SEVERAL: Final = N_("One process keeps its log in a file. For several, or several machines: kafka://host:9092")
_PRIVATE: Final = N_("Secrets and the bus’s own data never go into git.")
_WORDS: Final = N_("In the words of the request, and the decision that allows it.")
_TRIAL: Final = N_("Trial")
_NO_BASIS: Final = N_("(none yet, for a trial only)")
_VIEW: Final = N_("What comes through: all, or a list like [/id, /name]. Take away what the purpose does not need.")
_SENT: Final = N_("On the left, how the system calls it; on the right, the field of the contract.")
_LONG: Final = 90
_REPLY: Final[JsonObject] = {"id": "000000000001", "name": "Nguyễn", "born": "2014-05"}
_TITLES: Final = {Pattern.QUERY: N_("Look up"), Pattern.SUBMISSION: N_("Send"), Pattern.EVENT: N_("News of")}


@dataclass(frozen=True, slots=True)
class AdapterWish:
    """What an adapter is to be. `codes` are those that it answers for as of `since`, where its contract is routed by
    a code list."""

    system: str
    kind: str
    contract: Contract
    url: str
    since: date
    codes: tuple[str, ...] = ()


def new_workspace(name: str, agency: str, agency_name: str, port: int, here: Speech) -> Scaffold:
    """A workspace with one agency and nothing else."""
    return {
        "bus.yaml": schema_line("bus")
        + textwrap.dedent(
            f"""\
            name: {name}
            # {here.gettext(_SEVERAL)}
            transport: "sqlite:.data/log.db"
            ledger: "sqlite:.data/ledger.db"
            token_key: "file:secrets/token.pem"
            languages: [vi, en]
            time_zone: Asia/Ho_Chi_Minh
            http: {{host: 127.0.0.1, port: {port}}}
            """
        ),
        "agencies/agencies.yaml": schema_line("agencies")
        + f"agencies:\n  - code: {agency}\n    name: {_text(agency_name)}\n    kind: state\n",
        ".gitignore": f"# {here.gettext(_PRIVATE)}\n/secrets/\n/.data/\n",
        FILE: shipped(),
        **{f"{folder}/.gitkeep": "" for folder in ("contracts", "systems", "grants", "codelists")},
    }


def new_contract(
    name: str, pattern: Pattern, here: Speech, samples: list[JsonValue] | None, replies: list[JsonValue] | None
) -> Scaffold:
    """A contract, its schemas drawn from `samples` and `replies` where there are some. CannotInfer."""
    folder, kind = f"contracts/{name}", type_name(name)
    namespace = ".".join(["vn", "lienthong", *map(avro_name, name.split(".")[:-1])])
    sent = samples or [_SAMPLES[pattern]]
    title = f"{here.gettext(_TITLES[pattern])} {name}"
    what_for = here.gettext("Say here what it is for, and what a field means that its name does not tell.")
    files = {
        f"{folder}/contract.yaml": schema_line("contract")
        + f"title: {title}\n# {what_for}\ndescription: {title}\npattern: {pattern}\n"
        + ("deadline_s: 10\n" if pattern is Pattern.QUERY else ""),
        f"{folder}/v1/{SENT_IN[pattern]}.avsc": _avsc(infer_schema(kind, namespace, sent)),
        f"{folder}/examples/request.json": _json(in_avro_names(sent[0])),
    }
    if pattern is Pattern.QUERY:
        found = replies or [_REPLY]
        files[f"{folder}/v1/reply.avsc"] = _avsc(infer_schema(f"{kind}Reply", namespace, found))
        files[f"{folder}/examples/reply.json"] = _json(in_avro_names(found[0]))
    return files


def new_adapter(workspace: Workspace, wish: AdapterWish, here: Speech) -> Scaffold:
    """An adapter for one service, with an example that `lienthong test` tries."""
    parts = [schema_line("system"), f"kind: {wish.kind}\n", *_connection(wish, here), "services:\n"]
    service = [f"- contract: {wish.contract.name}\n", *_idempotent(wish, here), *_area(wish), _operation(wish)]
    service += _mappings(workspace, wish, here)
    files = {f"systems/{wish.system}.yaml": "".join(parts) + textwrap.indent("".join(service), "  ")}
    if wish.kind == "python":
        files[_plugin_file(wish.system)] = _plugin(wish, here)
    return files


def new_publisher(system: str, contract: str) -> Scaffold:
    """A system that publishes the events of one contract."""
    return {f"systems/{system}.yaml": f"{schema_line('system')}publishes: [{contract}]\n"}


def new_grant(name: str, system: str, contract: str, providers: list[str], since: date, here: Speech) -> Scaffold:
    """A grant that lets everything through: to be narrowed by who knows the purpose."""
    text = f"""\
grants:
  - id: {name}
    system: {system}
    contract: {contract}
    providers: [{", ".join(providers)}]
    # {here.gettext(_WORDS)}
    purpose: {here.gettext(_TRIAL)}
    legal_basis: {here.gettext(_NO_BASIS)}
    from: {since}
    # {here.gettext(_VIEW)}
    view: all
"""
    return {f"grants/{name}.yaml": schema_line("grants") + text}


def webhook_secret(random: bytes) -> str:
    """A secret that signs what is pushed."""
    return "whsec_" + base64.b64encode(random).decode() + "\n"


def system_entry(system: str, name: str, secret: str | None) -> str:
    """A system for an agency's list; `secret` is where the hash of its client secret lies."""
    credentials = "" if secret is None else f', credentials: [{{client_id: {system}, secret: "file:{secret}"}}]'
    return f"{{id: {system}, name: {_text(name)}{credentials}}}"


def secret_file(system: str) -> str:
    """Where the hash of a system's client secret lies."""
    return f"secrets/{system}.hash"


def webhook_file(system: str) -> str:
    """Where the secret lies that signs what the system is pushed."""
    return f"secrets/{system}.webhook"


def _plugin_file(system: str) -> str:
    return f"plugins/{avro_name(system).lower()}.py"


def _connection(wish: AdapterWish, here: Speech) -> list[str]:
    if wish.kind == "python":
        return [
            f"connection:\n  file: {_plugin_file(wish.system)}\n  class: {type_name(wish.system)}\n  timeout_s: 10\n"
        ]
    host = wish.url.partition("//")[2].partition("/")[0].rpartition(":")[0] or wish.url.partition("//")[2]
    lines = [f"connection:\n  url: {wish.url}\n"]
    if is_private_host(host.strip("[]")):
        why = here.gettext("it is on this machine, or in this network")
        lines.append(f"  allow_private: true      # {why}\n")
    lines.append("  timeout_s: 10\n")
    if wish.kind == "webhook":
        lines.append(f'  secrets: ["file:{webhook_file(wish.system)}"]\n')
    return lines


def _idempotent(wish: AdapterWish, here: Speech) -> list[str]:
    if wish.contract.pattern is Pattern.QUERY:
        return ["  idempotent: true\n"]
    when = here.gettext("true only where the system remembers the exchange id: being called twice then does no harm.")
    return [f"  # {when}\n", "  idempotent: false\n"]


def _area(wish: AdapterWish) -> list[str]:
    if wish.contract.route is None:
        return []
    codes = ", ".join(f'"{each}"' for each in wish.codes)
    return [f"  area: {{codelist: {wish.contract.route.codelist}, as_of: {wish.since}, codes: [{codes}]}}\n"]


def _operation(wish: AdapterWish) -> str:
    if wish.kind == "python":
        return "  operation: {}\n"
    path = f"/{wish.contract.name.rpartition('.')[2]}"
    return (
        f"  operation: {{path: {path}}}\n"
        if wish.kind == "webhook"
        else f"  operation: {{method: POST, path: {path}}}\n"
    )


def _mappings(workspace: Workspace, wish: AdapterWish, here: Speech) -> list[str]:
    """What the system is sent and answers, field by field, and an example of each."""
    version = wish.contract.versions[wish.contract.latest]
    lines = [f"  # {here.gettext(_SENT)}\n"]
    lines.append(f"  request:\n    map:\n{_fields(version.request, sent=True)}")
    examples = ""
    if version.request_example is not None:
        body = _sent(workspace, version.request, version.request_example)
        examples += _example(here.gettext("what the system is sent"), request=version.request_example, body=body)
    if version.reply is not None:
        note = here.gettext("On the left, the field of the contract; on the right, how the system calls it.")
        lines.append(f"  # {note}\n")
        lines.append(f"  reply:\n    map:\n{_fields(version.reply, sent=False)}")
        if version.reply_example is not None:
            answer = version.reply_example
            examples += _example(here.gettext("what its answer means"), reply=answer, record=answer)
    return [*lines, "  examples:\n", examples] if examples else lines


def _fields(schema: Schema, *, sent: bool) -> str:
    return "".join(f"      {field.name}: {_source(field, sent=sent)}\n" for field in schema.root.fields)


def _source(field: FieldType, *, sent: bool) -> str:
    if field.has_default or (sent and is_nullable(field.type)):
        return f"{{from: /{field.name}, optional: true}}"
    return f"/{field.name}"


def _example(name: str, **parts: JsonValue) -> str:
    """As JSON, in which every text is in quotes: nothing of it is taken for a number or a date."""
    lines = [f"    - name: {name}\n"]
    for key, value in parts.items():
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > _LONG:
            text = "\n" + textwrap.indent(json.dumps(value, ensure_ascii=False, indent=2), " " * 8)
        lines.append(f"      {key}: {text}\n".replace(": \n", ":\n"))
    return "".join(lines)


def _sent(workspace: Workspace, schema: Schema, example: JsonValue) -> JsonValue:
    """What the mapping of `_fields` makes of an example."""
    zone, now = workspace.bus.time_zone, datetime.now(UTC)
    validator = Validator(schema, zone, workspace.codelists)
    record = to_json(schema, validator.from_value(example, now=now).record, zone)
    fields = {field.name: yaml.safe_load(_source(field, sent=True)) for field in schema.root.fields}
    context = MappingContext("", "", "", "", "", "", now, zone, workspace.codelists)
    return compile_mapping(MapSpec.model_validate({"map": fields}))(record, context)


def _plugin(wish: AdapterWish, here: Speech) -> str:
    version = wish.contract.versions[wish.contract.latest]
    answer = "Answer({})" if version.reply is None else f"Answer({version.reply_example!r})"
    what = here.gettext("say here what system it is, and how it is spoken to.")
    kind = here.gettext("Answers by itself until somebody writes here how the system is called.")
    call = here.gettext(
        "`call.body` is what the mapping made. Raise Transient, Rejected … of contracts.errors where it is due."
    )
    return f'''"""{wish.system}: {what}"""

from adapters.systems.plugin import Answer, Call, Plugin


class {type_name(wish.system)}(Plugin):
    """{kind}"""

    async def call(self, call: Call) -> Answer:
        """{call}"""
        return {answer}
'''


def _avsc(schema: JsonObject) -> str:
    """A schema with one field a line, as people write it."""
    fields = schema["fields"]
    assert isinstance(fields, list)  # noqa: S101 - it is a record
    head = {key: value for key, value in schema.items() if key != "fields"}
    lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in fields)
    return json.dumps(head, indent=2)[:-2] + f',\n  "fields": [\n{lines}\n  ]\n}}\n'


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _text(value: str) -> str:
    """A text as YAML takes it, in quotes."""
    return json.dumps(value, ensure_ascii=False)
