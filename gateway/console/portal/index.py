"""What contracts are found by: made once for each configuration."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.catalogue import Contract
from contracts.publish.search import Indexed, indexed
from gateway.directory import Directory
from gateway.published import providing_agencies


class PortalIndex:
    """The index of the configuration that was asked for last."""

    def __init__(self) -> None:
        self._made: tuple[str, Sequence[Indexed]] | None = None

    def of(self, directory: Directory) -> Sequence[Indexed]:
        """The index of that configuration, in the order of names."""
        if self._made is None or self._made[0] != directory.configuration:
            index = (
                indexed(contract, directory.language, _names(directory, contract))
                for contract in directory.contracts.values()
            )
            self._made = (directory.configuration, sorted(index, key=lambda each: each.names))
        return self._made[1]


def _names(directory: Directory, contract: Contract) -> list[str]:
    systems = [directory.systems[each].name for each in directory.providers_of(contract.name)]
    return [*(agency.name for agency in providing_agencies(directory, contract)), *systems]
