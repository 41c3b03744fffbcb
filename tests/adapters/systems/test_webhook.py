"""What a subscriber is pushed, and that it can verify it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from standardwebhooks import WebhookVerificationError

from adapters.clock import wall_clock_ms
from adapters.systems.opening import CannotOpen
from adapters.systems.webhook.connection import WebhookConnection, WebhookOperation
from contracts.errors import Transient
from contracts.json_types import JsonObject
from tests.adapters.systems.partner import Partner, Visit, running
from tests.adapters.systems.webhooks import NEW, OLD, TRACE, push, pushing, secret, verified, webhook

READING: JsonObject = {"station": "Liên Chiểu", "pm25": 31.5}
URL = "https://dieuhanh.danang.gov.vn/hooks"


def taken(_visit: Visit) -> web.Response:
    """The subscriber takes it."""
    return web.Response(status=204)


@pytest.fixture
async def subscriber() -> AsyncIterator[Partner]:
    async with running(Partner({"/hooks": taken, "/hooks/air": taken, "/hooks/": taken})) as partner:
        yield partner


async def test_what_is_pushed_can_be_verified_and_says_what_happened_when_and_what_is_kept_back(
    subscriber: Partner,
) -> None:
    async with pushing(subscriber.port) as call:
        await call(push(READING, withheld=("/operator",)))
    (visit,) = subscriber.visits
    assert verified(visit) == {
        "type": "environment.air-observation",
        "timestamp": "2026-11-20T02:30:00.125Z",
        "data": READING,
        "id": "event-1",
        "source": "quantrac",
        "withheld": [{"path": "/operator", "reason": "not_granted"}],
    }
    assert visit.headers["content-type"] == "application/json"
    assert visit.headers["user-agent"] == "lienthong"
    assert visit.headers["traceparent"] == TRACE


async def test_each_attempt_has_the_same_id_and_a_time_and_signature_of_its_own(subscriber: Partner) -> None:
    now_ms = wall_clock_ms()
    ticks = itertools.count(now_ms, 5_000)
    subscriber.pages["/hooks"] = lambda _: web.Response(status=503)
    async with pushing(subscriber.port, clock=lambda: next(ticks)) as call:
        for _ in range(2):
            with pytest.raises(Transient):
                await call(push(READING, exchange="copy-7"))
    first, again = subscriber.visits
    assert {visit.headers["webhook-id"] for visit in subscriber.visits} == {"copy-7"}
    times = [int(visit.headers["webhook-timestamp"]) for visit in (first, again)]
    assert times == [now_ms // 1000, now_ms // 1000 + 5]
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"]
    assert verified(first) == verified(again)


async def test_while_a_subscriber_changes_over_both_secrets_verify(subscriber: Partner) -> None:
    async with pushing(subscriber.port, secrets=["env:NEW", "env:OLD"]) as call:
        await call(push(READING))
    (visit,) = subscriber.visits
    assert verified(visit, NEW)["data"] == verified(visit, OLD)["data"] == READING
    with pytest.raises(WebhookVerificationError):
        verified(visit, secret("x"))


async def test_after_the_change_the_old_secret_verifies_nothing(subscriber: Partner) -> None:
    async with pushing(subscriber.port) as call:
        await call(push(READING))
    (visit,) = subscriber.visits
    assert verified(visit, NEW)["data"] == READING
    with pytest.raises(WebhookVerificationError):
        verified(visit, OLD)


@pytest.mark.parametrize("changed", ["body", "id", "time"])
async def test_what_somebody_changed_on_the_way_is_not_verified(subscriber: Partner, changed: str) -> None:
    async with pushing(subscriber.port) as call:
        await call(push(READING))
    (visit,) = subscriber.visits
    headers = dict(visit.headers)
    verified(Visit("", {}, headers, {}, visit.text, {}, visit.hang_up))
    if changed == "id":
        headers["webhook-id"] = "copy-2"
    if changed == "time":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    text = visit.text.replace("31.5", "13.5") if changed == "body" else visit.text
    with pytest.raises(WebhookVerificationError):
        verified(Visit("", {}, headers, {}, text, {}, visit.hang_up))


async def test_a_long_record_with_vietnamese_text_is_verified_too(subscriber: Partner) -> None:
    long: JsonObject = {"note": "Quan trắc không khí " * 60_000}
    async with pushing(subscriber.port) as call:
        await call(push(long))
    assert verified(subscriber.visits[0])["data"] == long


async def test_a_submission_is_pushed_under_its_own_id(subscriber: Partner) -> None:
    async with pushing(subscriber.port) as call:
        await call(push(READING, exchange="exchange-3", event=""))
    assert verified(subscriber.visits[0])["id"] == "exchange-3"


@pytest.mark.parametrize(
    ("url", "operation", "path"),
    [("/hooks", {}, "/hooks"), ("/hooks/", {}, "/hooks/"), ("/hooks/", {"path": "/air"}, "/hooks/air")],
)
async def test_it_goes_to_the_url_or_to_a_path_beneath_it(
    subscriber: Partner, url: str, operation: dict[str, str], path: str
) -> None:
    async with pushing(subscriber.port, operation, url=f"http://127.0.0.1:{subscriber.port}{url}") as call:
        await call(push(READING))
    assert [visit.path for visit in subscriber.visits] == [path]


@pytest.mark.parametrize("size", [24, 25, 64])
async def test_a_secret_may_have_24_to_64_bytes_with_or_without_padding(subscriber: Partner, size: int) -> None:
    for whsec in (secret("k", size), secret("k", size).rstrip("=")):
        async with pushing(subscriber.port, known={"env:NEW": whsec}) as call:
            await call(push(READING))
        assert verified(subscriber.visits[-1], whsec)["data"] == READING


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("hunter2-hunter2-hunter2-hunter2", "does not begin with whsec_"),
        ("", "does not begin with whsec_"),
        ("whsec_hunter2!hunter2!hunter2!hunter2!", "not base64"),
        ("whsec_hunter2đ", "not base64"),
        ("whsec_aHVudGVyMg==", "it has 7 bytes"),
        (secret("h", 23), "it has 23 bytes"),
        (secret("h", 65), "it has 65 bytes"),
    ],
)
def test_a_secret_that_cannot_sign_is_told_when_it_is_opened_and_never_shown(bad: str, why: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        webhook(1, secrets=["env:NEW", "env:OLD"], known={"env:NEW": NEW, "env:OLD": bad})
    said = str(caught.value)
    assert "the secret env:OLD cannot sign" in said
    assert why in said
    assert "base64 of 24 to 64 random bytes" in said
    assert not bad or bad not in said
    assert bad.removeprefix("whsec_") not in said or not bad


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"url": "dieuhanh.danang.gov.vn"}, "write it like https://host/path"),
        ({"url": f"{URL}?key=1"}, "leave out what follows"),
        ({"url": f"{URL}#a"}, "leave out what follows"),
        ({"url": "https://user:pw@h/"}, "leave it out: what is pushed is signed"),
        ({"url": "http://169.254.169.254/latest"}, "allow_private: true"),
        ({"url": "http://127.0.0.1/"}, "allow_private: true"),
        ({"secrets": []}, "write at least one"),
        ({"secrets": ["env:A", "env:B", "env:C"]}, "keep two while the subscriber changes over"),
        ({"secrets": ["env:A", "env:A"]}, "keep one of them"),
        ({"secrets": ["whsec_hunter2"]}, "file:PATH or env:NAME"),
        ({"auth": {"bearer": "env:A"}}, "Extra inputs are not permitted"),
    ],
)
def test_a_connection_that_cannot_work_is_refused_with_its_remedy(given: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookConnection.model_validate({"url": URL, "secrets": ["env:A"], **given})
    assert remedy in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("air", "write it like /air"),
        ("/a/../b", "write the path in full"),
        ("/a?b=1", "write it like /air"),
        ("/a/{id}", "the same for each event"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_with_its_remedy(path: str, remedy: str) -> None:
    with pytest.raises(ValidationError, match="path") as caught:
        WebhookOperation.model_validate({"path": path})
    assert remedy in str(caught.value)


def test_the_authorities_that_count_are_those_of_a_file_in_the_workspace(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match=r"there is no file ca\.pem in the workspace"):
        webhook(1, ca_file="ca.pem")
