"""Pupils who do not exist, the same ones every time: no number of a person begins with 999."""

from __future__ import annotations

import random
from typing import Any, Final

_SEED: Final = 20250701
_FAMILIES: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Hồ")
_MIDDLES: Final = ("Minh", "Gia", "Ngọc", "Thị Thu", "Văn", "Hoàng", "Bảo", "Thanh", "Hữu", "Khánh")
_GIVEN: Final = ("An", "Bình", "Châu", "Dũng", "Hân", "Khoa", "Linh", "My", "Nam", "Phúc", "Quân", "Vy")


def pupil(number: int) -> dict[str, Any]:
    """Who the `number`th pupil of a crowd is; the other fields of a transfer are the contract's example."""
    draw = random.Random(_SEED + number)  # noqa: S311 - people for a play, no secrets
    name = f"{draw.choice(_FAMILIES)} {draw.choice(_MIDDLES)} {draw.choice(_GIVEN)}"
    birth = f"2014-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
    return {"student_id": f"999314{number:06d}", "full_name": name, "birth_date": birth}
