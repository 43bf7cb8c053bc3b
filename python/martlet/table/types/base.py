"""What all data types of the Table API have in common."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

__all__ = [
    "AtomicType",
    "DataType",
    "FractionalType",
    "IntegralType",
    "NullType",
    "NumericType",
    "RawType",
    "UserDefinedType",
    "nullability",
]


def nullability(nullable: bool) -> str:
    """Nullability as it stands in the representation of a type."""
    return str(nullable).lower()


class DataType:
    """The type of the values in a column.

    :param nullable: whether None is one of them
    """

    def __init__(self, nullable: bool = True) -> None:
        self._nullable = nullable
        self._conversion_cls = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({nullability(self._nullable)})"

    def __str__(self, *args: Any, **kwargs: Any) -> str:
        return type(self).type_name()

    def __hash__(self) -> int:
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    def __ne__(self, other: object) -> bool:
        return not self.__eq__(other)

    def not_null(self) -> Any:
        """The same type, without None among its values."""
        other = copy(self)
        other._nullable = False
        return other

    def nullable(self) -> Any:
        """The same type, with None among its values."""
        other = copy(self)
        other._nullable = True
        return other

    @classmethod
    def type_name(cls) -> str:
        return cls.__name__[:-4].upper()

    def bridged_to(self, conversion_cls: str) -> DataType:
        """Notes the class that stands for a value in Java, which does nothing here.

        :param conversion_cls: the class's qualified name
        """
        self._conversion_cls = conversion_cls
        return self

    def need_conversion(self) -> bool:
        """Whether the internal form of a value differs from the value."""
        return False

    def to_sql_type(self, obj: Any) -> Any:
        """The internal form of a value."""
        return obj

    def from_sql_type(self, obj: Any) -> Any:
        """The value that has the given internal form."""
        return obj


class AtomicType(DataType):
    """A type without parts."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class NullType(AtomicType):
    """The type of None."""

    def __init__(self) -> None:
        super().__init__(True)


class NumericType(AtomicType):
    """Numbers."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class IntegralType(NumericType):
    """Whole numbers."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class FractionalType(NumericType):
    """Numbers with a fraction."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class RawType(DataType):
    """Values that only Python understands, pickled."""

    def from_sql_type(self, obj: Any) -> Any:
        import pickle

        return pickle.loads(obj)


class UserDefinedType(DataType):
    """A class of the user's whose objects are stored as values of a type that there is."""

    _sql_type: ClassVar[DataType]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = DataType.__hash__

    @classmethod
    def type_name(cls) -> str:
        return cls.__name__.lower()

    @classmethod
    def sql_type(cls) -> DataType:
        """The type that is stored."""
        raise NotImplementedError("UDT must implement sql_type().")

    @classmethod
    def module(cls) -> str:
        """The Python module of the type."""
        raise NotImplementedError("UDT must implement module().")

    @classmethod
    def java_udt(cls) -> str:
        """The name of the class in Java that goes with it, if there is one."""
        return ""

    def need_conversion(self) -> bool:
        return True

    @classmethod
    def _cached_sql_type(cls) -> DataType:
        if "_sql_type" not in cls.__dict__:
            cls._sql_type = cls.sql_type()
        return cls._sql_type

    def to_sql_type(self, obj: Any) -> Any:
        return None if obj is None else self._cached_sql_type().to_sql_type(self.serialize(obj))

    def from_sql_type(self, obj: Any) -> Any:
        value = self._cached_sql_type().from_sql_type(obj)
        return None if value is None else self.deserialize(value)

    def serialize(self, obj: Any) -> Any:
        """The value that is stored for an object."""
        raise NotImplementedError("UDT must implement serialize().")

    def deserialize(self, datum: Any) -> Any:
        """The object that a stored value stands for."""
        raise NotImplementedError("UDT must implement deserialize().")
