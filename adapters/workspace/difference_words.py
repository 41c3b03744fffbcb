"""Differences in words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.workspace.differences import About, Difference, How
from contracts.wording import Language

_ABOUT: Final[Mapping[About, tuple[str, str]]] = MappingProxyType(
    {
        About.BUS: ("trục", "bus"),
        About.AGENCY: ("cơ quan", "agency"),
        About.SYSTEM: ("hệ thống", "system"),
        About.CONTRACT: ("cấu trúc thông điệp", "contract"),
        About.ADAPTER: ("bộ kết nối", "adapter"),
        About.SERVICE: ("dịch vụ", "service"),
        About.PUBLISHER: ("nguồn sự kiện", "publisher"),
        About.SOURCE: ("nguồn dữ liệu vào", "source"),
        About.GRANT: ("quyền khai thác", "grant"),
        About.LAW: ("văn bản pháp luật", "law"),
        About.CODELIST: ("danh mục", "code list"),
        About.USER: ("người dùng", "user"),
        About.FILE: ("tệp", "file"),
    }
)

_FIELDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "name": ("tên", "name"),
        "kind": ("loại", "kind"),
        "parent": ("cơ quan cấp trên", "parent"),
        "valid_from": ("hiệu lực từ", "valid from"),
        "valid_to": ("hiệu lực đến", "valid to"),
        "successors": ("cơ quan kế thừa", "successors"),
        "agency": ("cơ quan", "agency"),
        "operator": ("quyền vận hành", "operator"),
        "credentials": ("tài khoản kết nối", "credentials"),
        "secrets": ("nơi giữ khoá bí mật", "where its secrets are"),
        "title": ("tiêu đề", "title"),
        "description": ("mô tả", "description"),
        "english": ("tiêu đề và mô tả tiếng Anh", "English title and description"),
        "pattern": ("mẫu trao đổi", "pattern"),
        "requires_end_user": ("bắt buộc nêu cán bộ", "the officer must be named"),
        "requires_case_ref": ("bắt buộc nêu hồ sơ", "the dossier must be named"),
        "deadline_s": ("hạn trả lời (giây)", "deadline (s)"),
        "max_bytes": ("kích thước tối đa (byte)", "largest body (bytes)"),
        "route": ("định tuyến", "route"),
        "ordered": ("thứ tự theo", "ordered by"),
        "versions": ("phiên bản", "versions"),
        "concurrency": ("số cuộc gọi đồng thời", "calls at a time"),
        "breaker": ("ngắt mạch (lỗi / nghỉ)", "breaker (failures / pause)"),
        "retry": ("lịch gửi lại", "retries"),
        "rate": ("nhịp gọi (mỗi giây, dồn)", "rate (a second, burst)"),
        "idempotent": ("chịu được gửi lặp", "idempotent"),
        "operation": ("thao tác", "operation"),
        "area": ("địa bàn", "area"),
        "extra": ("trường thừa", "extra fields"),
        "request mapping": ("ánh xạ chiều đi", "request mapping"),
        "reply mapping": ("ánh xạ chiều về", "reply mapping"),
        "record mapping": ("ánh xạ bản ghi", "record mapping"),
        "examples": ("ví dụ", "examples"),
        "contract": ("cấu trúc thông điệp", "contract"),
        "key": ("cột khoá", "key columns"),
        "system": ("hệ thống khai thác", "system"),
        "providers": ("hệ thống cung cấp", "providers"),
        "purpose": ("mục đích", "purpose"),
        "legal_basis": ("căn cứ pháp lý", "legal basis"),
        "cites": ("văn bản viện dẫn", "documents cited"),
        "number": ("số hiệu", "number"),
        "title in English": ("tiêu đề tiếng Anh", "title in English"),
        "replaced_by": ("được thay thế bởi", "replaced by"),
        "articles": ("điều, khoản", "articles"),
        "what its articles say": ("nội dung các điều", "what its articles say"),
        "confirmed": ("đã đối chiếu văn bản", "confirmed"),
        "from": ("từ ngày", "from"),
        "to": ("đến ngày", "to"),
        "quota": ("hạn mức", "quota"),
        "view": ("phạm vi dữ liệu", "view"),
        "rows": ("dòng", "rows"),
        "meaning of rows": ("nội dung các dòng", "what rows say"),
        "role": ("vai trò", "role"),
        "languages": ("ngôn ngữ", "languages"),
        "time_zone": ("múi giờ", "time zone"),
        "retention_days": ("số ngày lưu", "retention (days)"),
    }
)

_PREFIXES: Final = (
    ("fields of ", "trường của ", "fields of "),
    ("schema of ", "lược đồ ", "schema of "),
    ("connection.", "kết nối: ", "connection: "),
    ("subscriptions.", "đăng ký nhận: ", "subscriptions: "),
    ("publish.", "công bố: ", "publishing: "),
)


def worded(difference: Difference, language: Language) -> str:
    """`grant g-1: purpose: “A” → “B”`."""
    vi = language is Language.VI
    about = _ABOUT[difference.about][0 if vi else 1]
    return f"{about} {difference.name}: {_what(difference, vi=vi)}"


def _what(difference: Difference, *, vi: bool) -> str:
    how, field = difference.how, _field(difference.field, vi=vi)
    if how is How.REWRITTEN:
        return "viết lại, ý nghĩa không đổi" if vi else "written in another way, with the same meaning"
    if how is How.CHANGED:
        if not difference.field:
            return "đã đổi" if vi else "changed"
        if not difference.before and not difference.after:
            return f"{field}: đã đổi" if vi else f"{field}: changed"
        return f"{field}: {difference.before or '…'} → {difference.after or '…'}"
    verb = {How.ADDED: ("thêm", "added"), How.REMOVED: ("bỏ", "removed")}[how][0 if vi else 1]
    named = difference.after or difference.before
    if not difference.field:
        return ("thêm mới" if how is How.ADDED else "đã bỏ") if vi else verb
    return f"{field}: {verb} {named}" if vi else f"{field}: {named} {verb}"


def _field(field: str, *, vi: bool) -> str:
    known = _FIELDS.get(field)
    if known is not None:
        return known[0 if vi else 1]
    for prefix, in_vi, in_en in _PREFIXES:
        if field.startswith(prefix):
            return (in_vi if vi else in_en) + field.removeprefix(prefix)
    return field
