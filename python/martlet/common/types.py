"""Rows, and the kind of change that a row stands for."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

__all__ = ["Row", "RowKind"]


class RowKind(Enum):
    """What a row of a changelog does; prints as Flink's short form, such as ``+I``."""

    INSERT = 0
    UPDATE_BEFORE = 1
    UPDATE_AFTER = 2
    DELETE = 3

    def __str__(self) -> str:
        return _SHORT_FORMS[self.value]


_SHORT_FORMS = ("+I", "-U", "+U", "-D")


def _create_row(fields: list[str] | None, values: Any, row_kind: RowKind | None = None) -> Row:
    """A row with these field names (or none); the constructor that pickles refer to."""
    row = Row(*values)
    if fields is not None:
        row._fields = fields
    if row_kind is not None:
        row._row_kind = row_kind
    return row


class Row:
    """A fixed number of values, with or without field names, and a :class:`RowKind`.

    Values are reached by position, by name as an attribute, or by name as a key:

    >>> row = Row(name="Alice", age=11)
    >>> row
    Row(name='Alice', age=11)
    >>> row[0], row.age, row["age"], "age" in row
    ('Alice', 11, 11, True)

    A row of names makes rows that have those names:

    >>> Person = Row("name", "age")
    >>> Person("Bob", 12)
    Row(name='Bob', age=12)

    An unset ``_fields`` slot means "no names", which is why absence is tested with ``hasattr``.
    """

    __slots__ = ("_fields", "_from_dict", "_row_kind", "_values")

    _fields: list[str]
    _from_dict: bool
    _row_kind: RowKind
    _values: list[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            if args:
                raise ValueError("A Row takes either positional values or named ones, not both")
            self._fields = list(kwargs)
            self._values = list(kwargs.values())
            self._from_dict = True
        else:
            self._values = list(args)
            self._from_dict = False
        self._row_kind = RowKind.INSERT

    @staticmethod
    def of_kind(row_kind: RowKind, *args: Any, **kwargs: Any) -> Row:
        """A row of the given kind; the other arguments are the constructor's."""
        row = Row(*args, **kwargs)
        row._row_kind = row_kind
        return row

    def get_row_kind(self) -> RowKind:
        return self._row_kind

    def set_row_kind(self, row_kind: RowKind) -> None:
        self._row_kind = row_kind

    def set_field_names(self, field_names: list[str]) -> None:
        self._fields = field_names

    def get_fields_by_names(self, names: list[str]) -> list[Any]:
        """The values in the order of ``names``; as they are, if the row has no names."""
        if not hasattr(self, "_fields") or names == self._fields:
            return self._values
        unknown = sorted(set(names) - set(self._fields))
        if unknown:
            raise ValueError(f"The row has no fields {unknown}; its fields are {self._fields}")
        return [self._values[self._fields.index(name)] for name in names]

    def as_dict(self, recursive: bool = False) -> dict[str, Any]:
        """Field name → value; with ``recursive``, rows inside values become dicts too."""
        if not hasattr(self, "_fields"):
            raise TypeError("A Row without field names cannot become a dict")
        if recursive:
            return dict(zip(self._fields, map(_plain, self._values)))
        return dict(zip(self._fields, self._values))

    def _is_retract_msg(self) -> bool:
        return self._row_kind in (RowKind.UPDATE_BEFORE, RowKind.DELETE)

    def _is_accumulate_msg(self) -> bool:
        return self._row_kind in (RowKind.INSERT, RowKind.UPDATE_AFTER)

    def _index(self, name: Any) -> int:
        """Position of a field; :class:`ValueError` if there is no such name, or there are none."""
        if not hasattr(self, "_fields"):
            raise ValueError(name)
        return self._fields.index(name)

    def __call__(self, *args: Any) -> Row:
        """A row of these values, named by this row's values."""
        if len(args) > len(self._values):
            raise ValueError(
                f"Cannot create a Row with fields {self}: expected {len(self)} values, got {args}"
            )
        return _create_row(self._values, args, self._row_kind)

    def __contains__(self, item: Any) -> bool:
        if getattr(self, "_fields", None) is not None:
            return item in self._fields
        return item in self._values

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, (int, slice)):
            return self._values[item]
        try:
            return self._values[self._index(item)]
        except IndexError:
            raise KeyError(item) from None
        except ValueError:
            raise ValueError(item) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, (int, slice)):
            self._values[key] = value
            return
        try:
            self._values[self._index(key)] = value
        except (IndexError, ValueError):
            raise KeyError(key) from None

    def __getattr__(self, item: str) -> Any:
        if item.startswith("_"):
            raise AttributeError(item)
        try:
            return self._values[self._index(item)]
        except (IndexError, ValueError):
            raise AttributeError(f"The row has no field {item!r}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        if key not in Row.__slots__:
            raise AttributeError(f"Use row[{key!r}] = … to set a field")
        object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _create_row, (
            getattr(self, "_fields", None),
            tuple(self._values),
            self._row_kind,
        )

    def __repr__(self) -> str:
        if hasattr(self, "_fields"):
            return f"Row({', '.join(f'{k}={v!r}' for k, v in zip(self._fields, self._values))})"
        return f"<Row({', '.join(map(repr, self._values))})>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row) or self.__class__ != other.__class__:
            return False
        if self._row_kind != other._row_kind:
            return False
        mine, theirs = getattr(self, "_fields", None), getattr(other, "_fields", None)
        if mine is None or theirs is None or mine == theirs:
            return (mine is None) == (theirs is None) and self._values == other._values
        names = sorted(mine)
        return names == sorted(theirs) and all(
            self._values[mine.index(n)] == other._values[theirs.index(n)] for n in names
        )

    def __hash__(self) -> int:
        return hash(tuple(self._values))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _plain(value: Any) -> Any:
    """``value`` with the rows inside it turned into dicts."""
    if isinstance(value, Row):
        return value.as_dict(True)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {key: _plain(element) for key, element in value.items()}
    return value
