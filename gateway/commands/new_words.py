"""What `lienthong new …` says, in both languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from contracts.wording import Language

WORDS: Final = MappingProxyType(
    {
        "written": {"vi": "đã tạo", "en": "written"},
        "changed": {"vi": "đã thêm vào", "en": "added to"},
        "next": {"vi": "Tiếp theo:", "en": "Next:"},
        "secret": {
            "vi": "Mật khẩu và khoá nằm trong secrets/ (chỉ chủ tệp đọc được, git không lưu).",
            "en": "Secrets lie in secrets/ (readable by their owner alone, not kept by git).",
        },
        "no_provider": {
            "vi": "chưa có hệ thống nào cung cấp {contract}; trước hết:",
            "en": "nobody provides {contract} yet; first:",
        },
        "contract": {
            "vi": "định nghĩa thông điệp (có bản ghi mẫu thì lấy từ mẫu)",
            "en": "say what is exchanged (drawn from a sample record, where you have one)",
        },
        "schema": {
            "vi": "đọc lại, sửa cho đúng: kiểu, trường bắt buộc, giải thích",
            "en": "go through it and put it right: types, what is required, what fields mean",
        },
        "example": {
            "vi": "mẫu được công bố và lưu trong git: chỉ để dữ liệu hư cấu",
            "en": "it is published and kept by git: only made-up data may stand in it",
        },
        "adapter": {"vi": "nối hệ thống cung cấp", "en": "connect the system that provides it"},
        "publisher": {"vi": "hệ thống nào phát sự kiện này", "en": "say which system publishes it"},
        "mapping": {
            "vi": "sửa tên trường theo hệ thống thật",
            "en": "name the fields as the real system does",
        },
        "test": {"vi": "thử ánh xạ ngoại tuyến", "en": "try the mappings offline"},
        "grant": {"vi": "cho một hệ thống khai thác", "en": "let a system use it"},
        "narrow": {
            "vi": "ghi mục đích, căn cứ pháp lý; bớt trường không cần",
            "en": "state purpose and legal basis; take away what is not needed",
        },
        "check": {"vi": "kiểm tra toàn bộ", "en": "check all of it"},
        "serve": {"vi": "chạy trục", "en": "run the bus"},
        "send": {"vi": "gửi thử, ở cửa sổ khác", "en": "send, in another window"},
        "inbox": {"vi": "nhận sự kiện", "en": "pull events"},
        "ask_dir": {"vi": "Thư mục mới", "en": "New folder"},
        "ask_name": {"vi": "Tên (như dan-cu.tra-cuu)", "en": "Name (as in population.person-lookup)"},
        "ask_pattern": {
            "vi": "Kiểu: query (tra cứu), submission (gửi), event (sự kiện)",
            "en": "Pattern: query, submission or event",
        },
        "ask_system": {"vi": "Mã hệ thống (như so-ho-tich)", "en": "System (as in civil-register)"},
        "ask_contract": {"vi": "Cấu trúc dữ liệu ({known})", "en": "Contract ({known})"},
    }
)


def word(name: str, language: Language, **parameters: str) -> str:
    """One text."""
    return WORDS[name][language.value].format(**parameters)
