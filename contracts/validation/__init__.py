"""Records from outside: from JSON to what the log may hold, or every reason why not."""

from contracts.validation.validator import Encoded, Extra, Valid, Validator
from contracts.validation.validators import Validators

__all__ = ["Encoded", "Extra", "Valid", "Validator", "Validators"]
