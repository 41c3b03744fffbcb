"""Field tables have all that their standards have, counted against lists that were read apart from the tables."""

from __future__ import annotations

import pytest

from adapters.workspace.standard_contracts import standard_contract

STOPS_TXT = """
stop_id stop_code stop_name tts_stop_name stop_desc stop_lat stop_lon zone_id stop_url location_type parent_station
stop_timezone wheelchair_boarding level_id platform_code stop_access
"""
VEHICLE_POSITION = """
vehicle/trip/trip_id vehicle/trip/route_id vehicle/trip/direction_id vehicle/trip/start_time vehicle/trip/start_date
vehicle/trip/schedule_relationship vehicle/trip/modified_trip vehicle/vehicle/id vehicle/vehicle/label
vehicle/vehicle/license_plate vehicle/vehicle/wheelchair_accessible vehicle/position/latitude vehicle/position/longitude
vehicle/position/bearing vehicle/position/odometer vehicle/position/speed vehicle/current_stop_sequence vehicle/stop_id
vehicle/current_status vehicle/timestamp vehicle/congestion_level vehicle/occupancy_status vehicle/occupancy_percentage
vehicle/multi_carriage_details id is_deleted trip_update alert
"""
ENVELOPE = "maDonVi maTTHC module maHoSo ngayTiepNhan techId fileDinhKem"
BIRTH = """
maGCS ngayCapGCS loaiDangKy noiDangKy soLuongBanSao nksHoTen nksGioiTinh nksNgaySinh nksNgaySinhBangChu nksNoiSinh
nksNoiSinhDVHC nksNoiSinhNuocNgoai nksQueQuan nksDanToc nksDanTocKhac nksQuocTich nksQuocTichKhac nksLoaiKhaiSinh
meHoTen meNgaySinh meDanToc meDanTocKhac meQuocTich meQuocTichKhac meLoaiCuTru meNoiCuTru meLoaiGiayToTuyThan
meSoGiayToTuyThan meXacThucThongTin chaHoTen chaNgaySinh chaDanToc chaDanTocKhac chaQuocTich chaQuocTichKhac
chaLoaiCuTru chaNoiCuTru chaLoaiGiayToTuyThan chaSoGiayToTuyThan chaXacThucThongTin nycHoTen nycQuanHe
nycLoaiGiayToTuyThan nycGiayToKhac nycSoGiayToTuyThan nycNgayCapGiayToTuyThan nycNoiCapGiayToTuyThan nycSoDienThoai
nycEmail nycXacThucThongTin
"""
DEATH = """
maGBT ngayCapGBT loaiDangKy noiDangKy soLuongBanSao nktHoTen nktGioiTinh nktNgaySinh nktDanToc nktDanTocKhac nktQuocTich
nktQuocTichKhac nktLoaiCuTru nktNoiCuTru nktLoaiGiayToTuyThan nktSoGiayToTuyThan nktNgayCapGiayToTuyThan
nktNoiCapGiayToTuyThan nktNgayChet nktGioPhutChet nktNoiChet nktNguyenNhanChet nktXacThucThongTin gbtLoai gbtSo gbtNgay
gbtCoQuanCap nycHoTen nycQuanHe nycLoaiGiayToTuyThan nycGiayToKhac nycSoGiayToTuyThan nycNgayCapGiayToTuyThan
nycNoiCapGiayToTuyThan nycSoDienThoai nycEmail nycXacThucThongTin nktGiayToKhac
"""
DEATHS = """
ID so quyenSo trangSo ngayDangKy loaiDangKy noiDangKy nktHoTen nktGioiTinh nktNgaySinh nktDanToc nktQuocTich
nktLoaiCuTru nktLoaiGiayToTuyThan nktSoGiayToTuyThan nktNgayChet TinhTrangID TenFile TenFileSauUpLoad URLTapTinDinhKem
NamMoSo LoaiGiay DuLieuCu NgayCapNhat URLAnhCu ghiChu nktGioPhutChet nktNoiChet nktNguyenNhanChet nktNoiCuTru nycHoTen
nycQuanHe nguoiKy chucVuNguoiKy nguoiThucHien nktGioPhutChet1 nktNgayCapGiayToTuyThan nktNoiCapGiayToTuyThan gbtLoai
gbtSo gbtNgay gbtCoQuanCap nycLoaiGiayToTuyThan nycSoGiayToTuyThan nycNgayCapGiayToTuyThan nycNoiCapGiayToTuyThan
"""
MARRIAGES = """
ID so quyenSo trangSo ngayDangKy loaiDangKy noiDangKy chongHoTen chongNgaySinh chongDanToc chongQuocTich chongLoaiCuTru
chongLoaiGiayToTuyThan chongSoGiayToTuyThan voHoTen voNgaySinh voDanToc voQuocTich voLoaiCuTru voLoaiGiayToTuyThan
voSoGiayToTuyThan TinhTrangID TenFile TenFileSauUpLoad URLTapTinDinhKem NamMoSo LoaiGiay DuLieuCu NgayCapNhat URLAnhCu
ghiChu chongNoiCuTru voNoiCuTru nguoiKy chucVuNguoiKy nguoiThucHien chongNgayCapGiayToTuyThan chongNoiCapGiayToTuyThan
voNgayCapGiayToTuyThan voNoiCapGiayToTuyThan tinhTrangKetHon voQuocTichKhac
"""
SITUATION_RECORD = """
situationRecordCreationReference situationRecordCreationTime situationRecordObservationTime situationRecordVersionTime
situationRecordFirstSupplierVersionTime confidentialityOverride probabilityOfOccurrence severity safetyRelatedMessage
source validity impact cause generalPublicComment nonGeneralPublicComment urlLink locationReference
informationManagerOverride impactOnOppositeDirection trafficConstrictionType accidentCause accidentType collisionType
totalNumberOfPeopleInvolved totalNumberOfVehiclesInvolved vehicleInvolved groupOfVehiclesInvolved groupOfPeopleInvolved
"""


def listed(name: str, slug: str) -> set[str]:
    (standard,) = (each for each in standard_contract(name).standards if each.slug == slug)
    return {row.standard_field.removeprefix("/") for row in standard.rows if row.standard_field}


def inside(names: str, at: str = "") -> set[str]:
    return {at + name for name in names.split()}


@pytest.mark.parametrize(
    ("name", "slug", "names"),
    [
        ("transport.stop", "gtfs-stops", inside(STOPS_TXT)),
        ("transport.vehicle-position", "gtfs-rt-vehicle", inside(VEHICLE_POSITION)),
        ("civil-status.birth", "lien-thong-ho-tich", inside(ENVELOPE) | inside(BIRTH, "data/hoTich/")),
        ("civil-status.death", "lien-thong-ho-tich", inside(ENVELOPE) | inside(DEATH, "data/hoTich/")),
        ("civil-status.death", "so-ho-tich", inside(DEATHS)),
        ("civil-status.marriage", "so-ho-tich", inside(MARRIAGES)),
    ],
)
def test_a_table_has_every_field_of_its_standard_and_no_other(name: str, slug: str, names: set[str]) -> None:
    assert listed(name, slug) == names


def test_every_element_of_a_record_of_datex_is_in_the_table_of_incidents() -> None:
    """… itself, or with what stands in it."""
    found = listed("transport.incident", "datex-2-situation")
    assert {
        element
        for element in inside(SITUATION_RECORD, "situationRecord/")
        if not any(each == element or each.startswith(f"{element}/") for each in found)
    } == set()
