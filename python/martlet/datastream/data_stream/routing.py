"""How the records of one operator's instances reach those of the next one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.basic import KeySelector, Partitioner
from martlet.util.boundary import boundary_methods

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.datastream.data_stream.broadcast import BroadcastStream
    from martlet.datastream.data_stream.stream import DataStream
    from martlet.datastream.state import MapStateDescriptor
    from martlet.gateway.handles import StreamHandle

__all__ = ["Routing", "check_function"]


@boundary_methods
class Routing:
    """The partitioning calls of a stream."""

    _handle: StreamHandle

    @abstractmethod
    def _derived(
        self, handle: StreamHandle, type_info: TypeInformation | None = None
    ) -> DataStream:
        """A stream that follows from this one."""

    def shuffle(self) -> DataStream:
        """Each record goes to an instance picked at random."""
        return self._derived(self._handle.partition("shuffle"))

    def rescale(self) -> DataStream:
        """Records go in turn to those next instances that are this instance's share."""
        return self._derived(self._handle.partition("rescale"))

    def rebalance(self) -> DataStream:
        """Records go to all next instances in turn."""
        return self._derived(self._handle.partition("rebalance"))

    def forward(self) -> DataStream:
        """Records go to the next instance of the same index."""
        return self._derived(self._handle.partition("forward"))

    @overload
    def broadcast(self) -> DataStream: ...

    @overload
    def broadcast(
        self,
        broadcast_state_descriptor: MapStateDescriptor,
        *other_broadcast_state_descriptors: MapStateDescriptor,
    ) -> BroadcastStream: ...

    def broadcast(
        self,
        broadcast_state_descriptor: MapStateDescriptor | None = None,
        *other_broadcast_state_descriptors: MapStateDescriptor,
    ) -> DataStream | BroadcastStream:
        """Each record goes to every instance.

        :param broadcast_state_descriptor: if there are any, the result is a stream that another
            one can be connected with, and whose records can be kept in these states
        """
        if broadcast_state_descriptor is not None:
            from martlet.datastream.data_stream.broadcast import BroadcastStream
            from martlet.datastream.state import MapStateDescriptor

            for given in (broadcast_state_descriptor, *other_broadcast_state_descriptors):
                if not isinstance(given, MapStateDescriptor):
                    raise TypeError(f"broadcast() takes MapStateDescriptors, got {given!r}")
            return BroadcastStream(
                self.broadcast(), broadcast_state_descriptor, *other_broadcast_state_descriptors
            )
        return self._derived(self._handle.partition("broadcast"))

    def partition_custom(
        self,
        partitioner: Partitioner | Callable[[Any, int], int],
        key_selector: KeySelector | Callable[[Any], Any],
    ) -> DataStream:
        """Each record goes to the instance that ``partitioner`` picks for the record's key."""
        from martlet.datastream.functions.partition import KeyPartitioner

        check_function(
            partitioner,
            Partitioner,
            "Parameter partitioner should be type of Partitioner or a callable function.",
        )
        check_function(
            key_selector,
            KeySelector,
            "Parameter key_selector should be type of KeySelector or a callable function.",
        )
        function = function_bytes(KeyPartitioner(partitioner, key_selector), "partition_custom")
        return self._derived(self._handle.partition_custom(function, "PartitionCustom"))


def check_function(function: Any, function_class: type, message: str) -> None:
    """Raises :class:`TypeError` unless ``function`` is of the class, or callable."""
    if not isinstance(function, function_class) and not callable(function):
        raise TypeError(message)
