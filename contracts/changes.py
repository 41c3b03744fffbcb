"""What one version of a contract's schema changes for those who go by the one before it, field by field and in words.

More than `contracts.compatibility`: that one is about bytes, and this also about the JSON that systems exchange. There
a field has one name, senders may write no field that is not there, and a pattern that is drawn tighter turns away what
was good yesterday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Final, TypeAlias

from contracts.avro_any import AnySchema, AnyType, Sort, any_schema
from contracts.avro_types import (
    ArrayType,
    EnumType,
    FieldType,
    FixedType,
    Kind,
    MapType,
    Primitive,
    Type,
    UnionType,
    without_null,
)
from contracts.compatibility import Incompatibility, Incompatible, Mode, reading
from contracts.json_types import parts_of, pointer_of
from contracts.said import Said, said
from contracts.schema import Schema
from contracts.views import fields_under

MOST_COMPARED: Final = 20_000
"""How many fields of a schema are looked at, those nearest to its root first."""

_MOST_SYMBOLS: Final = 8
_LOSSY: Final = {(Kind.INT, Kind.FLOAT), (Kind.LONG, Kind.FLOAT)}


class Party(StrEnum):
    """Whom a change can break: who writes records as the version before says, or who reads them so."""

    WRITERS = "writers"
    READERS = "readers"


BOTH: Final = frozenset(Party)
NOBODY: Final[frozenset[Party]] = frozenset()
_WRITERS: Final = frozenset({Party.WRITERS})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change. `pointer` is the field in the version that has it ("" the record itself), `what` says what becomes of
    it, and `breaks` whom."""

    pointer: str
    what: Said
    breaks: frozenset[Party] = NOBODY

    @property
    def words(self) -> Said:
        """What is said of it, with its field."""
        return said("{field}: {change}", field=_dotted(self.pointer), change=self.what)


Spelling: TypeAlias = Callable[[Type], str]


def changes(old: Schema, new: Schema, spell: Spelling | None = None) -> tuple[FieldChange, ...]:
    """Everything that is other in `new` for who writes or reads its records, the nearest to the root first.

    `spell` says types in other words than Avro's; these are used still where the others are the same for both.
    """
    if old == new:
        return ()
    before, after = (dict(islice(fields_under(each), MOST_COMPARED)) for each in (old, new))
    kept = [(pointer, field, after[pointer]) for pointer, field in before.items() if pointer in after]
    typed = {each.pointer: each for pair in kept for each in _typed(*pair, spell or spelt)}
    others = [*_gone(before, after), *_new(before, after)]
    others.extend(change for each in kept for change in _changed(*each))
    told = {each.pointer for each in (*typed.values(), *others) if each.breaks >= BOTH}
    for change in _by_bytes(old, new, told):
        if change.pointer in typed:
            known = typed[change.pointer]
            typed[change.pointer] = replace(known, breaks=known.breaks | change.breaks)
        else:
            others.append(change)
    found = dict.fromkeys([*typed.values(), *others])
    return tuple(sorted(found, key=lambda each: (each.pointer.count("/"), each.pointer)))


def breaking(mode: Mode, new: Schema, earlier: Sequence[Schema]) -> tuple[FieldChange, ...]:
    """The changes that the mode does not allow `new` to make; `earlier` are the versions before it, the oldest first.

    BACKWARD protects who writes by them, FORWARD who reads by them, FULL both.
    """
    counted = earlier if mode.transitive else earlier[-1:]
    protected = {party for party, asked in ((Party.WRITERS, mode.backward), (Party.READERS, mode.forward)) if asked}
    found = (change for old in reversed(counted) for change in changes(old, new))
    return tuple(dict.fromkeys(change for change in found if change.breaks & protected))


def spelt(of: Type) -> str:
    """A type in Avro's words, on one line: `string | null`, `decimal(10, 2)`, `array of Subject`."""
    if isinstance(of, UnionType):
        present = without_null(of)
        optional = len(of.branches) > len(present.branches if isinstance(present, UnionType) else (present,))
        named = [spelt(branch) for branch in (present.branches if isinstance(present, UnionType) else (present,))]
        return " | ".join([*named, "null"] if optional else named)
    if isinstance(of, ArrayType | MapType):
        return f"array of {spelt(of.items)}" if isinstance(of, ArrayType) else f"map of {spelt(of.values)}"
    if isinstance(of, FixedType):
        return f"fixed({of.size})"
    if isinstance(of, EnumType):
        rest = " …" if len(of.symbols) > _MOST_SYMBOLS else ""
        return f"enum({', '.join(of.symbols[:_MOST_SYMBOLS])}{rest})"
    if isinstance(of, Primitive):
        decimal = of.kind is Kind.DECIMAL
        return f"decimal({of.precision}, {of.scale})" if decimal else str(of.kind)
    return of.name


def _gone(before: dict[str, FieldType], after: dict[str, FieldType]) -> Iterator[FieldChange]:
    """Fields that there are no more: who writes them is turned away, who reads them misses them."""
    for pointer in before:
        if pointer not in after and _parent_in(pointer, after):
            yield FieldChange(pointer, said("taken away"), BOTH)


def _new(before: dict[str, FieldType], after: dict[str, FieldType]) -> Iterator[FieldChange]:
    for pointer, field in after.items():
        if pointer not in before and _parent_in(pointer, before):
            words, breaks = said("new, must be given"), _WRITERS
            if field.has_default:
                words, breaks = said("new, may be absent"), NOBODY
            yield FieldChange(pointer, words, breaks)


