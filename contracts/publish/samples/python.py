"""The sample in Python: its standard library alone."""

from __future__ import annotations

import json
from pprint import pformat
from typing import Final

from contracts.publish.samples.calls import Call

_TEXT: Final = """\
import json
import os
import urllib.error
import urllib.parse
import urllib.request
{imports}
BUS = {bus}


def call(path, data, headers):
    request = urllib.request.Request(BUS + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise SystemExit(refused.read().decode())


login = urllib.parse.urlencode({{
    "grant_type": "client_credentials",
    "client_id": os.environ["LIENTHONG_CLIENT_ID"],
    "client_secret": os.environ["LIENTHONG_CLIENT_SECRET"],
}})
token = call("/oauth2/token", login.encode(), {{}})["access_token"]
{body}
print(json.dumps(answer, ensure_ascii=False, indent=2))
"""
_PULL: Final = """
answer = call({path}, None, {{"Authorization": "Bearer " + token}})"""
_SEND: Final = """
record = {record}
answer = call({path}, json.dumps(record).encode(), {{
    "Authorization": "Bearer " + token,
    "Content-Type": "application/json",
{headers}}})"""


def python(call: Call) -> str:
    """A program for Python 3.8 and later."""
    if call.is_pull:
        body = _PULL.format(path=_text(call.path))
    else:
        headers = [f"    {_text(name)}: {_text(value)},\n" for name, value in call.headers]
        if call.is_once:
            headers.append('    "Idempotency-Key": str(uuid.uuid4()),\n')
        record = pformat(call.record, width=100, sort_dicts=False)
        body = _SEND.format(path=_text(call.path), record=record, headers="".join(headers))
    return _TEXT.format(imports="import uuid\n" if call.is_once else "", bus=_text(call.base), body=body)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
