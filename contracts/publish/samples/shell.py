"""The sample for a shell, with curl."""

from __future__ import annotations

import json

from contracts.publish.samples.calls import Call


def shell(call: Call) -> str:
    """A script for sh."""
    lines = [
        f"BUS={_quoted(call.base)}",
        'TOKEN=$(curl -sS --fail-with-body "$BUS/oauth2/token" \\',
        '  --user "$LIENTHONG_CLIENT_ID:$LIENTHONG_CLIENT_SECRET" \\',
        "  --data grant_type=client_credentials |",
        '  sed -E \'s/.*"access_token": ?"([^"]+)".*/\\1/\')',
        "",
        f'curl -sS --fail-with-body "$BUS"{_quoted(call.path)} \\',
    ]
    headers = [_quoted(f"{name}: {value}") for name, value in call.headers]
    if call.is_once:
        headers.append('"Idempotency-Key: $(date +%s)-$$"')
    if call.is_pull:
        return "\n".join([*lines, '  -H "Authorization: Bearer $TOKEN"']) + "\n"
    lines += ['  -H "Authorization: Bearer $TOKEN" \\', "  -H 'Content-Type: application/json' \\"]
    lines += [f"  -H {header} \\" for header in headers]
    body = json.dumps(call.record, ensure_ascii=False, indent=2)
    return "\n".join([*lines, "  --data-binary @- <<'JSON'", body, "JSON"]) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