def _parent_in(pointer: str, fields: dict[str, FieldType]) -> bool:
    """Whether what is around the field is there: else that is the change to tell."""
    above = parts_of(pointer)[:-1]
    while above and above[-1] == "*":
        above = above[:-1]
    return not above or pointer_of(above) in fields


def _typed(pointer: str, old: FieldType, new: FieldType, spell: Spelling) -> Iterator[FieldChange]:
    """That a field has values of another type."""
    before, after = spelt(old.type), spelt(new.type)
    if before == after:
        return
    words = spell(old.type), spell(new.type)
    if words[0] != words[1]:
        before, after = words
    breaks = BOTH if _other_in_json(old.type, new.type) else NOBODY
    yield FieldChange(pointer, said("{before} → {after}", before=before, after=after), breaks)


def _changed(pointer: str, old: FieldType, new: FieldType) -> Iterator[FieldChange]:
    """What else is other in a field that both have, but for what the bytes tell."""
    if old.has_default and not new.has_default:
        yield FieldChange(pointer, said("must be given now"), _WRITERS)
    elif new.has_default and not old.has_default:
        yield FieldChange(pointer, said("may be absent now"))
    elif old.default != new.default:
        yield FieldChange(pointer, said("another default, {before} → {after}", before=old.default, after=new.default))
    yield from _meant(pointer, old, new)


def _meant(pointer: str, old: FieldType, new: FieldType) -> Iterator[FieldChange]:
    """What a field asks of its values, and what they mean."""
    if old.meaning.pattern != new.meaning.pattern:
        before, after = ("–" if each is None else each.text for each in (old.meaning.pattern, new.meaning.pattern))
        words = said("pattern {before} → {after}", before=before, after=after)
        yield FieldChange(pointer, words, NOBODY if new.meaning.pattern is None else _WRITERS)
    bounds = [(old.meaning.minimum, old.meaning.maximum), (new.meaning.minimum, new.meaning.maximum)]
    if bounds[0] != bounds[1]:
        before, after = (f"{_bound(low)}…{_bound(high)}" for low, high in bounds)
        words = said("bounds {before} → {after}", before=before, after=after)
        yield FieldChange(pointer, words, _WRITERS if _tighter(*bounds) else NOBODY)
    if old.meaning.unit != new.meaning.unit:
        before, after = old.meaning.unit or "–", new.meaning.unit or "–"
        words = said("unit {before} → {after}", before=before, after=after)
        yield FieldChange(pointer, words, NOBODY if old.meaning.unit is None else BOTH)
    if (old.codelist, old.on) != (new.codelist, new.on):
        before, after = (f"{each.codelist or '–'} ({each.on or '–'})" for each in (old, new))
        words = said("code list {before} → {after}", before=before, after=after)
        yield FieldChange(pointer, words, _of_codes(old, new))
    if old.personal != new.personal:
        before, after = old.personal or "–", new.personal or "–"
        yield FieldChange(pointer, said("personal data {before} → {after}", before=before, after=after))


def _of_codes(old: FieldType, new: FieldType) -> frozenset[Party]:
    """Codes of another list mean something else to who reads them; a list where none was turns values away."""
    if new.codelist is None:
        return frozenset({Party.READERS})
    return _WRITERS if old.codelist is None else BOTH


def _tighter(old: tuple[Decimal | None, Decimal | None], new: tuple[Decimal | None, Decimal | None]) -> bool:
    low = new[0] is not None and (old[0] is None or new[0] > old[0])
    high = new[1] is not None and (old[1] is None or new[1] < old[1])
    return low or high


def _bound(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _other_in_json(old: Type, new: Type) -> bool:
    """Whether Avro reads one as the other, and JSON does not, or not the same: text is not Base64, and a float has
    fewer digits than an integer."""
    was, is_now = without_null(old), without_null(new)
    if not isinstance(was, Primitive) or not isinstance(is_now, Primitive):
        return False
    return (was.kind, is_now.kind) in _LOSSY or (was.kind is Kind.STRING and is_now.kind is Kind.BYTES)


def _by_bytes(old: Schema, new: Schema, told: set[str]) -> Iterator[FieldChange]:
    """What keeps one version from reading the other's bytes, and is not told yet."""
    was, is_now = any_schema(old.text), any_schema(new.text)
    for party, reader, found in (
        (Party.WRITERS, is_now, reading(is_now, was)),
        (Party.READERS, was, reading(was, is_now)),
    ):
        for each in found:
            pointer = _pointer_in(reader, each)
            if pointer not in told and each.kind is not Incompatible.READER_FIELD_MISSING_DEFAULT_VALUE:
                yield FieldChange(pointer, each.message, frozenset({party}))


def _pointer_in(reader: AnySchema, found: Incompatibility) -> str:
    """The field of a record that a path into its schema leads to; of its items or entries, the field that has them."""
    here: AnyType | None = reader.root
    parts: list[str] = []
    at_fields = False
    for part in parts_of(found.path):
        if here is None:
            break
        if at_fields and part.isdigit():
            parts.append(here.fields[int(part)].name)
            here = here.fields[int(part)].type
        elif part in ("items", "values"):
            parts.append("*")
            here = here.inner[0]
        elif part.isdigit():
            here = here.inner[int(part)] if here.sort is Sort.UNION and int(part) < len(here.inner) else None
        at_fields = part == "fields"
    while parts and parts[-1] == "*":
        parts.pop()
    return pointer_of(parts)


def _dotted(pointer: str) -> str:
    """A field as people write it: `subjects.*.mark`."""
    return ".".join(parts_of(pointer)) or "–"
