"""The themes of the catalogue: the data themes of the European Union's authority table, which harvesters sort by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.publish.rdf import Iri

TAXONOMY: Final = Iri("http://publications.europa.eu/resource/authority/data-theme")

_BY_FIRST_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agriculture": "AGRI",
        "business": "ECON",
        "civil-status": "SOCI",
        "civil": "SOCI",
        "construction": "REGI",
        "document": "GOVE",
        "dossier": "GOVE",
        "education": "EDUC",
        "energy": "ENER",
        "environment": "ENVI",
        "food": "HEAL",
        "food-safety": "HEAL",
        "health": "HEAL",
        "heritage": "EDUC",
        "indicator": "GOVE",
        "justice": "JUST",
        "land": "REGI",
        "onestop": "GOVE",
        "one-stop": "GOVE",
        "planning": "REGI",
        "population": "SOCI",
        "statistics": "GOVE",
        "tourism": "EDUC",
        "transport": "TRAN",
    }
)


def theme_of(contract: str) -> Iri | None:
    """The theme that the first part of a contract's name stands for; None for one that says nothing to the table."""
    code = _BY_FIRST_NAME.get(contract.partition(".")[0])
    return None if code is None else Iri(f"{TAXONOMY}/{code}")
