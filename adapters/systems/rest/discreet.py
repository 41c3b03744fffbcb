"""Parts of the YAML that may hold secrets."""

from __future__ import annotations

from pydantic import ConfigDict

from adapters.mapping.spec import Spec


class Discreet(Spec):
    """A part of the YAML whose faults are told without repeating what was written there: it may be a secret."""

    model_config = ConfigDict(hide_input_in_errors=True)
