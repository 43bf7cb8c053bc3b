"""Types with parts: arrays, maps, multisets, rows, and the views of accumulators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, overload

from martlet.common.types import Row, RowKind, _create_row
from martlet.table.types.base import DataType, nullability

__all__ = [
    "ArrayType",
    "ListViewType",
    "MapType",
    "MapViewType",
    "MultisetType",
    "RowField",
    "RowType",
]


def _checked(data_type: DataType, what: str) -> DataType:
    assert isinstance(data_type, DataType), (
        f"{what} {data_type} should be an instance of {DataType}"
    )
    return data_type


class _Elements(DataType):
    """A type of many values of one type."""

    def __init__(self, element_type: DataType, nullable: bool) -> None:
        self.element_type = _checked(element_type, "element_type")
        super().__init__(nullable)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.element_type!r}, {nullability(self._nullable)})"

    def need_conversion(self) -> bool:
        return self.element_type.need_conversion()

    def to_sql_type(self, obj: Any) -> Any:
        if not self.need_conversion() or not obj:
            return obj
        return [self.element_type.to_sql_type(v) for v in obj]

    def from_sql_type(self, obj: Any) -> Any:
        if not self.need_conversion() or not obj:
            return obj
        return [self.element_type.from_sql_type(v) for v in obj]


class ArrayType(_Elements):
    """Lists."""

    def __init__(self, element_type: DataType, nullable: bool = True) -> None:
        super().__init__(element_type, nullable)


class MultisetType(_Elements):
    """Values that may occur several times, in no order."""

    def __init__(self, element_type: DataType, nullable: bool = True) -> None:
        super().__init__(element_type, nullable)


class MapType(DataType):
    """Dicts; their keys must not be None."""

    def __init__(self, key_type: DataType, value_type: DataType, nullable: bool = True) -> None:
        self.key_type = _checked(key_type, "key_type")
        self.value_type = _checked(value_type, "value_type")
        super().__init__(nullable)

    def __repr__(self) -> str:
        return f"MapType({self.key_type!r}, {self.value_type!r}, {nullability(self._nullable)})"

    def need_conversion(self) -> bool:
        return self.key_type.need_conversion() or self.value_type.need_conversion()

    def to_sql_type(self, obj: Any) -> Any:
        if not self.need_conversion() or not obj:
            return obj
        key, value = self.key_type.to_sql_type, self.value_type.to_sql_type
        return {key(k): value(v) for k, v in obj.items()}

    def from_sql_type(self, obj: Any) -> Any:
        if not self.need_conversion() or not obj:
            return obj
        key, value = self.key_type.from_sql_type, self.value_type.from_sql_type
        return {key(k): value(v) for k, v in obj.items()}


class _View(DataType):
    """A collection of an accumulator that lives in state."""

    def __init__(self) -> None:
        super().__init__(False)

    def to_sql_type(self, obj: Any) -> Any:
        raise TypeError(
            f"{type(self).__name__} can only be used in accumulator type declaration of "
            "AggregateFunction."
        )

    from_sql_type = to_sql_type


class ListViewType(_View):
    """A list in an accumulator."""

    def __init__(self, element_type: DataType) -> None:
        self._element_type = _checked(element_type, "element_type")
        super().__init__()

    def __repr__(self) -> str:
        return f"ListViewType({self._element_type!r})"


class MapViewType(_View):
    """A map in an accumulator."""

    def __init__(self, key_type: DataType, value_type: DataType) -> None:
        self._key_type = _checked(key_type, "key_type")
        self._value_type = _checked(value_type, "value_type")
        super().__init__()

    def __repr__(self) -> str:
        return f"MapViewType({self._key_type!r}, {self._value_type!r})"


class RowField:
    """A field of a :class:`RowType`.

    :param name: its name
    :param data_type: the type of its values
    :param description: what it is, in words
    """

    def __init__(self, name: str, data_type: DataType, description: str | None = None) -> None:
        assert isinstance(data_type, DataType), (
            f"data_type {data_type} should be an instance of {DataType}"
        )
        assert isinstance(name, str), f"field name {name} should be string"
        assert description is None or isinstance(description, str), (
            f"description {description} should be string"
        )
        self.name = name
        self.data_type = data_type
        self.description = "..." if description is None else description

    def __repr__(self) -> str:
        return f"RowField({self.name}, {self.data_type!r}, {self.description})"

    def __str__(self, *args: Any, **kwargs: Any) -> str:
        return f"RowField({self.name}, {self.data_type})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.name, self.data_type))

    def need_conversion(self) -> bool:
        return self.data_type.need_conversion()

    def to_sql_type(self, obj: Any) -> Any:
        return self.data_type.to_sql_type(obj)

    def from_sql_type(self, obj: Any) -> Any:
        return self.data_type.from_sql_type(obj)


class RowType(DataType):
    """Rows; the fields are reached by position, by name and by iteration.

    >>> row = RowType([RowField("f1", ArrayType(RowType()))])
    >>> row["f1"] is row[0], len(row), row.field_names()
    (True, 1, ['f1'])
    """

    def __init__(self, fields: list[RowField] | None = None, nullable: bool = True) -> None:
        super().__init__(nullable)
        self.fields: list[RowField] = fields or []
        assert all(isinstance(f, RowField) for f in self.fields), (
            "fields should be a list of RowField"
        )
        self.names = [f.name for f in self.fields]
        self._note_conversions()

    def _note_conversions(self) -> None:
        self._need_conversion = [f.need_conversion() for f in self.fields]
        self._need_serialize_any_field = any(self._need_conversion)

    def add(self, field: str | RowField, data_type: DataType | None = None) -> RowType:
        """Adds a field, to this type itself.

        :param field: the field, or its name
        :param data_type: the field's type, where ``field`` is a name
        """
        if isinstance(field, str):
            if data_type is None:
                raise ValueError("Must specify DataType if passing name of row_field to create.")
            field = RowField(field, data_type)
        self.fields.append(field)
        self.names.append(field.name)
        self._note_conversions()
        return self

    def __iter__(self) -> Iterator[RowField]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @overload
    def __getitem__(self, key: str | int) -> RowField: ...

    @overload
    def __getitem__(self, key: slice) -> RowType: ...

    def __getitem__(self, key: str | int | slice) -> RowField | RowType:
        if isinstance(key, str):
            for field in self.fields:
                if field.name == key:
                    return field
            raise KeyError(f"No RowField named {key}")
        if isinstance(key, int):
            try:
                return self.fields[key]
            except IndexError:
                raise IndexError("RowType index out of range") from None
        if isinstance(key, slice):
            return RowType(self.fields[key])
        raise TypeError("RowType keys should be strings, integers or slices")

    def __repr__(self) -> str:
        return f"RowType({','.join(map(repr, self.fields))})"

    def field_names(self) -> list[str]:
        return list(self.names)

    def field_types(self) -> list[DataType]:
        return [f.data_type for f in self.fields]

    def need_conversion(self) -> bool:
        # A row always is a tuple with its kind in front, internally.
        return True

    def to_sql_type(self, obj: Any) -> tuple[Any, ...] | None:
        """The row kind's number and the fields, from whatever can stand for a row."""
        if obj is None:
            return None
        kind = obj.get_row_kind() if isinstance(obj, Row) else RowKind.INSERT
        values = self._values(obj)
        if self._need_serialize_any_field:
            values = [
                f.to_sql_type(v) if c else v
                for f, v, c in zip(self.fields, values, self._need_conversion)
            ]
        return (kind.value, *values)

    def _values(self, obj: Any) -> Any:
        if isinstance(obj, dict):
            return [obj.get(n) for n in self.names]
        if isinstance(obj, Row) and hasattr(obj, "_fields"):
            return [obj[n] for n in self.names]
        if isinstance(obj, (Row, tuple, list)):
            return obj
        if hasattr(obj, "__dict__"):
            return [vars(obj).get(n) for n in self.names]
        raise ValueError(f"Unexpected tuple {obj!r} with RowType")

    def from_sql_type(self, obj: Any) -> Row | None:
        if obj is None or isinstance(obj, Row):
            return obj
        values = obj
        if self._need_serialize_any_field:
            values = [
                f.from_sql_type(v) if c else v
                for f, v, c in zip(self.fields, obj, self._need_conversion)
            ]
        return _create_row(self.names, values)
