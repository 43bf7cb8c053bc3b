"""Arrays, lists and maps, and the wrapper of types that come from the Table API."""

from __future__ import annotations

from typing import Any, ClassVar

from martlet.common.typeinfo.base import TypeInformation
from martlet.common.typeinfo.basic import BasicType, BasicTypeInfo

__all__ = [
    "BasicArrayTypeInfo",
    "ExternalTypeInfo",
    "ListTypeInfo",
    "MapTypeInfo",
    "ObjectArrayTypeInfo",
    "PrimitiveArrayTypeInfo",
]

_PRIMITIVE = frozenset(
    {
        BasicType.BOOLEAN,
        BasicType.BYTE,
        BasicType.SHORT,
        BasicType.INT,
        BasicType.LONG,
        BasicType.FLOAT,
        BasicType.DOUBLE,
        BasicType.CHAR,
    }
)


class _ArrayTypeInfo(TypeInformation):
    """An array of elements of one type; which ones, the subclasses say."""

    _elements: ClassVar[frozenset[BasicType] | None] = None

    def __init__(self, element_type: TypeInformation) -> None:
        self._element_type = element_type

    def type_text(self) -> str:
        element = self._element_type
        basic = element._basic_type if isinstance(element, BasicTypeInfo) else None
        if self._elements is not None and basic not in self._elements:
            raise TypeError(f"{element!r} cannot be the element type of {type(self).__name__}")
        return f"ARRAY<{element.type_text()}>"

    def _state(self) -> tuple[Any, ...]:
        return (self._element_type,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self._element_type!r}>"


class PrimitiveArrayTypeInfo(_ArrayTypeInfo):
    """An array of numbers or truth values; bytes, if the elements are bytes."""

    _elements = _PRIMITIVE

    def __init__(self, element_type: TypeInformation) -> None:
        super().__init__(element_type)

    def type_text(self) -> str:
        text = super().type_text()
        return "BYTES" if text == "ARRAY<TINYINT>" else text


class BasicArrayTypeInfo(_ArrayTypeInfo):
    """An array of basic values, any of which may be None."""

    _elements = _PRIMITIVE | {BasicType.STRING}

    def __init__(self, element_type: TypeInformation) -> None:
        super().__init__(element_type)


class ObjectArrayTypeInfo(_ArrayTypeInfo):
    """An array of values of any type, any of which may be None."""

    def __init__(self, element_type: TypeInformation) -> None:
        super().__init__(element_type)


class ListTypeInfo(TypeInformation):
    """A list of values of one type."""

    def __init__(self, element_type: TypeInformation) -> None:
        self.elem_type = element_type

    def type_text(self) -> str:
        return f"LIST<{self.elem_type.type_text()}>"

    def _state(self) -> tuple[Any, ...]:
        return (self.elem_type,)

    def __repr__(self) -> str:
        return f"ListTypeInfo<{self.elem_type!r}>"


class MapTypeInfo(TypeInformation):
    """A dict with keys of one type and values of one type."""

    def __init__(self, key_type_info: TypeInformation, value_type_info: TypeInformation) -> None:
        self._key_type_info = key_type_info
        self._value_type_info = value_type_info

    def type_text(self) -> str:
        return f"MAP<{self._key_type_info.type_text()}, {self._value_type_info.type_text()}>"

    def _state(self) -> tuple[Any, ...]:
        return (self._key_type_info, self._value_type_info)

    def __repr__(self) -> str:
        return f"MapTypeInfo<{self._key_type_info!r}, {self._value_type_info!r}>"


class ExternalTypeInfo(TypeInformation):
    """A type that comes from the Table API."""

    def __init__(self, type_info: TypeInformation) -> None:
        self._type_info = type_info

    def type_text(self) -> str:
        return self._type_info.type_text()

    def _state(self) -> tuple[Any, ...]:
        return (self._type_info,)

    def __repr__(self) -> str:
        return f"ExternalTypeInfo<{self._type_info!r}>"
