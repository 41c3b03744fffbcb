"""What every page and every form is protected by."""

from __future__ import annotations

import re

import pytest

from tests.flows.support import GOOD, NOTE, RunningBus
from tests.gateway.console.support import Visitor, dead_letter, text_of

PAGES = ("/console/exchanges", "/console/dead", "/console/in-doubt", "/console/exchanges/none", "/console/nowhere")


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_anything_inline_and_none_is_kept_by_a_cache(operator: Visitor, path: str) -> None:
    page = await operator.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page.text)


async def test_a_page_with_all_its_files_weighs_less_than_150_kilobytes(peopled: RunningBus, operator: Visitor) -> None:
    for _ in range(60):
        await peopled.send(NOTE, GOOD, to="memo")
    exchange = (await peopled.send(NOTE, GOOD, to="memo", prefer="wait=10")).json()["id"]
    for path in ("/console/exchanges", f"/console/exchanges/{exchange}"):
        page = await operator.get(path)
        files = re.findall(r'"(/console/static/[^"]+)"', page.text)
        assert len(files) == 4
        sizes = [len((await operator.get(file)).content) for file in files]
        assert len(page.content) + sum(sizes) < 150_000


async def test_files_are_named_for_their_content_and_kept_for_ever(operator: Visitor) -> None:
    address = re.findall(r'"(/console/static/[^"]+\.css)"', (await operator.get("/console/exchanges")).text)[0]
    file = await operator.get(address)
    assert "immutable" in file.headers["cache-control"]
    other = re.sub(r"/static/\w+/", "/static/0000000000000000/", address)
    assert (await operator.get(other)).status_code == 404


async def test_a_form_of_another_site_or_without_its_token_changes_nothing(
    peopled: RunningBus, operator: Visitor
) -> None:
    exchange = await dead_letter(peopled)
    form = {"id": exchange, "do": "drop", "reason": "gửi nhầm"}
    token = await operator.form_token()
    stranger = {"origin": "https://evil.example"}
    for sent, headers in (
        ({**form, "form_token": token}, stranger),
        ({**form, "form_token": token}, {}),
        ({**form, "form_token": token}, {"origin": "null"}),
        ({**form, "form_token": "0" * 64}, {"origin": operator.origin}),
        (form, {"origin": operator.origin}),
    ):
        answer = await operator.client.post("/console/dead/act", data=sent, headers=headers)
        assert answer.status_code == 403
        assert "Biểu mẫu không hợp lệ" in text_of(answer)
    assert [each["id"] for each in (await peopled.operate("GET", "dead")).json()["dead"]] == [exchange]


async def test_the_token_of_one_session_is_not_good_in_another(peopled: RunningBus, operator: Visitor) -> None:
    other = Visitor.at(peopled)
    await other.sign_in()
    form = {"form_token": await other.form_token(), "id": "x", "do": "drop", "reason": "r"}
    answer = await operator.client.post("/console/dead/act", data=form, headers={"origin": operator.origin})
    assert answer.status_code == 403


async def test_signing_in_from_another_site_is_refused(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled)
    assert (await visitor.sign_in(origin="https://evil.example")).status_code == 403


async def test_what_goes_wrong_is_a_page_in_the_visitors_language(operator: Visitor) -> None:
    absent = await operator.get("/console/exchanges/khong-co")
    assert absent.status_code == 404
    assert absent.headers["content-type"].startswith("text/html")
    forms = await operator.client.post(
        "/console/preferences", data={"language": "en", "next": "/console/dead"}, headers={"origin": operator.origin}
    )
    assert forms.headers["location"] == "/console/dead"
    english = await operator.get("/console/dead")
    assert '<html lang="en"' in english.text
    assert "Nobody has to decide anything" in english.text


async def test_the_bus_speaks_vietnamese_until_somebody_chooses_otherwise(peopled: RunningBus) -> None:
    visitor = Visitor.at(peopled, **{"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="vi" data-theme="auto">' in (await visitor.get("/console/sign-in")).text
    chosen = {"language": "", "theme": "dark", "next": "/console/sign-in"}
    await visitor.client.post("/console/preferences", data=chosen, headers={"origin": visitor.origin})
    assert '<html lang="vi" data-theme="dark">' in (await visitor.get("/console/sign-in")).text
