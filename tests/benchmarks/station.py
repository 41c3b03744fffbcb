"""The measured workspace with the model city's air station beside it, and files of readings of any length."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import deploy.demo
from tests.benchmarks.city import write_workspace

CONTRACT: Final = "environment.air-observation"
SOURCE: Final = "quantrac/tram-khong-khi"
HEADER: Final = "timestamp,city,aqi,weather_icon,wind_speed,humidity,temperature,pm25,pm10,o3,no2,so2,co\n"

_DEMO: Final = Path(deploy.demo.__file__).parent / "workspace"
_AGENCY: Final = """agencies:
  - {code: H17.5, name: Environment, kind: state, systems: [{id: quantrac, name: Station}]}
"""


def write_station(root: Path, transport: str, port: int, provider_port: int) -> Path:
    """The workspace in `root`; answers the folder that the station's source watches."""
    write_workspace(root, transport, port, provider_port)
    folder = root / "in"
    folder.mkdir()
    (root / "agencies" / "station.yaml").write_text(_AGENCY, encoding="utf-8")
    shutil.copytree(_DEMO / "contracts" / CONTRACT, root / "contracts" / CONTRACT)
    source = (_DEMO / "systems" / "quantrac.yaml").read_text(encoding="utf-8")
    (root / "systems" / "quantrac.yaml").write_text(source.replace("/srv/quantrac", str(folder)), encoding="utf-8")
    return folder


def leave_file(folder: Path, rows: int, name: str = "readings.csv") -> Path:
    """So many good readings, no two alike, moved in whole."""
    aside = folder / f"{name}.part"
    with aside.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for row in range(rows):
            second, pm25 = row % 60, "N/A" if row % 3 else f"{row % 600 / 10}"
            minute, hour = row // 60 % 60, row // 3600 % 24
            file.write(
                f"2025-11-{1 + row // 86_400 % 30:02}T{hour:02}:{minute:02}:{second:02}.{row % 1_000_000:06}+07:00,"
                f"Đà Nẵng,{row % 300},/ic.svg,{row % 300 / 10} km/h,{row % 100}%,{18 + row % 200 / 10}°C,"
                f"{pm25},N/A,N/A,,N/A,N/A\n"
            )
    return aside.rename(folder / name)
