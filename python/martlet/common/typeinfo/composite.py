"""Rows and tuples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from martlet.common.typeinfo.base import TypeInformation
from martlet.common.types import Row, RowKind

__all__ = ["RowTypeInfo", "TupleTypeInfo"]


def _checked(field_types: Iterable[TypeInformation]) -> list[TypeInformation]:
    """The field types as a list; a class or an uncalled ``Types.INT`` among them is an error."""
    types = list(field_types)
    for index, type_info in enumerate(types):
        if not isinstance(type_info, TypeInformation):
            raise TypeError(
                f"The type of field {index} must be a TypeInformation such as Types.INT(), "
                f"got {type_info!r}"
            )
    return types


class _Composite(TypeInformation):
    _field_types: list[TypeInformation]

    def get_field_types(self) -> list[TypeInformation]:
        return self._field_types

    def need_conversion(self) -> bool:
        return True

    def _internal(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """The internal forms of the fields; values beyond the fields stay, to be told of later."""
        if not any(f.need_conversion() for f in self._field_types):
            return tuple(values)
        return tuple(f.to_internal_type(v) for f, v in zip(self._field_types, values))

    def from_internal_type(self, obj: Any) -> Any:
        if obj is None or isinstance(obj, (tuple, list)):
            return obj
        return tuple(f.from_internal_type(v) for f, v in zip(self._field_types, obj))

    def _state(self) -> tuple[Any, ...]:
        return tuple(self._field_types)


class RowTypeInfo(_Composite):
    """A :class:`Row` with fields of the given types, named ``f0``, ``f1``, … unless named here."""

    def __init__(
        self, field_types: list[TypeInformation], field_names: list[str] | None = None
    ) -> None:
        self._field_types = _checked(field_types)
        self._field_names = list(field_names) if field_names else None
        if self._field_names is not None and len(self._field_names) != len(self._field_types):
            raise ValueError(
                f"A row type needs as many names as types: got {len(self._field_names)} names "
                f"for {len(self._field_types)} types"
            )
        if self._field_names is not None and len(set(self._field_names)) < len(self._field_names):
            raise ValueError(f"The field names of a row type must differ: {self._field_names}")

    def get_field_names(self) -> list[str]:
        if not self._field_names:
            self._field_names = [f"f{i}" for i in range(len(self._field_types))]
        return self._field_names

    def get_field_index(self, field_name: str) -> int:
        """The position of a field."""
        return self.get_field_names().index(field_name)

    def type_text(self) -> str:
        fields = (
            f"`{name.replace('`', '``')}` {type_info.type_text()}"
            for name, type_info in zip(self.get_field_names(), self._field_types)
        )
        return f"ROW<{', '.join(fields)}>"

    def to_internal_type(self, obj: Any) -> tuple[Any, ...] | None:
        """The row kind's number and the fields, from whatever can stand for a row."""
        if obj is None:
            return None
        kind = obj.get_row_kind() if isinstance(obj, Row) else RowKind.INSERT
        return (kind.value, *self._internal(row_values(obj, self.get_field_names())))

    def __repr__(self) -> str:
        if self._field_names:
            fields = (f"{n}: {t!r}" for n, t in zip(self._field_names, self._field_types))
        else:
            fields = (repr(t) for t in self._field_types)
        return f"RowTypeInfo({', '.join(fields)})"


class TupleTypeInfo(_Composite):
    """A tuple with fields of the given types."""

    def __init__(self, field_types: list[TypeInformation]) -> None:
        self._field_types = _checked(field_types)

    def type_text(self) -> str:
        return f"TUPLE<{', '.join(t.type_text() for t in self._field_types)}>"

    def to_internal_type(self, obj: Any) -> tuple[Any, ...] | None:
        if obj is None:
            return None
        if not isinstance(obj, (list, tuple, Row)):
            raise ValueError(f"{obj!r} cannot be a value of {self!r}")
        return self._internal(obj)

    def __repr__(self) -> str:
        return f"TupleTypeInfo({', '.join(map(repr, self._field_types))})"


def row_values(obj: Any, names: Sequence[str]) -> list[Any]:
    """The fields of what stands for a row, in the order of ``names``.

    A dict, a row with names and an object with attributes are asked by name; a row without names,
    a tuple and a list are taken as they are.
    """
    if isinstance(obj, dict):
        return [obj.get(name) for name in names]
    if isinstance(obj, Row):
        return [obj[name] for name in names] if hasattr(obj, "_fields") else list(obj)
    if isinstance(obj, (tuple, list)):
        return list(obj)
    if hasattr(obj, "__dict__"):
        return [vars(obj).get(name) for name in names]
    raise ValueError(f"{obj!r} cannot stand for a row of {', '.join(names)}")
