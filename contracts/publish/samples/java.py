"""The sample in Java: one file, its own HTTP client."""

from __future__ import annotations

import json
from typing import Final

from contracts.publish.samples.calls import Call

_TEXT: Final = """\
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
{imports}
public class Example {{
    static final String BUS = {bus};
    static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static HttpRequest.Builder to(String path) {{
        return HttpRequest.newBuilder(URI.create(BUS + path)).timeout(Duration.ofSeconds(90));
    }}

    static String call(HttpRequest request) throws Exception {{
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {{
            System.err.println(answer.body());
            System.exit(1);
        }}
        return answer.body();
    }}

    static String encoded(String name) {{
        return URLEncoder.encode(System.getenv(name), StandardCharsets.UTF_8);
    }}

    public static void main(String[] args) throws Exception {{
        String login = "grant_type=client_credentials"
                + "&client_id=" + encoded("LIENTHONG_CLIENT_ID")
                + "&client_secret=" + encoded("LIENTHONG_CLIENT_SECRET");
        String told = call(to("/oauth2/token")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(login))
                .build());
        String token = told.replaceAll("(?s).*\\"access_token\\"\\\\s*:\\\\s*\\"([^\\"]+)\\".*", "$1");
{body}
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(answer);
    }}
}}
"""
_PULL: Final = """
        String answer = call(to({path})
                .header("Authorization", "Bearer " + token)
                .build());"""
_SEND: Final = '''
        String record = """
{record}
                """;
        String answer = call(to({path})
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
{headers}                .POST(HttpRequest.BodyPublishers.ofString(record))
                .build());'''
_INDENT: Final = " " * 16


def java(call: Call) -> str:
    """A file for `java Example.java`, of Java 17 and later."""
    if call.is_pull:
        body = _PULL.format(path=_text(call.path))
    else:
        headers = [f"{_INDENT}.header({_text(name)}, {_text(value)})\n" for name, value in call.headers]
        if call.is_once:
            headers.append(f'{_INDENT}.header("Idempotency-Key", UUID.randomUUID().toString())\n')
        body = _SEND.format(path=_text(call.path), record=_block(call), headers="".join(headers))
    imports = "import java.util.UUID;\n" if call.is_once else ""
    return _TEXT.format(imports=imports, bus=_text(call.base), body=body)


def _block(call: Call) -> str:
    """The record in a text block, where backslashes and three quotes mean something else."""
    text = json.dumps(call.record, ensure_ascii=False, indent=2).replace("\\", "\\\\").replace('"""', '\\"""')
    return "\n".join(_INDENT + line for line in text.splitlines())


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
