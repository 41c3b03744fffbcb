"""Records from outside: from JSON to what the log may hold, or every reason why not."""

from contracts.validation.validator import Extra, Valid, Validator

__all__ = ["Extra", "Valid", "Validator"]
