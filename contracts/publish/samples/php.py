"""The sample in PHP, with nothing but the language."""

from __future__ import annotations

import json
from typing import Final

from contracts.publish.samples.calls import Call

_TEXT: Final = """\
<?php
const BUS = {bus};

function call(string $path, array $http): array
{{
    $context = stream_context_create(['http' => $http + ['ignore_errors' => true, 'timeout' => 90]]);
    $stream = fopen(BUS . $path, 'r', false, $context);
    if ($stream === false) {{
        exit(1);
    }}
    $answer = stream_get_contents($stream);
    if (!preg_match('/ 2\\d\\d/', stream_get_meta_data($stream)['wrapper_data'][0])) {{
        fwrite(STDERR, $answer . PHP_EOL);
        exit(1);
    }}
    return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
}}

$login = http_build_query([
    'grant_type' => 'client_credentials',
    'client_id' => getenv('LIENTHONG_CLIENT_ID'),
    'client_secret' => getenv('LIENTHONG_CLIENT_SECRET'),
]);
$token = call('/oauth2/token', [
    'method' => 'POST',
    'header' => ['Content-Type: application/x-www-form-urlencoded'],
    'content' => $login,
])['access_token'];
{body}
echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT), PHP_EOL;
"""
_PULL: Final = """
$answer = call({path}, ['header' => ['Authorization: Bearer ' . $token]]);"""
_SEND: Final = """
$record = <<<'JSON'
{record}
JSON;
$answer = call({path}, [
    'method' => 'POST',
    'header' => [
        'Authorization: Bearer ' . $token,
        'Content-Type: application/json',
{headers}    ],
    'content' => $record,
]);"""


def php(call: Call) -> str:
    """A script for PHP 7.4 and later."""
    if call.is_pull:
        body = _PULL.format(path=_text(call.path))
    else:
        headers = [f"        {_text(f'{name}: {value}')},\n" for name, value in call.headers]
        if call.is_once:
            headers.append("        'Idempotency-Key: ' . bin2hex(random_bytes(16)),\n")
        record = json.dumps(call.record, ensure_ascii=False, indent=2)
        body = _SEND.format(path=_text(call.path), record=record, headers="".join(headers))
    return _TEXT.format(bus=_text(call.base), body=body)


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
