"""What of a bus will not work on a day to come: who would notice on the morning of it is told before.

A change of law, of an agency or of a code list is known weeks ahead. What is looked at here are the values of the
catalogue; the mappings of adapters are looked at by `adapters.mapping.outlook`.
"""

from contracts.outlook.ahead import breaks_of
from contracts.outlook.codefate import code_fate
from contracts.outlook.shared import Break, Known, Spot, Subject, first_day

__all__ = ["Break", "Known", "Spot", "Subject", "breaks_of", "code_fate", "first_day"]
