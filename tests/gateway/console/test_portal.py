"""The portal: contracts as those find them who want to connect a system."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import yaml

from adapters.workspace.reading import load
from contracts.outcome import Outcome
from tests.flows.support import LOOKUP, MEASURED, NOTE, READING, FakeSystem, RunningBus, fine, start_bus
from tests.gateway.console.support import Visitor, text_of, with_people

ACCENTED: Final = "Chuyển trường cho học sinh Đà Nẵng"
ASKED: Final = {"record": '{"person_id": "999314000017"}', "end_user": "canbo.07", "case_ref": "H17-1"}


def changed(root: Path) -> None:
    """A contract with an accented title, two versions, a personal field, a code list and what fields mean."""
    with_people(root)
    (root / f"contracts/{NOTE}/contract.yaml").write_text(
        f"title: {{vi: {ACCENTED}, en: A transfer}}\ndescription: Hòa vào hoà\npattern: submission\n", encoding="utf-8"
    )
    (root / "codelists").mkdir(exist_ok=True)
    (root / "codelists/wards.csv").write_text(
        "id,code,name,valid_from,valid_to,successors\nw1,00001,Phường Thạch Thang,2020-01-01,2025-07-01,w2\n"
        "w2,00002,Phường Hải Châu,2025-07-01,,\n",
        encoding="utf-8",
    )
    second = {
        "type": "record",
        "name": "Note",
        "namespace": "test",
        "fields": [
            {"name": "text", "type": "string", "personal": "sensitive", "title": {"vi": "Nội dung", "en": "Text"}},
            {"name": "number", "type": "string"},
            {"name": "on", "type": {"type": "int", "logicalType": "date"}},
            {"name": "ward", "type": "string", "codelist": "wards", "on": "/on"},
        ],
    }
    (root / f"contracts/{NOTE}/v2").mkdir()
    (root / f"contracts/{NOTE}/v2/request.avsc").write_text(json.dumps(second), encoding="utf-8")
    (root / f"contracts/{NOTE}/examples/request.json").write_text(
        json.dumps({"text": "a", "number": "7", "on": "2025-07-02", "ward": "00002"}), encoding="utf-8"
    )


@pytest.fixture
async def rich(tmp_path: Path) -> AsyncIterator[RunningBus]:
    """A bus whose contracts have something to show."""
    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, change=changed)
    async with running.stack:
        yield running


async def signed_in(bus: RunningBus, user: str = "vanhanh", language: str = "en") -> Visitor:
    """Somebody at the portal."""
    visitor = Visitor.at(bus)
    visitor.client.cookies.set("lienthong_language", language)
    assert (await visitor.sign_in(user)).status_code == 303
    return visitor


@pytest.mark.parametrize(
    "typed",
    [
        "chuyen truong",
        "CHUYỂN TRƯỜNG",
        "truong da nang",
        "hoc  sinh",
        "hoa",
        "hòa",
        "hoà",
        "noi dung",
        "wards",
        "a transfer",
        NOTE,
    ],
)
async def test_a_contract_is_found_without_accents_and_with_them(rich: RunningBus, typed: str) -> None:
    """By its names, what it is for, its fields and their titles; wherever the tone mark stands."""
    visitor = await signed_in(rich)
    page = await visitor.get("/console/contracts", params={"q": typed})
    assert f'href="/console/contracts/{NOTE}"' in page.text
    assert f'href="/console/contracts/{READING}"' not in page.text


async def test_words_that_no_contract_has_say_so(rich: RunningBus) -> None:
    """And the way back to all of them."""
    page = await (await signed_in(rich)).get("/console/contracts", params={"q": "không có gì như thế"})
    assert "No contract has all of these words" in text_of(page)


async def test_a_page_says_what_each_field_is_in_the_readers_language(rich: RunningBus) -> None:
    """Its title, type, whether it has to be there, whether it is personal, the code list it is of."""
    page = await (await signed_in(rich)).get(f"/console/contracts/{NOTE}")
    told = text_of(page)
    assert "A transfer" in told
    assert "Text text text required ▲ sensitive personal" in told
    assert "code list wards as of /on" in told
    in_vietnamese = text_of(await (await signed_in(rich, language="vi")).get(f"/console/contracts/{NOTE}"))
    assert ACCENTED in in_vietnamese
    assert "Nội dung text chữ bắt buộc ▲ cá nhân nhạy cảm" in in_vietnamese


async def test_an_older_version_has_a_page_of_its_own(rich: RunningBus) -> None:
    """With its address; there is none of a version that there is not."""
    visitor = await signed_in(rich)
    older = await visitor.get(f"/console/contracts/{NOTE}", params={"version": "1"})
    assert f"/exchange/{NOTE}@1" in older.text
    assert (await visitor.get(f"/console/contracts/{NOTE}", params={"version": "9"})).status_code == 404


async def test_every_grant_stands_beside_the_fields_with_what_it_shows(rich: RunningBus) -> None:
    """And what it keeps back."""
    page = await (await signed_in(rich)).get(f"/console/contracts/{READING}")
    table = page.text.partition('<table class="views">')[2].partition("</table>")[0]
    rows = {
        name: re.findall(r'class="v-(\w+)"', cells)
        for name, cells in re.findall(r'<code title="/[^"]*">(\w+)</code>(.*?)</tr>', table, re.DOTALL)
    }
    heads = re.findall(r'<span class="view-system">([^<]+)</span>', table)
    assert heads == ["Idempotent receiver", "Receiver that remembers nothing"]
    assert rows == {"station": ["shown", "shown"], "pm25": ["shown", "shown"], "operator": ["withheld", "shown"]}


async def test_what_is_to_be_written_for_a_grant_is_a_grant(rich: RunningBus) -> None:
    """Pasted into the workspace, with the words in capitals replaced, it passes the check."""
    page = await (await signed_in(rich)).get(f"/console/contracts/{LOOKUP}")
    found = re.search(r'<code id="grant-text">(.*?)</code>', page.text, re.DOTALL)
    assert found is not None
    text = html.unescape(found[1])
    assert yaml.safe_load(text)["grants"][0]["view"] == ["/name", "/born", "/secret"]
    for placeholder, word in (("MA-QUYEN", "pasted"), ("MA-HE-THONG", "stranger"), ("MUC DICH", "Giải quyết thủ tục")):
        text = text.replace(placeholder, word)
    (rich.root / "grants/pasted.yaml").write_text(text.replace("CAN CU PHAP LY", "Nghị định 278/2025/NĐ-CP"), "utf-8")
    loaded = load(rich.root)
    assert loaded.workspace is not None, loaded.findings
    assert "pasted" in {grant.id for grant in loaded.workspace.grants}


async def test_a_code_list_is_read_as_of_a_day(rich: RunningBus) -> None:
    """Without accents; what was valid on another day is there on that day."""
    visitor = await signed_in(rich)
    told = text_of(await visitor.get("/console/codelists/wards", params={"q": "hai chau", "on": "2025-08-01"}))
    assert "00002 Phường Hải Châu" in told
    before = text_of(await visitor.get("/console/codelists/wards", params={"on": "2024-01-01"}))
    assert "00001 Phường Thạch Thang" in before
    assert "Hải Châu" not in before
    assert "A transfer" in told
    assert (await visitor.get("/console/codelists/none")).status_code == 404


class TestTrying:
    """A real call from the page."""

    async def test_a_query_is_answered_as_the_system_would_be(self, peopled: RunningBus) -> None:
        """By its own grant, so what is kept back is kept back here too; and the journal has who did it."""
        visitor = await signed_in(peopled)
        form = {"token": peopled.token("asker"), **ASKED}
        page = await visitor.post(f"/console/contracts/{LOOKUP}/try", form)
        assert page.status_code == 200
        told = text_of(page)
        assert "HTTP 200" in told
        assert "NGUYỄN VĂN A" in told
        assert '"not_granted"' in told
        found = re.search(r'href="/console/exchanges/([0-9a-f-]{36})"', page.text.partition('id="tried"')[2])
        assert found is not None
        assert (await peopled.settled(found[1]))["outcome"] == Outcome.DATA
        followed = text_of(await visitor.get(f"/console/exchanges/{found[1]}"))
        assert "tried in the portal" in followed
        assert f"{LOOKUP}@1 as asker" in followed

    async def test_the_token_is_on_no_page(self, peopled: RunningBus) -> None:
        """Neither where it worked nor where it did not."""
        visitor = await signed_in(peopled)
        token = peopled.token("asker")
        for form in ({"token": token, **ASKED}, {"token": token, **ASKED, "record": "{"}):
            assert token not in (await visitor.post(f"/console/contracts/{LOOKUP}/try", form)).text

    async def test_a_wrong_field_is_named_with_its_remedy(self, peopled: RunningBus) -> None:
        """And what was typed is still there, but the token."""
        visitor = await signed_in(peopled)
        form = {"token": peopled.token("asker"), **ASKED, "record": '{"person_id": 7}'}
        page = await visitor.post(f"/console/contracts/{LOOKUP}/try", form)
        told = text_of(page)
        assert "HTTP 422" in told
        assert "/person_id" in told.partition("HTTP 422")[2]
        assert '{"person_id": 7}' in told

    @pytest.mark.parametrize("token", ["", "nonsense", "é", "a" * 5000])
    async def test_without_a_token_that_is_good_nothing_is_called(self, peopled: RunningBus, token: str) -> None:
        """Being signed in is no right to data."""
        visitor = await signed_in(peopled)
        page = await visitor.post(f"/console/contracts/{LOOKUP}/try", {"token": token, **ASKED})
        assert re.search("HTTP 40[01]", text_of(page))
        assert not peopled.systems["memo"].calls

    async def test_a_system_without_a_grant_is_refused_as_anywhere(self, peopled: RunningBus) -> None:
        """No grant, no answer."""
        visitor = await signed_in(peopled)
        form = {"token": peopled.token("stranger"), **ASKED}
        assert "HTTP 403" in text_of(await visitor.post(f"/console/contracts/{LOOKUP}/try", form))

    async def test_a_submission_goes_only_where_it_is_meant(self, peopled: RunningBus) -> None:
        """It has an effect, so it is said twice."""
        visitor = await signed_in(peopled)
        form = {"token": peopled.token("asker"), "to": "memo", "record": '{"text": "a", "number": 1}'}
        refused = await visitor.post(f"/console/contracts/{NOTE}/try", form)
        assert "HTTP 400" in text_of(refused)
        assert not peopled.systems["memo"].calls
        sent = await visitor.post(f"/console/contracts/{NOTE}/try", {**form, "meant": "yes"})
        assert "HTTP 202" in text_of(sent)

    async def test_events_are_read_and_none_is_published(self, peopled: RunningBus) -> None:
        """By a system that may have them, as far as its view goes."""
        assert (await peopled.send(READING, MEASURED)).status_code == httpx.codes.ACCEPTED
        visitor = await signed_in(peopled, "xem")
        page = await visitor.post(f"/console/contracts/{READING}/try", {"token": peopled.token("memo")})
        told = text_of(page)
        assert '"pm25": 31.5' in told
        assert "canbo.07" not in told.partition("HTTP 200")[2].partition("Code samples")[0]

    async def test_a_form_of_another_site_is_refused(self, peopled: RunningBus) -> None:
        """Also with a good token in it."""
        visitor = await signed_in(peopled)
        form = {"token": peopled.token("asker"), **ASKED}
        foreign = await visitor.post(f"/console/contracts/{LOOKUP}/try", form, origin="https://evil.example")
        assert foreign.status_code == 403
        assert not peopled.systems["memo"].calls


class TestWhoMayLook:
    """Users, or everybody where the workspace says so."""

    async def test_strangers_are_led_to_the_sign_in(self, peopled: RunningBus) -> None:
        """And back."""
        answer = await Visitor.at(peopled).get(f"/console/contracts/{NOTE}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/sign-in?next=")

    async def test_a_public_portal_shows_contracts_and_not_who_uses_them(self, tmp_path: Path) -> None:
        """On a bus without users too; the rest of the console stays shut."""
        systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
        running = await start_bus(tmp_path, systems, settings="publish: {portal: public}\n")
        async with running.stack:
            stranger = Visitor.at(running, cookie="lienthong_language=en")
            assert READING in (await stranger.get("/console/contracts", params={"q": "reading"})).text
            page = await stranger.get(f"/console/contracts/{READING}")
            told = text_of(page)
            assert "Code samples" in told
            assert "Một cơ quan" in told
            for hidden in ("Who sees what", "Idempotent receiver", "Thử nghiệm", 'name="token"'):
                assert hidden not in page.text, hidden
            for shut in ("/console/exchanges", "/console/now", "/console/laws"):
                assert (await stranger.get(shut)).status_code == 303
            tried = await stranger.client.post(
                f"/console/contracts/{READING}/try",
                data={"token": running.token("memo")},
                headers={"origin": stranger.origin},
            )
            assert tried.status_code == 303


async def test_a_page_of_two_hundred_fields_and_sixty_grants_is_small(tmp_path: Path) -> None:
    """Grants are shown some at a time, so the page stays under 150 KB."""

    def many(root: Path) -> None:
        with_people(root)
        fields = [{"name": f"field_{number}", "type": ["null", "string"], "default": None} for number in range(200)]
        schema = {"type": "record", "name": "Reading", "namespace": "test", "fields": fields}
        (root / f"contracts/{READING}/v1/event.avsc").write_text(json.dumps(schema), encoding="utf-8")
        (root / f"contracts/{READING}/examples/request.json").write_text("{}", encoding="utf-8")
        grants = [
            f"  - {{id: more-{number}, system: stranger, contract: {READING}, providers: [asker], purpose: Mục đích {number},"
            f" legal_basis: không, from: 2025-01-01, view: [/field_{number}]}}\n"
            for number in range(60)
        ]
        text = (root / "grants/g.yaml").read_text("utf-8")
        kept = "".join(line + "\n" for line in text.splitlines() if READING not in line)
        (root / "grants/g.yaml").write_text(kept + "".join(grants), encoding="utf-8")
        for system in ("memo", "twice"):
            whole = (root / f"systems/{system}.yaml").read_text("utf-8")
            cut = re.sub(rf"  - contract: {READING}\n(?:    .*\n)*", "", whole)
            (root / f"systems/{system}.yaml").write_text(cut, encoding="utf-8")

    systems = {"memo": FakeSystem(fine), "twice": FakeSystem(fine)}
    running = await start_bus(tmp_path, systems, change=many)
    async with running.stack:
        visitor = await signed_in(running)
        page = await visitor.get(f"/console/contracts/{READING}")
        assert len(page.content) < 150_000
        assert "60 rights of use" in text_of(page)
        first = re.findall("Mục đích ([0-9]+)", text_of(page))
        last = re.findall("Mục đích ([0-9]+)", text_of(await visitor.get(f"/console/contracts/{READING}?grants=55")))
        assert (len(first), len(last)) == (5, 5)
        assert not set(first) & set(last)
