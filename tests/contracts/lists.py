"""A small ward list for tests: real units, and what became of them."""

from __future__ import annotations

from contracts.codelists import CodeList, read_code_list

HEADER = "id,code,name,valid_from,valid_to,successors"
WARDS = """\
id,code,name,valid_from,valid_to,successors,province
20398@2024,20398,Phường Minh An,,2025-07-01,20410@2025,49
20404@2024,20404,Phường Cẩm Phô,,2025-07-01,20410@2025,49
20410@2024,20410,Phường Sơn Phong,,2025-07-01,20410@2025,49
20434@2024,20434,Xã Tân Hiệp,,2025-07-01,20434@2025,49
20296@2024,20296,Xã Hòa Liên,,2025-07-01,20194@2025 20197@2025,48
d498@2024,,Huyện Hoàng Sa,,2025-07-01,20333@2025,48
20410@2025,20410,Phường Hội An,2025-07-01,,,48
20434@2025,20434,Xã Tân Hiệp,2025-07-01,,,48
20194@2025,20194,Phường Hải Vân,2025-07-01,,,48
20197@2025,20197,Phường Liên Chiểu,2025-07-01,,,48
20333@2025,20333,Đặc khu Hoàng Sa,2025-07-01,,,48
"""


def wards() -> CodeList:
    """The wards above."""
    return read_code_list("wards", WARDS)
