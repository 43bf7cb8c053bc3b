"""Text, bytes, truth values and numbers."""

from __future__ import annotations

from martlet.table.types.base import AtomicType, FractionalType, IntegralType, nullability

__all__ = [
    "BigIntType",
    "BinaryType",
    "BooleanType",
    "CharType",
    "DecimalType",
    "DoubleType",
    "FloatType",
    "IntType",
    "SmallIntType",
    "TinyIntType",
    "VarBinaryType",
    "VarCharType",
]


class _Sized(AtomicType):
    """A type with a length, of at least 1."""

    def __init__(self, length: int, nullable: bool) -> None:
        self.length = length
        super().__init__(nullable)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.length}, {nullability(self._nullable)})"


class CharType(_Sized):
    """Text of a fixed number of characters: ``CHAR(n)``."""

    def __init__(self, length: int = 1, nullable: bool = True) -> None:
        super().__init__(length, nullable)


class VarCharType(_Sized):
    """Text of up to so many characters: ``VARCHAR(n)``."""

    def __init__(self, length: int = 1, nullable: bool = True) -> None:
        super().__init__(length, nullable)


class BinaryType(_Sized):
    """A fixed number of bytes: ``BINARY(n)``."""

    def __init__(self, length: int = 1, nullable: bool = True) -> None:
        super().__init__(length, nullable)


class VarBinaryType(_Sized):
    """Up to so many bytes: ``VARBINARY(n)``."""

    def __init__(self, length: int = 1, nullable: bool = True) -> None:
        super().__init__(length, nullable)


class BooleanType(AtomicType):
    """Truth values."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class TinyIntType(IntegralType):
    """Whole numbers of 8 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class SmallIntType(IntegralType):
    """Whole numbers of 16 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class IntType(IntegralType):
    """Whole numbers of 32 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class BigIntType(IntegralType):
    """Whole numbers of 64 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class FloatType(FractionalType):
    """Floating-point numbers of 32 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class DoubleType(FractionalType):
    """Floating-point numbers of 64 bits."""

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)


class DecimalType(FractionalType):
    """Decimal numbers of a fixed precision and scale.

    :param precision: all digits, from 1 to 38
    :param scale: the digits of the fraction, up to the precision
    """

    def __init__(self, precision: int = 10, scale: int = 0, nullable: bool = True) -> None:
        assert 1 <= precision <= 38
        assert 0 <= scale <= precision
        self.precision = precision
        self.scale = scale
        self.has_precision_info = True  # a public attribute of PyFlink's
        super().__init__(nullable)

    def __repr__(self) -> str:
        return f"DecimalType({self.precision}, {self.scale}, {nullability(self._nullable)})"
