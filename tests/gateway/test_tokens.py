"""Who a bearer token lets in."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from gateway.auth.keys import TokenKey, TokenKeyError, read_token_key, write_token_key
from gateway.auth.tokens import LEEWAY_S, LIFETIME_S, Tokens
from gateway.problems import Problem


class Clock:
    """Seconds that the test turns."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def key(tmp_path: Path) -> TokenKey:
    write_token_key(tmp_path / "token.pem")
    return read_token_key(tmp_path / "token.pem")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(key: TokenKey, clock: Clock) -> Tokens:
    return Tokens(key, "bus", clock)


def test_a_token_says_who_it_was_issued_to(tokens: Tokens) -> None:
    claims = tokens.verify(tokens.issue("motcua-hoi-an"))
    assert (claims.subject, claims.operator) == ("motcua-hoi-an", False)


def test_an_operators_token_says_so(tokens: Tokens) -> None:
    assert tokens.verify(tokens.issue("operator:an", operator=True)).operator


def test_any_gateway_with_the_same_key_file_accepts_it(key: TokenKey, tokens: Tokens, clock: Clock) -> None:
    assert Tokens(key, "bus", clock).verify(tokens.issue("gddt")).subject == "gddt"


def test_a_minute_of_clock_skew_is_tolerated_and_no_more(key: TokenKey, tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue("gddt")
    clock.now_s -= LEEWAY_S - 1
    assert Tokens(key, "bus", clock).verify(token).subject == "gddt"
    clock.now_s -= 2
    with pytest.raises(Problem, match="invalid-token"):
        Tokens(key, "bus", clock).verify(token)


def test_a_token_ends_even_where_it_was_verified_before(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue("gddt")
    tokens.verify(token)
    clock.now_s += LIFETIME_S + LEEWAY_S + 1
    with pytest.raises(Problem, match="invalid-token"):
        tokens.verify(token)


def test_a_token_of_another_bus_is_refused(key: TokenKey, tokens: Tokens, clock: Clock) -> None:
    with pytest.raises(Problem, match="invalid-token"):
        tokens.verify(Tokens(key, "other", clock).issue("gddt"))


def test_a_token_signed_with_another_key_is_refused(tmp_path: Path, tokens: Tokens, clock: Clock) -> None:
    write_token_key(tmp_path / "other.pem")
    forged = Tokens(read_token_key(tmp_path / "other.pem"), "bus", clock).issue("gddt")
    with pytest.raises(Problem, match="invalid-token"):
        tokens.verify(forged)


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "." * 5000,
        _part({"alg": "none"}) + "." + _part({"sub": "gddt", "iss": "bus", "aud": "bus", "exp": 4e9}) + ".",
        _part({"alg": "HS256"}) + "." + _part({"sub": "gddt", "iss": "bus", "aud": "bus", "exp": 4e9}) + ".AAAA",
        "Đặng.Thị.Ký",
    ],
)
def test_what_is_not_a_token_of_ours_is_refused_and_breaks_nothing(tokens: Tokens, token: str) -> None:
    with pytest.raises(Problem, match="invalid-token"):
        tokens.verify(token)


def test_a_key_file_is_readable_by_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.pem"
    write_token_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_token_key(path)


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token.pem"
    path.write_text(text)
    with pytest.raises(TokenKeyError, match=r"token\.pem"):
        read_token_key(path)


def test_keys_derived_for_different_purposes_differ(key: TokenKey) -> None:
    assert key.derived("pointer") != key.derived("case")
