"""The words of every field error, in Vietnamese and English: what is wrong, and what to do about it.

One table, so that an error stored in the log years ago can still be read in either language.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from contracts.errors import FieldError


class Language(StrEnum):
    """The languages the bus speaks."""

    VI = "vi"
    EN = "en"


class Wording(NamedTuple):
    """What is wrong and the remedy; both are `str.format` templates over the error's parameters."""

    detail: str
    remedy: str


class _Absent(dict[str, str]):
    """Parameters of an error written by another version: an unknown one shows its own name."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def worded(error: FieldError, language: Language) -> Wording:
    """The words for `error`. A code that this version does not know is shown as it is, with its parameters."""
    templates = WORDINGS.get(error.code)
    params = _Absent(error.params)
    if templates is None:
        text = ", ".join(f"{name}={value}" for name, value in error.params)
        return Wording(f"{error.code} {text}".strip(), "")
    chosen = templates[language]
    return Wording(chosen.detail.format_map(params), chosen.remedy.format_map(params))


def worded_reason(reason: str, language: Language) -> str:
    """The bus's own reason for an outcome, in that language. What a provider or a person wrote stays as it is."""
    return _REASONS.get(reason, reason) if language is Language.VI else reason


_REASONS: Final = MappingProxyType(
    {
        "the query's deadline had passed before its turn came": "đã quá hạn tra cứu trước khi đến lượt",
        "no answer before the query's deadline": "không có trả lời trước hạn tra cứu",
        "the call was begun and its end was not seen; nobody but the receiving system knows whether it took effect": (
            "đã bắt đầu gửi nhưng không thấy kết quả; chỉ hệ thống nhận biết bản ghi đã được nhận hay chưa"
        ),
        "the subscription was deleted": "đăng ký nhận dữ liệu đã bị xoá",
        "it was withdrawn before its receiver had taken it": "đã được rút lại trước khi hệ thống nhận nhận được",
        "the record cannot be brought into the other format": "không chuyển được bản ghi sang định dạng bên kia",
    }
)
"""The log holds reasons in English."""


def _words(vi: str, vi_remedy: str, en: str, en_remedy: str) -> MappingProxyType[Language, Wording]:
    return MappingProxyType({Language.VI: Wording(vi, vi_remedy), Language.EN: Wording(en, en_remedy)})


