"""Every error that leaves the gateway: an RFC 9457 problem with a stable type, its origin and words in vi and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from starlette.responses import Response

from contracts.errors import FieldError, Origin
from contracts.wording import Language, worded

TYPE_PREFIX: Final = "urn:lienthong:problem:"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A stable type of problem; titles and details by language, details with parameters."""

    status: int
    origin: Origin
    title_vi: str
    detail_vi: str
    title_en: str
    detail_en: str


class Words(NamedTuple):
    """A parameter of a problem that is itself said in words."""

    vi: str
    en: str

    def __str__(self) -> str:
        return self.en


class Problem(Exception):
    """An answer of the 4xx or 5xx family. `kind` is a key of `KINDS`; `params` fill its detail in, `Words` by language.

    `errors` name wrong fields, `members` are further members of the problem document (an exchange id, an outcome),
    `headers` go out with it, `origin` overrides the kind's own.
    """

    def __init__(
        self,
        kind: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
        origin: Origin | None = None,
        **params: object,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.errors = errors
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        self.origin = origin
        self.params = {name: str(value) for name, value in params.items()}
        self._words = {name: value for name, value in params.items() if isinstance(value, Words)}

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def detail(self, language: Language) -> str:
        """What happened, in that language."""
        kind = KINDS[self.kind]
        if language is Language.EN:
            return kind.detail_en.format_map(self.params)
        return kind.detail_vi.format_map({**self.params, **{name: words.vi for name, words in self._words.items()}})


def problem_response(problem: Problem, language: Language) -> Response:
    """The problem as `application/problem+json` in the language asked for."""
    headers = {"content-language": str(language), "cache-control": "no-store", **problem.headers}
    document = orjson.dumps(problem_document(problem, language))
    return Response(document, problem.status, headers, media_type="application/problem+json")


def problem_document(problem: Problem, language: Language) -> dict[str, Any]:
    """The members of the problem in the language asked for."""
    kind = KINDS[problem.kind]
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": kind.title_vi if language is Language.VI else kind.title_en,
        "status": kind.status,
        "detail": problem.detail(language),
        "origin": str(problem.origin or kind.origin),
        **problem.members,
    }
    if problem.errors:
        document["errors"] = [error_document(error, language) for error in problem.errors]
    return document


def error_document(error: FieldError, language: Language) -> dict[str, Any]:
    """One wrong field as a member of a problem."""
    words = worded(error, language)
    document: dict[str, Any] = {
        "pointer": error.pointer,
        "code": error.code,
        "detail": words.detail,
        "remedy": words.remedy,
    }
    if error.candidates:
        document["candidates"] = list(error.candidates)
    return document


def language_of(accept_language: str | None, default: Language) -> Language:
    """The language that `Accept-Language` prefers among ours; `default` where it names neither."""
    best, best_weight = default, 0.0
    for part in (accept_language or "")[:200].split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        primary = tag.strip().lower().partition("-")[0]
        if primary in set(Language) and weight > best_weight:
            best, best_weight = Language(primary), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


_G, _B, _P = Origin.GATEWAY, Origin.BUS, Origin.PROVIDER

