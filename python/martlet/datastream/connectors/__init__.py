"""Sources and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {"base": ("DeliveryGuarantee", "Sink", "Source")},
)

if TYPE_CHECKING:
    from martlet.datastream.connectors.base import DeliveryGuarantee as DeliveryGuarantee
    from martlet.datastream.connectors.base import Sink as Sink
    from martlet.datastream.connectors.base import Source as Source
