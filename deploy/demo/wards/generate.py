"""Writes the model city's ward list: `python -m deploy.demo.wards.generate [FILE]`, with the extra `codelists`.

Row ids are `<code>@2024` for the wards of the list of 2024, `<code>@2025` for those of today, `d<district>@2024` for
the five island districts. The list of 2024 is taken as valid until 30 June 2025 and open before that: what a code
meant before the changes of 2024 and earlier is not in the source.
"""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy.demo.wards.source import PACKAGE, Source, SourceError, Unit, package_data, read_source

COMMITTED: Final = Path(__file__).parents[1] / "workspace" / "codelists" / "wards.csv"

_CHANGE: Final = "2025-07-01"
_COLUMNS: Final = (
    *("id", "code", "name", "valid_from", "valid_to", "successors"),
    *("province", "province_name", "district", "district_name"),
)


def ward_list(source: Source) -> str:
    """The CSV, the same bytes for the same source: old wards by code, island districts, new wards by code."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for unit in sorted(source.old, key=_order):
        writer.writerow(_old_row(unit, source))
    for unit in sorted(source.new, key=_order):
        row_id = f"{unit.code}@2025"
        writer.writerow((row_id, unit.code, _nfc(unit.name), _CHANGE, "", "", *_place(unit)))
    return text.getvalue()


def _old_row(unit: Unit, source: Source) -> tuple[str, ...]:
    parts = source.successors.get(unit.key)
    if not parts:
        raise SourceError(f"the source does not say what became of {unit.key}")
    row_id = f"d{unit.district}@2024" if unit.code is None else f"{unit.code}@2024"
    successors = " ".join(f"{code}@2025" for code in sorted(parts))
    return (row_id, unit.code or "", _nfc(unit.name), "", _CHANGE, successors, *_place(unit))


def _place(unit: Unit) -> Iterator[str]:
    return map(_nfc, (unit.province, unit.province_name, unit.district, unit.district_name))


def _order(unit: Unit) -> tuple[bool, str, str]:
    return (unit.code is None, unit.code or "", unit.district)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def main() -> None:
    """Write to the file named on the command line, or over the committed list."""
    folder = package_data()
    if folder is None:
        sys.exit(f"{PACKAGE} is not installed: pip install -e '.[codelists]'")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else COMMITTED
    text = ward_list(read_source(folder))
    target.write_text(text, "utf-8", newline="\n")
    print(f"{target}: {text.count(chr(10)) - 1} rows, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
