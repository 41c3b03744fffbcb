"""Reads `codelists/<name>.geojson`: where the rows of a code list lie. Needs the extra `positions` (shapely)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from adapters.workspace.documents import WHOLE
from adapters.workspace.report import Report
from contracts.positions import Boundaries, Holding, Position
from contracts.said import said
from contracts.spelling import meant

_SURFACES: Final = ("Polygon", "MultiPolygon")


class Shapes:
    """The boundaries of rows as shapes of longitude and latitude."""

    def __init__(self, shapes: Mapping[str, Any], digest: str) -> None:
        self._shapes = shapes
        self._digest = digest

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the file."""
        return self._digest

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._shapes

    def holding(self, row_id: str, position: Position) -> Holding:
        """How the boundary of that row lies to `position`. KeyError."""
        from shapely import Point  # noqa: PLC0415 - an extra: who has no boundaries need not have it

        shape, point = self._shapes[row_id], Point(position.lon, position.lat)
        inside = bool(shape.contains(point))
        return Holding(inside, not inside and bool(shape.covers(point)))


def read_boundaries(report: Report, file: str, text: str, rows: Collection[str]) -> Boundaries | None:
    """The boundaries in a GeoJSON text; None, and reported, where they cannot be used.

    A FeatureCollection in WGS 84 (RFC 7946); the id of a feature, or its property `id`, is the id of a row.
    """
    try:
        import shapely.geometry  # noqa: PLC0415 - as above
        from shapely import prepare  # noqa: PLC0415
        from shapely.validation import explain_validity  # noqa: PLC0415
    except ImportError:
        message = said("boundaries need a library that is not installed here")
        report.add(file, WHOLE, message, said("install it: pip install 'lienthong[positions]'; or remove the file"))
        return None
    features = _features(report, file, text)
    if features is None:
        return None
    shapes: dict[str, Any] = {}
    failed = False
    for number, feature in enumerate(features, 1):
        row_id = _row_of(feature)
        problem: tuple[str, str] | None = _problem_of(row_id, feature, rows, shapes)
        if problem is None:
            try:
                shape = shapely.geometry.shape(feature["geometry"])
                problem = _problem_of_shape(shape.bounds, None if shape.is_valid else explain_validity(shape))
            except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as error:
                why: str = said("its coordinates cannot be read: {error}", error=error)
                problem = (why, said("export the file again"))
        if problem is not None:
            failed = True
            report.add(file, WHOLE, said("feature {number}: {message}", number=number, message=problem[0]), problem[1])
            continue
        prepare(shape)
        shapes[row_id] = shape
    return None if failed else Shapes(shapes, hashlib.sha256(text.encode()).hexdigest())


def _features(report: Report, file: str, text: str) -> list[Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        report.add(file, WHOLE, said("this is not JSON: {value}", value=error), said("export the file again"))
        return None
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        message = said("this is no FeatureCollection of GeoJSON")
        report.add(file, WHOLE, message, said("export the boundaries as GeoJSON (RFC 7946), in WGS 84"))
        return None
    features: list[Any] = found["features"]
    return features


def _row_of(feature: object) -> str:
    if not isinstance(feature, dict):
        return ""
    properties = feature.get("properties")
    named = feature.get("id") or (properties.get("id") if isinstance(properties, dict) else None)
    return named if isinstance(named, str) else ""


def _problem_of(
    row_id: str, feature: object, rows: Collection[str], shapes: Mapping[str, Any]
) -> tuple[str, str] | None:
    """What is wrong with a feature before its coordinates are looked at, and the remedy."""
    if row_id not in rows:
        remedy = meant(row_id, rows, said("rows")) if row_id else said("give the feature the id of a row")
        return said("there is no row “{row_id}”", row_id=row_id), remedy
    if row_id in shapes:
        return said("{row_id} is there twice", row_id=row_id), said("make one MultiPolygon of both")
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in _SURFACES:
        return said("it is no surface"), said("write a Polygon or a MultiPolygon")
    return None


def _problem_of_shape(bounds: tuple[float, ...], invalid: str | None) -> tuple[str, str] | None:
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return said("it lies outside the earth"), said("write [longitude, latitude], in WGS 84 and in degrees")
    if invalid is not None:
        return said("the shape is not valid: {why}", why=invalid), said("repair it in a GIS program")
    return None
