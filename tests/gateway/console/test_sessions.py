"""A session is a sealed cookie; it ends when nobody uses it, and some time in any case."""

from __future__ import annotations

import base64

import pytest

from contracts.sessions import SessionEnd
from gateway.console.attempts import OF_A_USER, OF_AN_ADDRESS, WITHIN_S, Attempts
from gateway.console.sessions import ABSOLUTE_S, IDLE_S, Sessions

HASH = "$argon2id$one"


class Clock:
    """Seconds since 1970, as a test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Ends:
    """What one gateway knows of ended sessions."""

    def __init__(self) -> None:
        self.known: list[SessionEnd] = []

    def has_ended(self, user: str, session: str, began_ms: int) -> bool:
        """Whether it is among them."""
        mine = [each for each in self.known if each.user == user]
        return any(each.session == session or (not each.session and began_ms <= each.time_ms) for each in mine)

    async def end(self, end: SessionEnd) -> None:
        """Keep it."""
        self.known.append(end)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(b"k" * 32, clock, Ends())


def hash_of(user: str) -> str | None:
    """There is but one user."""
    return HASH if user == "vanhanh" else None


def test_a_cookie_opens_the_session_that_it_was_made_for(sessions: Sessions) -> None:
    session = sessions.begin("vanhanh")
    assert sessions.read(sessions.seal(session, HASH), hash_of) == session


def test_a_cookie_that_was_changed_or_made_up_opens_nothing(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.seal(sessions.begin("vanhanh"), HASH)
    raw = bytearray(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
    raw[-1] ^= 1
    changed = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    other_key = Sessions(b"o" * 32, clock, Ends()).seal(sessions.begin("vanhanh"), HASH)
    other_user = sessions.seal(sessions.begin("ai-do"), HASH)
    for made_up in (changed, other_key, other_user, "", "x", "A" * 100, "é", cookie[:-8], cookie + "A" * 2000):
        assert sessions.read(made_up, hash_of) is None


def test_a_session_ends_when_it_is_left_alone(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.seal(sessions.begin("vanhanh"), HASH)
    clock.now += IDLE_S
    assert sessions.read(cookie, hash_of) is not None
    clock.now += 1
    assert sessions.read(cookie, hash_of) is None


def test_a_session_that_is_used_ends_all_the_same(sessions: Sessions, clock: Clock) -> None:
    session = sessions.begin("vanhanh")
    until = clock.now + ABSOLUTE_S
    while clock.now + IDLE_S <= until:
        clock.now += IDLE_S
        found = sessions.read(sessions.seal(session, HASH), hash_of)
        assert found is not None
        renewed = sessions.renewed(found)
        assert renewed is not None
        session = renewed
    clock.now = until + 1
    assert sessions.read(sessions.seal(session, HASH), hash_of) is None


def test_a_new_password_ends_the_sessions_of_the_old_one(sessions: Sessions) -> None:
    cookie = sessions.seal(sessions.begin("vanhanh"), HASH)
    assert sessions.read(cookie, lambda _: "$argon2id$two") is None


async def test_what_was_signed_out_of_opens_nothing_any_more(sessions: Sessions) -> None:
    session, other = sessions.begin("vanhanh"), sessions.begin("vanhanh")
    await sessions.end(session)
    assert sessions.read(sessions.seal(session, HASH), hash_of) is None
    assert sessions.read(sessions.seal(other, HASH), hash_of) == other


async def test_after_signing_out_everywhere_a_new_session_opens_and_none_of_before(
    sessions: Sessions, clock: Clock
) -> None:
    before = [sessions.begin("vanhanh") for _ in range(2)]
    await sessions.end_all_of("vanhanh")
    clock.now += 0.002
    after = sessions.begin("vanhanh")
    assert [sessions.read(sessions.seal(each, HASH), hash_of) for each in (*before, after)] == [None, None, after]


def test_every_session_has_a_form_token_of_its_own(sessions: Sessions) -> None:
    one, other = sessions.begin("vanhanh"), sessions.begin("vanhanh")
    assert sessions.form_token(one) == sessions.form_token(one)
    assert sessions.form_token(one) != sessions.form_token(other)


def test_a_user_has_a_number_of_tries_in_any_five_minutes(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(OF_A_USER):
        assert attempts.wait_s("vanhanh", "10.0.0.1") == 0
        attempts.failed("vanhanh", "10.0.0.1")
        clock.now += 1
    assert attempts.wait_s("vanhanh", "10.0.0.2") == WITHIN_S - OF_A_USER
    assert attempts.wait_s("xem", "10.0.0.1") == 0
    clock.now += WITHIN_S - OF_A_USER
    assert attempts.wait_s("vanhanh", "10.0.0.1") == 0


def test_an_address_that_tries_many_names_waits_too(clock: Clock) -> None:
    attempts = Attempts(clock)
    for number in range(OF_AN_ADDRESS):
        attempts.failed(f"user-{number}", "10.0.0.1")
    assert attempts.wait_s("vanhanh", "10.0.0.1") > 0
    assert attempts.wait_s("vanhanh", "10.0.0.2") == 0


def test_whoever_is_let_in_has_all_his_tries_again(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(OF_A_USER - 1):
        attempts.failed("vanhanh", "10.0.0.1")
    attempts.succeeded("vanhanh")
    attempts.failed("vanhanh", "10.0.0.1")
    assert attempts.wait_s("vanhanh", "10.0.0.1") == 0
