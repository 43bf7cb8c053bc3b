"""The constructors of types, under the names that jobs use."""

from __future__ import annotations

from martlet.common.typeinfo.base import TypeInformation
from martlet.common.typeinfo.basic import BasicTypeInfo, PickledBytesTypeInfo
from martlet.common.typeinfo.collections import (
    BasicArrayTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
)
from martlet.common.typeinfo.composite import RowTypeInfo, TupleTypeInfo
from martlet.common.typeinfo.temporal import SqlTimeTypeInfo

__all__ = ["Types"]


class Types:
    """Makes types: ``Types.TUPLE([Types.STRING(), Types.INT()])``."""

    @staticmethod
    def STRING() -> TypeInformation:
        """Text (``str``)."""
        return BasicTypeInfo.STRING_TYPE_INFO()

    @staticmethod
    def BYTE() -> TypeInformation:
        """Whole numbers of 8 bits."""
        return BasicTypeInfo.BYTE_TYPE_INFO()

    @staticmethod
    def BOOLEAN() -> TypeInformation:
        """Truth values."""
        return BasicTypeInfo.BOOLEAN_TYPE_INFO()

    @staticmethod
    def SHORT() -> TypeInformation:
        """Whole numbers of 16 bits."""
        return BasicTypeInfo.SHORT_TYPE_INFO()

    @staticmethod
    def INT() -> TypeInformation:
        """Whole numbers of 32 bits."""
        return BasicTypeInfo.INT_TYPE_INFO()

    @staticmethod
    def LONG() -> TypeInformation:
        """Whole numbers of 64 bits."""
        return BasicTypeInfo.LONG_TYPE_INFO()

    @staticmethod
    def FLOAT() -> TypeInformation:
        """Floating-point numbers of 32 bits."""
        return BasicTypeInfo.FLOAT_TYPE_INFO()

    @staticmethod
    def DOUBLE() -> TypeInformation:
        """Floating-point numbers of 64 bits, as Python's are."""
        return BasicTypeInfo.DOUBLE_TYPE_INFO()

    @staticmethod
    def CHAR() -> TypeInformation:
        """One character."""
        return BasicTypeInfo.CHAR_TYPE_INFO()

    @staticmethod
    def BIG_INT() -> TypeInformation:
        """Whole numbers of any size."""
        return BasicTypeInfo.BIG_INT_TYPE_INFO()

    @staticmethod
    def BIG_DEC() -> TypeInformation:
        """Decimal numbers of any precision (``decimal.Decimal``)."""
        return BasicTypeInfo.BIG_DEC_TYPE_INFO()

    @staticmethod
    def INSTANT() -> TypeInformation:
        """Points in time (:class:`martlet.common.Instant`)."""
        return BasicTypeInfo.INSTANT_TYPE_INFO()

    @staticmethod
    def SQL_DATE() -> TypeInformation:
        """Dates (``datetime.date``)."""
        return SqlTimeTypeInfo.DATE()

    @staticmethod
    def SQL_TIME() -> TypeInformation:
        """Times of day (``datetime.time``)."""
        return SqlTimeTypeInfo.TIME()

    @staticmethod
    def SQL_TIMESTAMP() -> TypeInformation:
        """Timestamps without a time zone (``datetime.datetime``)."""
        return SqlTimeTypeInfo.TIMESTAMP()

    @staticmethod
    def PICKLED_BYTE_ARRAY() -> TypeInformation:
        """Any Python value, pickled where it crosses a boundary."""
        return PickledBytesTypeInfo()

    @staticmethod
    def ROW(field_types: list[TypeInformation]) -> RowTypeInfo:
        """Rows with fields named ``f0``, ``f1``, ….

        :param field_types: the types of the fields, such as ``[Types.INT(), Types.STRING()]``
        """
        return RowTypeInfo(field_types)

    @staticmethod
    def ROW_NAMED(field_names: list[str], field_types: list[TypeInformation]) -> RowTypeInfo:
        """Rows with named fields.

        :param field_names: the names of the fields
        :param field_types: the types of the fields, as many as names
        """
        return RowTypeInfo(field_types, field_names)

    @staticmethod
    def TUPLE(field_types: list[TypeInformation]) -> TupleTypeInfo:
        """Tuples.

        :param field_types: the types of the fields
        """
        return TupleTypeInfo(field_types)

    @staticmethod
    def PRIMITIVE_ARRAY(element_type: TypeInformation) -> TypeInformation:
        """Lists of numbers or truth values; ``bytes``, if the element type is BYTE.

        :param element_type: one of BOOLEAN, BYTE, SHORT, INT, LONG, FLOAT, DOUBLE, CHAR
        """
        return PrimitiveArrayTypeInfo(element_type)

    @staticmethod
    def BASIC_ARRAY(element_type: TypeInformation) -> TypeInformation:
        """Lists of basic values or None.

        :param element_type: as for PRIMITIVE_ARRAY, or STRING
        """
        return BasicArrayTypeInfo(element_type)

    @staticmethod
    def OBJECT_ARRAY(element_type: TypeInformation) -> TypeInformation:
        """Lists of values of any one type, or None.

        :param element_type: the type of the elements
        """
        return ObjectArrayTypeInfo(element_type)

    @staticmethod
    def MAP(key_type_info: TypeInformation, value_type_info: TypeInformation) -> TypeInformation:
        """Dicts.

        :param key_type_info: the type of the keys
        :param value_type_info: the type of the values
        """
        return MapTypeInfo(key_type_info, value_type_info)

    @staticmethod
    def LIST(element_type_info: TypeInformation) -> TypeInformation:
        """Lists.

        :param element_type_info: the type of the elements
        """
        return ListTypeInfo(element_type_info)
