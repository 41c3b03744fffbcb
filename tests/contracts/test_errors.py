"""The class of an error decides; what it carries is for people and programs."""

from __future__ import annotations

import pytest

from contracts.errors import (
    BusError,
    DeliveryError,
    Indeterminate,
    LedgerUnavailable,
    LogError,
    LogOverloaded,
    LogUnavailable,
    LogUnknown,
    Origin,
    Permanent,
    Rejected,
    Transient,
    UnknownSchema,
    Withheld,
    field_error,
)


@pytest.mark.parametrize(
    "error",
    [Transient("x"), Indeterminate("x"), Rejected("x"), Withheld("x", "y"), Permanent("x")],
    ids=lambda error: type(error).__name__,
)
def test_no_fate_is_another(error: DeliveryError) -> None:
    """Exactly one class of the five takes each: a retry can never swallow a rejection."""
    fates = (Transient, Indeterminate, Rejected, Withheld, Permanent)
    assert sum(isinstance(error, fate) for fate in fates) == 1
    assert isinstance(error, DeliveryError)
    assert not isinstance(error, LogError)
    assert error.origin is Origin.PROVIDER
    assert str(error) == error.detail == "x"


def test_what_was_not_stored_and_what_may_have_been_are_kept_apart() -> None:
    """A 503 after the append began means something else than one before it."""
    assert not issubclass(LogUnknown, LogUnavailable)
    assert not issubclass(LogUnavailable, LogUnknown)
    assert {LogUnknown, LogUnavailable, LogOverloaded} == set(LogError.__subclasses__())
    assert LogOverloaded("full").retry_after_s == 1.0


def test_everything_that_the_bus_raises_on_purpose_has_one_root() -> None:
    """Whatever else comes up is a surprise, and goes to a dead letter with its traceback."""
    assert all(issubclass(error, BusError) for error in (DeliveryError, LogError, LedgerUnavailable, UnknownSchema))


def test_a_transient_error_says_whether_anything_was_sent() -> None:
    """And when to come again, where the partner said so."""
    refused = Transient("connection refused", sent=False, retry_after_s=30)
    assert (refused.sent, refused.retry_after_s) == (False, 30)
    assert (Transient("503").sent, Transient("503").retry_after_s) == (True, None)


def test_withheld_names_reason_and_ground() -> None:
    """The law asks for both."""
    withheld = Withheld("đang điều tra", "Luật 91/2025/QH15", origin=Origin.BUS)
    assert (withheld.reason, withheld.ground, withheld.origin) == ("đang điều tra", "Luật 91/2025/QH15", Origin.BUS)


def test_a_field_error_keeps_its_parameters_as_text_in_order() -> None:
    """It goes to the log and comes back the same, whatever it was made of."""
    error = field_error("/n", "out_of_range", candidates=("a",), minimum=-1, maximum=2.5)
    assert error.params == (("minimum", "-1"), ("maximum", "2.5"))
    assert error.candidates == ("a",)
    assert hash(error) == hash(field_error("/n", "out_of_range", candidates=("a",), minimum="-1", maximum="2.5"))