WORDINGS: Final = MappingProxyType(
    {
        # the body as a whole
        "not_utf8": _words(
            "Nội dung không phải UTF-8 (byte thứ {position}).",
            "Gửi JSON mã hoá UTF-8.",
            "The body is not UTF-8 (byte {position}).",
            "Send JSON in UTF-8.",
        ),
        "not_json": _words(
            "Nội dung không phải JSON hợp lệ: {reason}.",
            "Kiểm tra dấu ngoặc, dấu phẩy và dấu nháy gần vị trí đã nêu.",
            "The body is not valid JSON: {reason}.",
            "Check brackets, commas and quotes near that position.",
        ),
        "too_deep": _words(
            "JSON lồng nhau quá {limit} cấp.",
            "Gửi bản ghi theo đúng cấu trúc của hợp đồng dữ liệu.",
            "The JSON is nested more than {limit} levels deep.",
            "Send the record in the shape of the contract.",
        ),
        "duplicate_key": _words(
            "Tên trường “{name}” xuất hiện hai lần trong cùng một đối tượng.",
            "Giữ lại đúng một giá trị.",
            "The name “{name}” occurs twice in one object.",
            "Keep exactly one value.",
        ),
        # shape
        "missing": _words(
            "Thiếu trường bắt buộc “{name}”.",
            "Bổ sung trường này ({expected}).",
            "The required field “{name}” is missing.",
            "Add it ({expected}).",
        ),
        "unknown_field": _words(
            "Trường “{name}” không có trong cấu trúc dữ liệu.",
            "Bỏ trường này hoặc sửa tên; các trường hợp lệ: {allowed}.",
            "The field “{name}” is not in the contract.",
            "Remove it or correct its name; known fields: {allowed}.",
        ),
        "wrong_type": _words(
            "Giá trị phải là {expected}, nhưng nhận được {got}.",
            "Gửi {expected}.",
            "The value must be {expected}, but {got} was sent.",
            "Send {expected}.",
        ),
        "not_in_enum": _words(
            "Giá trị “{value}” không nằm trong danh sách cho phép.",
            "Dùng một trong: {allowed}.",
            "The value “{value}” is not one of the allowed ones.",
            "Use one of: {allowed}.",
        ),
        "out_of_range": _words(
            "Số nằm ngoài khoảng từ {minimum} đến {maximum}.",
            "Gửi số trong khoảng này.",
            "The number is outside {minimum} to {maximum}.",
            "Send a number within that range.",
        ),
        "not_finite": _words(
            "Số quá lớn hoặc không hữu hạn.",
            "Gửi một số hữu hạn.",
            "The number is too large or not finite.",
            "Send a finite number.",
        ),
        # text and bytes
        "lone_surrogate": _words(
            "Văn bản chứa một nửa cặp ký tự thay thế (surrogate), không phải Unicode hợp lệ.",
            "Gửi văn bản Unicode hợp lệ.",
            "The text holds half of a surrogate pair, which is not valid Unicode.",
            "Send valid Unicode text.",
        ),
        "key_collision": _words(
            "Hai khoá của bảng trùng nhau sau khi chuẩn hoá Unicode (NFC): “{name}”.",
            "Giữ lại một khoá.",
            "Two keys of the map are the same after Unicode normalisation (NFC): “{name}”.",
            "Keep one of them.",
        ),
        "too_many_marks": _words(
            "Văn bản có quá {limit} dấu kết hợp (combining mark) liền nhau.",
            "Gửi văn bản Unicode bình thường, dạng NFC.",
            "The text has more than {limit} combining marks in a row.",
            "Send ordinary Unicode text, in NFC.",
        ),
        "base64": _words(
            "Giá trị không phải base64 chuẩn.",
            "Dùng base64 chuẩn có dấu đệm “=”.",
            "The value is not strict base64.",
            "Use standard base64 with “=” padding.",
        ),
        "fixed_size": _words(
            "Giá trị phải dài đúng {size} byte, nhưng dài {got} byte.",
            "Gửi đúng {size} byte.",
            "The value must be exactly {size} bytes, but is {got}.",
            "Send exactly {size} bytes.",
        ),
        "uuid": _words(
            "“{value}” không phải UUID.",
            "Dùng dạng 8-4-4-4-12 chữ số thập lục phân, chữ thường.",
            "“{value}” is not a UUID.",
            "Use the 8-4-4-4-12 form of lower-case hexadecimal digits.",
        ),
        # subscriptions
        "webhook_address": _words(
            "“{value}” không phải địa chỉ nhận webhook.",
            "Gửi địa chỉ như https://host/path, không có ?, #, tên hay mật khẩu.",
            "“{value}” is no address of a webhook.",
            "Send one like https://host/path, without a query, a fragment, a name or a password.",
        ),
        "webhook_private": _words(
            "{value} là địa chỉ nội bộ.",
            "Dùng địa chỉ công khai; địa chỉ nội bộ phải được cán bộ vận hành cho phép trong bus.yaml.",
            "{value} is a private address.",
            "Use a public one; private ones need the operators' word in bus.yaml.",
        ),
        "webhook_https": _words(
            "{value} không dùng https.",
            "Dùng địa chỉ https.",
            "{value} is not https.",
            "Use an https address.",
        ),
        "delays_grow": _words(
            "Các khoảng chờ phải tăng dần, mỗi khoảng một lần, ít nhất một khoảng.",
            "Viết khoảng ngắn nhất trước.",
            "The delays must grow, each be there once, and at least one.",
            "Write the shortest first.",
        ),
        # numbers as text
        "decimal_format": _words(
            "“{value}” không phải số thập phân dạng văn bản.",
            'Gửi chuỗi như "1250.50": không số 0 ở đầu, không số mũ, dấu chấm thập phân.',
            "“{value}” is not a decimal in text.",
            'Send a string such as "1250.50": no leading zeros, no exponent, a decimal point.',
        ),
        "decimal_precision": _words(
            "Số có quá {precision} chữ số (trong đó {scale} chữ số thập phân).",
            "Gửi số vừa với {precision} chữ số, {scale} chữ số thập phân.",
            "The number does not fit {precision} digits with {scale} decimals.",
            "Send one that fits.",
        ),
        # time
        "date_format": _words(
            "“{value}” không phải ngày hợp lệ.",
            "Dùng dạng YYYY-MM-DD, ví dụ 2025-07-01.",
            "“{value}” is not a date.",
            "Use YYYY-MM-DD, for example 2025-07-01.",
        ),
        "partial_date": _words(
            "“{value}” không phải ngày, tháng hay năm hợp lệ.",
            "Dùng YYYY, YYYY-MM hoặc YYYY-MM-DD; không tự điền phần còn thiếu.",
            "“{value}” is not a year, a month or a date.",
            "Use YYYY, YYYY-MM or YYYY-MM-DD; do not fill in what is not known.",
        ),
        "time_format": _words(
            "“{value}” không phải giờ hợp lệ.",
            "Dùng dạng HH:MM:SS.",
            "“{value}” is not a time of day.",
            "Use HH:MM:SS.",
        ),
        "timestamp_format": _words(
            "“{value}” không phải thời điểm hợp lệ.",
            "Dùng ISO 8601 có chữ T và múi giờ, ví dụ 2025-07-01T08:00:00+07:00.",
            "“{value}” is not a timestamp.",
            "Use ISO 8601 with a T and an offset, for example 2025-07-01T08:00:00+07:00.",
        ),
        "timestamp_offset": _words(
            "Thời điểm “{value}” thiếu múi giờ.",
            "Thêm múi giờ, ví dụ +07:00.",
            "The timestamp “{value}” has no offset.",
            "Add one, for example +07:00.",
        ),
        "too_precise": _words(
            "“{value}” chính xác hơn mức {unit} mà cấu trúc cho phép.",
            "Gửi tối đa {digits} chữ số sau giây.",
            "“{value}” is finer than the {unit} that the contract keeps.",
            "Send at most {digits} digits after the second.",
        ),
        # code lists
        "unknown_code": _words(
            "Mã “{value}” không có trong danh mục {codelist}.",
            "Tra danh mục {codelist} và gửi mã đúng.",
            "The code “{value}” is not in the code list {codelist}.",
            "Look the right code up in {codelist}.",
        ),
        "code_ended": _words(
            "Mã “{value}” ({name}) trong danh mục {codelist} đã hết hiệu lực từ {ended}; ngày xét là {date}.",
            "Dùng đơn vị kế thừa: {successors}; hoặc sửa ngày.",
            "The code “{value}” ({name}) of {codelist} ended on {ended}; the date that governs it is {date}.",
            "Use what succeeded it: {successors}; or correct the date.",
        ),
        "code_not_yet": _words(
            "Mã “{value}” ({name}) trong danh mục {codelist} có hiệu lực từ {begins}; ngày xét là {date}.",
            "Dùng mã có hiệu lực vào ngày đó: {predecessors}; hoặc sửa ngày.",
            "The code “{value}” ({name}) of {codelist} is valid from {begins}; the date that governs it is {date}.",
            "Use a code in force on that date: {predecessors}; or correct the date.",
        ),
        "ambiguous_date": _words(
            "Mã “{value}” trong danh mục {codelist} mang nghĩa khác nhau trong khoảng “{date}”.",
            "Gửi ngày đầy đủ hơn hoặc chọn một trong: {meanings}.",
            "The code “{value}” of {codelist} means different things within “{date}”.",
            "Send a fuller date, or choose one of: {meanings}.",
        ),
        "ambiguous_code": _words(
            "Mã “{value}” ({name}) tương ứng với nhiều mã của danh mục {codelist} tại ngày {date}: {meanings}.",
            "Chọn một trong các mã đó và gửi lại với ngày tương ứng; trục không tự chọn.",
            "The code “{value}” ({name}) corresponds to several codes of {codelist} as of {date}: {meanings}.",
            "Choose one of them and send it with its date; the bus never picks.",
        ),
        "no_conversion": _words(
            "Mã “{value}” ({name}) không có mã tương ứng trong danh mục {codelist} tại ngày {date}.",
            "Kiểm tra mã và ngày; nếu đúng, báo cho đơn vị quản lý danh mục.",
            "The code “{value}” ({name}) has no counterpart in {codelist} as of {date}.",
            "Check the code and its date; if both are right, tell the keeper of the code list.",
        ),
        "no_code": _words(
            "“{name}” trong danh mục {codelist} không có mã vào ngày {date}.",
            "Liên hệ đơn vị quản lý hệ thống nhận để được hướng dẫn cách ghi đơn vị chưa từng được cấp mã.",
            "“{name}” of {codelist} has no code as of {date}.",
            "Ask the keeper of the receiving system how it records what was never given a code.",
        ),
        # mapping
        "map_missing": _words(
            "Không có giá trị tại “{path}” mà hệ thống nhận yêu cầu.",
            "Bổ sung giá trị này.",
            "There is no value at “{path}”, which the receiving system needs.",
            "Add it.",
        ),
        "map_format": _words(
            "Giá trị “{value}” không đúng dạng {expected}.",
            "Gửi giá trị dạng {expected}.",
            "The value “{value}” is not of the form {expected}.",
            "Send a value of that form.",
        ),
        "map_table": _words(
            "Giá trị “{value}” không có trong bảng quy đổi.",
            "Dùng một trong: {allowed}.",
            "The value “{value}” is not in the conversion table.",
            "Use one of: {allowed}.",
        ),
        "map_codelist": _words(
            "Cấu hình kết nối dùng danh mục {codelist}, nhưng trục không có danh mục này.",
            "Báo cho cán bộ kết nối.",
            "The adapter uses the code list {codelist}, which this bus does not have.",
            "Tell the integrator.",
        ),
        # rows and files of a source
        "row_cells": _words(
            "Dòng có {got} ô, nhưng tiêu đề có {expected} cột.",
            "Kiểm tra dấu phân cách và dấu nháy của dòng này.",
            "The row has {got} cells, but the header has {expected} columns.",
            "Check the row's delimiters and quotes.",
        ),
        "row_quote": _words(
            "Dấu nháy {quote} trong dòng không được đóng hoặc đặt sai chỗ.",
            "Đóng dấu nháy; dấu nháy bên trong ô phải viết hai lần.",
            "A {quote} in the row is not closed, or stands in the wrong place.",
            "Close it; within a cell write it twice.",
        ),
        "row_long": _words(
            "Dòng dài hơn {limit} ký tự.",
            "Kiểm tra dấu xuống dòng của tệp.",
            "The line is longer than {limit} characters.",
            "Check how the file ends its lines.",
        ),
        "row_nul": _words(
            "Dòng chứa byte NUL.",
            "Xuất lại dòng này từ hệ thống nguồn.",
            "The row holds a NUL byte.",
            "Export the row again.",
        ),
        "row_encoding": _words(
            "Dòng có ký tự không đọc được theo bảng mã {encoding}.",
            "Xuất lại dòng này theo bảng mã {encoding}.",
            "The row holds what cannot be read as {encoding}.",
            "Export the row again in {encoding}.",
        ),
        "row_failed": _words(
            "Trục gặp lỗi {error} khi xử lý dòng này.",
            "Báo cho cán bộ vận hành, kèm số dòng và tên tệp.",
            "The bus failed on this row: {error}.",
            "Tell the operator, with the row's number and the file's name.",
        ),
        "row_refused": _words(
            "Trục từ chối dòng này: {reason}.",
            "Xem lý do, sửa dòng và gửi lại.",
            "The bus refused this row: {reason}.",
            "See the reason, correct the row and bring it again.",
        ),
        "file_empty": _words(
            "Tệp không có nội dung.",
            "Xuất lại tệp.",
            "The file is empty.",
            "Export it again.",
        ),
        "file_not_text": _words(
            "Tệp không phải văn bản theo bảng mã {encoding}.",
            "Kiểm tra định dạng và bảng mã của tệp.",
            "The file is no text in {encoding}.",
            "Check its format and its encoding.",
        ),
        "file_no_header": _words(
            "Không tìm thấy dòng tiêu đề có tên cột.",
            "Thêm dòng tiêu đề, hoặc khai báo columns trong cấu hình.",
            "There is no header that names the columns.",
            "Add one, or name them under columns in the configuration.",
        ),
        "file_strange_header": _words(
            "Dòng tiêu đề không có cột nào mà cấu hình cần: {wanted}.",
            "Thêm dòng tiêu đề, hoặc khai báo columns trong cấu hình.",
            "The header has none of the columns that are needed: {wanted}.",
            "Add a header, or name the columns under columns in the configuration.",
        ),
        "file_nameless_column": _words(
            "Cột thứ {number} không có tên.",
            "Đặt tên cho mọi cột trong dòng tiêu đề.",
            "Column {number} has no name.",
            "Name every column in the header.",
        ),
        "file_repeated_column": _words(
            "Cột “{name}” xuất hiện hai lần trong dòng tiêu đề.",
            "Đặt cho mỗi cột một tên riêng.",
            "The column “{name}” is in the header twice.",
            "Give every column a name of its own.",
        ),
        "file_columns": _words(
            "Dòng tiêu đề có {got} cột, quá {limit}.",
            "Kiểm tra dấu phân cách và dấu xuống dòng của tệp.",
            "The header has {got} columns, more than {limit}.",
            "Check the file's delimiters and ends of lines.",
        ),
        "file_workbook": _words(
            "Không đọc được sổ tính: {reason}.",
            "Mở tệp bằng chương trình bảng tính và lưu lại dạng .xlsx.",
            "The workbook cannot be read: {reason}.",
            "Open it in a spreadsheet program and save it as .xlsx again.",
        ),
        "file_bomb": _words(
            "Sổ tính giải nén ra quá {limit} MB.",
            "Chia tệp nhỏ hơn, hoặc gửi dạng CSV.",
            "The workbook unpacks to more than {limit} MB.",
            "Split it, or send CSV.",
        ),
        "file_sheet": _words(
            "Sổ tính không có trang “{name}”; các trang: {known}.",
            "Sửa tên trang trong tệp hoặc trong cấu hình.",
            "The workbook has no sheet “{name}”; its sheets: {known}.",
            "Correct the name in the file or in the configuration.",
        ),
        # a submission that somebody took back
        "withdrawn": _words(
            "{by} đã rút lại: {why}.",
            "Nếu vẫn cần gửi, gửi lại với Idempotency-Key mới.",
            "Withdrawn by {by}: {why}.",
            "Where it is wanted all the same, send it again with a new Idempotency-Key.",
        ),
        # headers and what a provider says in its own words
        "header_missing": _words(
            "Thiếu tiêu đề HTTP {name}, cấu trúc này bắt buộc phải có.",
            "Gửi tiêu đề {name}; ý nghĩa của nó ở /openapi.json.",
            "The HTTP header {name} is missing, and this contract requires it.",
            "Send {name}; /openapi.json says what it means.",
        ),
        "provider": _words(
            "{text}", "Xem nội dung hệ thống nhận trả lời.", "{text}", "See what the provider answered."
        ),
    }
)
