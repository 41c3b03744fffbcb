"""The sample in JavaScript, for Node and its own `fetch`."""

from __future__ import annotations

import json
from typing import Final

from contracts.publish.samples.calls import Call

_TEXT: Final = """\
const BUS = {bus};

async function call(path, options) {{
  const answer = await fetch(BUS + path, options);
  const text = await answer.text();
  if (!answer.ok) {{
    console.error(text);
    process.exit(1);
  }}
  return JSON.parse(text);
}}

const login = new URLSearchParams({{
  grant_type: "client_credentials",
  client_id: process.env.LIENTHONG_CLIENT_ID,
  client_secret: process.env.LIENTHONG_CLIENT_SECRET,
}});
const {{ access_token: token }} = await call("/oauth2/token", {{ method: "POST", body: login }});
{body}
console.log(JSON.stringify(answer, null, 2));
"""
_PULL: Final = """
const answer = await call({path}, {{ headers: {{ Authorization: `Bearer ${{token}}` }} }});"""
_SEND: Final = """
const record = {record};
const answer = await call({path}, {{
  method: "POST",
  headers: {{
    Authorization: `Bearer ${{token}}`,
    "Content-Type": "application/json",
{headers}  }},
  body: JSON.stringify(record),
}});"""


def javascript(call: Call) -> str:
    """A module (.mjs) for Node 18 and later."""
    if call.is_pull:
        body = _PULL.format(path=json.dumps(call.path))
    else:
        headers = [f"    {json.dumps(name)}: {_text(value)},\n" for name, value in call.headers]
        if call.is_once:
            headers.append('    "Idempotency-Key": crypto.randomUUID(),\n')
        record = json.dumps(call.record, ensure_ascii=False, indent=2)
        body = _SEND.format(path=json.dumps(call.path), record=record, headers="".join(headers))
    return _TEXT.format(bus=_text(call.base), body=body)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
