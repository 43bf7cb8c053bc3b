"""The types of the Table API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "types": ("DataTypes", "UserDefinedType"),
        "martlet.common.types": ("Row", "RowKind"),
    },
)

if TYPE_CHECKING:
    from martlet.common.types import Row as Row
    from martlet.common.types import RowKind as RowKind
    from martlet.table.types import DataTypes as DataTypes
    from martlet.table.types import UserDefinedType as UserDefinedType