KINDS: Final[Mapping[str, ProblemKind]] = MappingProxyType(
    {
        "bad-request": ProblemKind(
            400, _G,
            "Yêu cầu không hợp lệ", "Yêu cầu không hợp lệ: {why}.",
            "Bad request", "The request is not valid: {why}.",
        ),
        "malformed-body": ProblemKind(
            400, _G,
            "Nội dung không đọc được", "Nội dung gửi lên không phải JSON UTF-8 hợp lệ; xem “errors”.",
            "Unreadable body", "The body is not valid JSON in UTF-8; see “errors”.",
        ),
        "header-missing": ProblemKind(
            400, _G,
            "Thiếu tiêu đề bắt buộc", "Cấu trúc {contract} bắt buộc phải có tiêu đề nêu trong “errors”.",
            "A required header is missing", "The contract {contract} requires the headers named in “errors”.",
        ),
        "header-invalid": ProblemKind(
            400, _G,
            "Tiêu đề không hợp lệ", "Tiêu đề {name} không hợp lệ: {why}.",
            "A header is not valid", "The header {name} is not valid: {why}.",
        ),
        "unauthenticated": ProblemKind(
            401, _G,
            "Chưa xác thực", "Cần có “Authorization: Bearer <token>”; lấy token tại /oauth2/token.",
            "Not authenticated", "Send “Authorization: Bearer <token>”; get the token from /oauth2/token.",
        ),
        "invalid-token": ProblemKind(
            401, _G,
            "Token không hợp lệ", "Token không dùng được ({why}); lấy token mới tại /oauth2/token.",
            "The token is not valid", "The token cannot be used ({why}); get a new one from /oauth2/token.",
        ),
        "no-grant": ProblemKind(
            403, _G,
            "Chưa được cấp quyền",
            "Hệ thống {system} chưa có quyền khai thác {contract} đang hiệu lực{receiver}; "
            "gửi đề nghị kết nối, khai thác tới đơn vị quản lý trục.",
            "No grant",
            "The system {system} holds no grant in force for {contract}{receiver}; ask the keepers of the bus for one.",
        ),
        "wrong-purpose": ProblemKind(
            403, _G,
            "Mục đích không được cấp quyền",
            "Không có quyền nào của {system} đối với {contract} với mục đích đã nêu; các mục đích: {purposes}.",
            "The purpose is not granted",
            "No grant of {system} for {contract} has the purpose that was stated; granted purposes: {purposes}.",
        ),
        "not-operator": ProblemKind(
            403, _G,
            "Chỉ dành cho cán bộ vận hành", "Thao tác này cần token của cán bộ vận hành.",
            "For operators only", "This needs an operator's token.",
        ),
        "not-found": ProblemKind(
            404, _G,
            "Không tìm thấy", "Không có tài nguyên tại {path}; xem /openapi.json.",
            "Not found", "There is nothing at {path}; see /openapi.json.",
        ),
        "exchange-not-found": ProblemKind(
            404, _G,
            "Không tìm thấy giao dịch", "Không có giao dịch {id} mà hệ thống của bạn là một bên.",
            "No such exchange", "There is no exchange {id} to which your system is a party.",
        ),
        "dead-letter-not-found": ProblemKind(
            404, _G,
            "Không có thông điệp chờ xử lý", "Giao dịch {id} không có thông điệp nào đang chờ người xử lý.",
            "No such dead letter", "The exchange {id} has no dead letter that waits for a person.",
        ),
        "not-in-doubt": ProblemKind(
            409, _G,
            "Giao dịch không ở trạng thái chờ xác minh", "Giao dịch {id} không phải “chưa rõ kết quả” (đang là: {outcome}).",
            "The exchange is not in doubt", "The exchange {id} is not in doubt (it is: {outcome}).",
        ),
        "sender-only": ProblemKind(
            403, _G,
            "Chỉ dành cho hệ thống gửi", "Chỉ hệ thống đã gửi giao dịch {id}, hoặc cán bộ vận hành, mới rút lại được.",
            "For the sender only", "Only the system that sent the exchange {id}, or an operator, may withdraw it.",
        ),
        "not-a-submission": ProblemKind(
            409, _G,
            "Giao dịch này không rút lại được",
            "Giao dịch {id} thuộc loại {pattern}; chỉ rút lại được giao dịch gửi dữ liệu. Tra cứu tự hết hạn;"
            " sự kiện đã công bố thì công bố sự kiện đính chính.",
            "Such an exchange cannot be withdrawn",
            "The exchange {id} is a {pattern}; only submissions can be withdrawn. A query expires by itself;"
            " an event that was published is put right by another event.",
        ),
        "too-late-to-withdraw": ProblemKind(
            409, _B,
            "Đã quá muộn để rút lại", "Giao dịch {id} đã xong với kết quả {outcome}.",
            "It is too late to withdraw it", "The exchange {id} is settled already; its outcome: {outcome}.",
        ),
        "gave-up-before": ProblemKind(
            409, _B,
            "Giao dịch đang do cán bộ vận hành xử lý",
            "Trục đã ngừng gửi giao dịch {id} và chuyển cho cán bộ vận hành quyết định; đề nghị cán bộ vận hành huỷ"
            " (lienthong dead drop).",
            "It is in an operator's hands",
            "The bus gave the exchange {id} up, and an operator decides on it; ask for it to be dropped"
            " (lienthong dead drop).",
        ),
        "maybe-taken": ProblemKind(
            409, _B,
            "Hệ thống nhận có thể đã nhận",
            "Một lần gửi giao dịch {id} tới {receiver} không có trả lời nên có thể đã được nhận; trục tiếp tục gửi cho"
            " đến khi rõ kết quả.",
            "The receiver may have taken it",
            "An attempt at {id} was not answered, so {receiver} may have taken it; the bus goes on until the end is known.",
        ),
        "contract-unknown": ProblemKind(
            404, _G,
            "Không có cấu trúc dữ liệu này", "Không có cấu trúc {contract}; các cấu trúc được khai thác: {known}.",
            "No such contract", "There is no contract {contract}; those granted to you: {known}.",
        ),
        "invalid-subscription": ProblemKind(
            422, _G,
            "Đăng ký không hợp lệ", "Đăng ký nhận dữ liệu có chỗ sai; xem từng chỗ trong “errors”.",
            "The subscription is not valid", "The subscription is not valid; each wrong place is in “errors”.",
        ),
        "subscription-not-found": ProblemKind(
            404, _G,
            "Không tìm thấy đăng ký", "Hệ thống của bạn không có đăng ký nhận dữ liệu {id}.",
            "No such subscription", "Your system has no subscription {id}.",
        ),
        "too-many-subscriptions": ProblemKind(
            409, _G,
            "Quá nhiều đăng ký", "Mỗi hệ thống có tối đa {most} đăng ký nhận dữ liệu; xoá bớt đăng ký không còn dùng.",
            "Too many subscriptions", "A system may have {most} subscriptions; delete one that is not needed any more.",
        ),
        "subscription-busy": ProblemKind(
            409, _G,
            "Đăng ký đang được thay đổi", "Đăng ký {id} vừa bị nơi khác thay đổi; xem lại rồi thử lại.",
            "The subscription is being changed", "The subscription {id} was just changed by others; look again, then repeat.",
        ),
        "subscription-disabled": ProblemKind(
            409, _B,
            "Đăng ký đã bị ngừng",
            "Mọi lần gửi tới {url} đều thất bại từ {since} (lần cuối: {failure}); sửa xong thì POST /subscriptions/{id}/resume.",
            "The subscription is disabled",
            "Each push to {url} has failed since {since} (the last: {failure}); mend it, then POST /subscriptions/{id}/resume.",
        ),
        "config-overtaken": ProblemKind(
            409, _G,
            "Cấu hình khác đã được áp dụng trước", "{who}. Xem `lienthong diff`, rồi áp dụng lại.",
            "Another configuration was applied first", "{who}. See `lienthong diff`, then apply again.",
        ),
        "config-incomplete": ProblemKind(
            409, _G,
            "Cấu hình chưa đủ phần", "Thiếu {count} phần trên nhật ký; gửi chúng trước rồi gửi lại danh sách.",
            "Parts of the configuration are missing", "The log lacks {count} parts; send them first, then the list again.",
        ),
        "config-refused": ProblemKind(
            422, _G,
            "Cấu hình không dùng được", "Không có gì thay đổi. {why}",
            "The configuration cannot be used", "Nothing was changed. {why}",
        ),
        "config-not-found": ProblemKind(
            404, _G,
            "Không tìm thấy cấu hình", "Không có cấu hình nào đã áp dụng mang mã {id}; xem `lienthong config log`.",
            "No such configuration", "No configuration that was applied has the id {id}; see `lienthong config log`.",
        ),
        "owner-only": ProblemKind(
            403, _G,
            "Chỉ dành cho hệ thống đăng ký", "Chỉ chính hệ thống đăng ký mới tạo được đăng ký và đổi được khoá bí mật của nó.",
            "For the subscribing system only", "Only the subscribing system itself may subscribe, or rotate its secret.",
        ),
        "method-not-allowed": ProblemKind(
            405, _G,
            "Phương thức không được hỗ trợ", "{method} không dùng được tại {path}; dùng: {allowed}.",
            "Method not allowed", "{method} does not work at {path}; use: {allowed}.",
        ),
        "idempotency-conflict": ProblemKind(
            422, _G,
            "Khoá chống lặp đã dùng cho nội dung khác",
            "Idempotency-Key này đã dùng cho giao dịch {id} với nội dung khác; dùng khoá mới cho nội dung mới.",
            "The idempotency key belongs to another body",
            "This Idempotency-Key was used for exchange {id} with another body; use a new key for a new body.",
        ),
        "body-too-large": ProblemKind(
            413, _G,
            "Nội dung quá lớn", "Nội dung vượt quá {limit} byte mà {contract} cho phép.",
            "The body is too large", "The body is larger than the {limit} bytes that {contract} allows.",
        ),
        "uri-too-long": ProblemKind(
            414, _G, "Địa chỉ quá dài", "Rút ngắn địa chỉ.", "The URI is too long", "Shorten the URI."
        ),
        "headers-too-large": ProblemKind(
            431, _G,
            "Tiêu đề quá lớn", "Phần tiêu đề của yêu cầu vượt quá {limit} byte.",
            "The headers are too large", "The head of the request is larger than {limit} bytes.",
        ),
        "unsupported-media-type": ProblemKind(
            415, _G,
            "Kiểu nội dung không được hỗ trợ", "Gửi Content-Type: {wanted}, không nén (nhận được: {got}).",
            "Unsupported media type", "Send Content-Type: {wanted}, not encoded (got: {got}).",
        ),
        "invalid-record": ProblemKind(
            422, _G,
            "Bản ghi không đúng cấu trúc", "Bản ghi không khớp {contract}; xem từng chỗ sai trong “errors”.",
            "The record does not fit its contract", "The record does not fit {contract}; each wrong place is in “errors”.",
        ),
        "receiver-required": ProblemKind(
            422, _G,
            "Chưa rõ hệ thống nhận", "Nhiều hệ thống cung cấp {contract}; gửi tiêu đề To với một trong: {receivers}.",
            "The receiver is not clear", "Several systems provide {contract}; send the header To with one of: {receivers}.",
        ),
        "receiver-of-event": ProblemKind(
            400, _G,
            "Sự kiện không có hệ thống nhận riêng", "{contract} là sự kiện, gửi cho mọi hệ thống được phép; bỏ tiêu đề To.",
            "An event has no receiver", "{contract} is an event, for every system that may have it; leave out the header To.",
        ),
        "not-an-event": ProblemKind(
            400, _G,
            "Không phải sự kiện",
            "{contract} không phải là sự kiện nên không đăng ký nhận được, cũng không có hàng chờ nhận;"
            " gửi tới /exchange/{contract}.",
            "Not an event",
            "{contract} is no event, so there is no inbox of it and nobody can subscribe to it;"
            " send to /exchange/{contract}.",
        ),
        "cursor-invalid": ProblemKind(
            400, _G,
            "Con trỏ đọc không dùng được", "Con trỏ đọc không dùng được: {why}; dùng đúng “cursor” mà trục đã trả.",
            "The cursor cannot be used", "The cursor cannot be used: {why}; use “cursor” exactly as it was answered.",
        ),
        "cursor-of-another-bus": ProblemKind(
            400, _G,
            "Con trỏ đọc của trục khác", "Con trỏ đọc này do một trục khác cấp, không phải {bus}; bỏ cursor để đọc từ đầu.",
            "The cursor is of another bus", "Another bus gave this cursor, not {bus}; leave it out to read from the start.",
        ),
        "cursor-of-another-contract": ProblemKind(
            400, _G,
            "Con trỏ đọc của cấu trúc khác", "Con trỏ đọc này của {of}, không dùng cho {contract}; mỗi cấu trúc có con trỏ riêng.",
            "The cursor is of another contract",
            "This cursor is of {of} and not of {contract}; each contract has a cursor of its own.",
        ),
        "cursor-expired": ProblemKind(
            410, _B,
            "Sự kiện đã quá thời hạn lưu",
            "{missed} sự kiện của {contract} sau con trỏ này đã quá thời hạn lưu; đọc tiếp từ con trỏ trong “earliest”.",
            "The events are not kept any more",
            "{missed} events of {contract} after this cursor are not kept any more; go on from the cursor in “earliest”.",
        ),
        "cursor-ahead": ProblemKind(
            410, _B,
            "Nhật ký đã được tạo lại",
            "Con trỏ này đi trước mọi sự kiện của {contract}: nhật ký đã được tạo lại; đọc tiếp từ con trỏ trong “earliest”.",
            "The log is not the one it was",
            "This cursor is ahead of all events of {contract}: the log was made anew; go on from the cursor in “earliest”.",
        ),
        "viewer": ProblemKind(
            403, _G,
            "Tài khoản này chỉ xem", "Việc này dành cho cán bộ vận hành; đề nghị người quản trị trục đổi vai trò nếu cần.",
            "This account looks on", "This is for operators; ask whoever runs the bus for that role.",
        ),
        "no-such-page": ProblemKind(
            404, _G,
            "Không có trang này", "Địa chỉ {path} không có trong giao diện vận hành.",
            "There is no such page", "The console has nothing at {path}.",
        ),
        "no-such-exchange": ProblemKind(
            404, _G,
            "Không tìm thấy giao dịch", "Sổ giao dịch không có {id}; kiểm tra lại mã, hoặc đợi một giây nếu vừa gửi.",
            "Exchange not found", "The ledger has no {id}; check the id, or wait a second if it was only just sent.",
        ),
        "foreign-form": ProblemKind(
            403, _G,
            "Biểu mẫu không hợp lệ", "Biểu mẫu không được gửi từ trang này, hoặc phiên làm việc đã đổi; mở lại trang rồi làm lại.",
            "The form is not of this session",
            "The form was not sent from a page of this session; open the page again and repeat.",
        ),
        "not-publisher": ProblemKind(
            403, _G,
            "Không được công bố sự kiện này",
            "{system} không có trong danh sách công bố {contract}; đề nghị cán bộ kết nối thêm vào publishes.",
            "Not a publisher of this event",
            "{system} may not publish {contract}; ask the integrator to add it under publishes.",
        ),
        "receiver-unknown": ProblemKind(
            422, _G,
            "Hệ thống nhận không hợp lệ", "{receiver} không cung cấp {contract}; dùng một trong: {receivers}.",
            "The receiver does not provide it", "{receiver} does not provide {contract}; use one of: {receivers}.",
        ),
        "unroutable": ProblemKind(
            422, _G,
            "Không xác định được hệ thống nhận",
            "Không hệ thống nào phụ trách mã {code} tại ngày {date} cho {contract}; kiểm tra mã và ngày.",
            "No receiver for this record",
            "No system answers for code {code} as of {date} for {contract}; check the code and the date.",
        ),
        "refused": ProblemKind(
            422, _P,
            "Bị từ chối", "{reason}",
            "Refused", "{reason}",
        ),
        "quota-exceeded": ProblemKind(
            429, _G,
            "Vượt hạn mức", "Quyền {grant} cho phép {requests} yêu cầu mỗi {per_s} giây; thử lại sau {retry_after_s} giây.",
            "Quota exceeded", "The grant {grant} allows {requests} requests each {per_s} s; try again in {retry_after_s} s.",
        ),
        "too-many-logins": ProblemKind(
            429, _G,
            "Quá nhiều lần xin token cùng lúc", "Thử lại sau một giây.",
            "Too many token requests at once", "Try again in a second.",
        ),
        "internal": ProblemKind(
            500, _B,
            "Lỗi bên trong trục", "Lỗi ngoài dự kiến; báo mã {incident} cho cán bộ vận hành.",
            "A fault in the bus", "Something unexpected failed; tell the operators the number {incident}.",
        ),
        "failed": ProblemKind(
            502, _P,
            "Không thực hiện được", "{reason}",
            "Failed", "{reason}",
        ),
        "overloaded": ProblemKind(
            503, _G,
            "Trục đang quá tải", "Chưa có gì được lưu; thử lại sau {retry_after_s} giây.",
            "The bus is overloaded", "Nothing was stored; try again in {retry_after_s} s.",
        ),
        "too-many-polls": ProblemKind(
            503, _G,
            "Quá nhiều hệ thống đang chờ sự kiện", "Gọi lại sau {retry_after_s} giây, hoặc không dùng “wait”.",
            "Too many wait for events", "Try again in {retry_after_s} s, or without “wait”.",
        ),
        "backlog": ProblemKind(
            503, _B,
            "Hàng đợi của hệ thống nhận đã đầy",
            "{receiver} còn {backlog} thông điệp chưa nhận; chưa có gì được lưu, thử lại sau {retry_after_s} giây.",
            "The receiver's queue is full",
            "{receiver} has {backlog} messages waiting; nothing was stored, try again in {retry_after_s} s.",
        ),
        "provider-away": ProblemKind(
            503, _P,
            "Hệ thống cung cấp tạm thời không trả lời",
            "{receiver} không trả lời các lần gọi gần đây; thử lại sau {retry_after_s} giây.",
            "The provider is away",
            "{receiver} did not answer the latest calls; try again in {retry_after_s} s.",
        ),
        "log-unavailable": ProblemKind(
            503, _B,
            "Không lưu được", "Nhật ký bền vững chưa ghi được, chưa có gì được lưu; gửi lại với cùng Idempotency-Key.",
            "It could not be stored",
            "The durable log cannot be written; nothing was stored. Repeat with the same Idempotency-Key.",
        ),
        "log-unknown": ProblemKind(
            503, _B,
            "Chưa rõ đã lưu hay chưa", "Việc ghi đã bắt đầu nhưng chưa rõ kết quả; gửi lại với cùng Idempotency-Key.",
            "Not known whether it was stored",
            "The append began and its end is not known; repeat with the same Idempotency-Key.",
        ),
        "log-unreadable": ProblemKind(
            503, _B,
            "Không đọc được nhật ký", "Nhật ký bền vững tạm thời không đọc được; gọi lại với cùng cursor.",
            "The log cannot be read", "The durable log cannot be read now; repeat with the same cursor.",
        ),
        "log-away": ProblemKind(
            503, _B,
            "Nhật ký tạm thời không dùng được", "Nhật ký bền vững tạm thời không đọc hoặc ghi được; mở lại trang, và làm lại nếu chưa thấy kết quả.",
            "The log is away", "The durable log cannot be read or written now; open the page again, and repeat what is not seen there.",
        ),
        "ledger-behind": ProblemKind(
            503, _B,
            "Sổ giao dịch chưa cập nhật", "Sổ giao dịch chưa đọc tới thời điểm này; thử lại sau {retry_after_s} giây.",
            "The ledger is behind", "The ledger has not read this far yet; try again in {retry_after_s} s.",
        ),
        "expired": ProblemKind(
            504, _B,
            "Quá hạn", "{reason}",
            "Expired", "{reason}",
        ),
    }
)  # fmt: skip
