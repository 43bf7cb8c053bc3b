"""Streams partitioned by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from martlet.common.typeinfo import TypeInformation
from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.accumulate import Accumulate
from martlet.datastream.functions.accumulate import AccumulateType as _AccumulateType
from martlet.datastream.functions.basic import ReduceFunction
from martlet.datastream.functions.process import KeyedProcessFunction
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.datastream.data_stream.windowed import WindowedStream
    from martlet.datastream.functions.basic import KeySelector
    from martlet.datastream.window import WindowAssigner
    from martlet.gateway.handles import StreamHandle

__all__ = ["KeyedStream"]


def _no_partitioning(self: KeyedStream, *args: Any, **kwargs: Any) -> NoReturn:
    """A keyed stream is partitioned by its keys."""
    raise ValidationError("Cannot override partitioning for KeyedStream.")


def _no_setting(message: str) -> Callable[..., NoReturn]:
    """Settings belong to operators, and a keyed stream is what lies between two of them."""

    def method(self: KeyedStream, *args: Any, **kwargs: Any) -> NoReturn:
        raise ValidationError(message)

    return method


@boundary_methods
class KeyedStream(DataStream):
    """Records, those with the same key together; made by :meth:`DataStream.key_by`."""

    AccumulateType = _AccumulateType

    def __init__(
        self,
        handle: StreamHandle,
        original_data_type_info: TypeInformation,
        origin_stream: DataStream,
    ) -> None:
        super().__init__(handle, original_data_type_info, origin_stream._environment)
        self._origin_stream = origin_stream

    def reduce(self, func: ReduceFunction | Callable[[Any, Any], Any]) -> DataStream:
        """For each record, what the records of its key so far combine to.

        In batch mode, one result for each key, at the end.

        :param func: combines the result so far with the next record; both, and what it returns,
            are of the stream's type
        """
        if not isinstance(func, ReduceFunction) and not callable(func):
            raise TypeError("The input must be a ReduceFunction or a callable function")
        return self._derived(self._handle.reduce(function_bytes(func, "reduce"), "Reduce"))

    def process(  # type: ignore[override]  # as PyFlink has it
        self,
        func: KeyedProcessFunction,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for each record, and for each timer that the function has set."""
        if not isinstance(func, KeyedProcessFunction):
            raise TypeError("KeyedProcessFunction is required for KeyedStream.")
        return self._process(func, output_type, "KEYED PROCESS")

    def window(self, window_assigner: WindowAssigner[Any, Any]) -> WindowedStream:
        """Divides the records of each key into windows.

        :param window_assigner: tells which windows a record belongs to
        """
        from martlet.datastream.data_stream.windowed import WindowedStream

        return WindowedStream(self, window_assigner)

    def count_window(self, size: int, slide: int = 0) -> WindowedStream:
        """Divides the records of each key into windows of ``size`` records.

        :param slide: the number of records after which the next window starts; 0: at the end of
            the one before
        """
        from martlet.datastream.window import (
            CountSlidingWindowAssigner,
            CountTumblingWindowAssigner,
        )

        if slide == 0:
            return self.window(CountTumblingWindowAssigner(size))
        return self.window(CountSlidingWindowAssigner(size, slide))

    def sum(self, position_to_sum: int | str = 0) -> DataStream:
        """For each record, the first record of its key, with the sum so far in one field.

        :param position_to_sum: the field, by position or by name; 0 for records without fields
        """
        return self._accumulate(position_to_sum, _AccumulateType.SUM)

    def min(self, position_to_min: int | str = 0) -> DataStream:
        """For each record, the first record of its key, with the least so far in one field.

        :param position_to_min: the field, as for :meth:`sum`
        """
        return self._accumulate(position_to_min, _AccumulateType.MIN)

    def max(self, position_to_max: int | str = 0) -> DataStream:
        """For each record, the first record of its key, with the greatest so far in one field.

        :param position_to_max: the field, as for :meth:`sum`
        """
        return self._accumulate(position_to_max, _AccumulateType.MAX)

    def min_by(self, position_to_min_by: int | str = 0) -> DataStream:
        """For each record, the record of its key whose field is least so far.

        :param position_to_min_by: the field, as for :meth:`sum`; of equals, the first record counts
        """
        return self._accumulate(position_to_min_by, _AccumulateType.MIN_BY)

    def max_by(self, position_to_max_by: int | str = 0) -> DataStream:
        """For each record, the record of its key whose field is greatest so far.

        :param position_to_max_by: the field, as for :meth:`sum`; of equals, the first record counts
        """
        return self._accumulate(position_to_max_by, _AccumulateType.MAX_BY)

    def _accumulate(self, position: int | str, kind: _AccumulateType) -> DataStream:
        if not isinstance(position, (int, str)):
            raise TypeError(
                "The field position must be of int or str type to locate the value to calculate "
                "for min, max, min_by, max_by and sum."
                f"The given type is: {type(position)}"
            )
        return self.reduce(Accumulate(position, kind))

    def key_by(
        self,
        key_selector: KeySelector | Callable[[Any], Any],
        key_type: TypeInformation | None = None,
    ) -> KeyedStream:
        """Partitions the records by another key instead."""
        return self._origin_stream.key_by(key_selector, key_type)

    shuffle = _no_partitioning
    rescale = _no_partitioning
    rebalance = _no_partitioning
    forward = _no_partitioning
    broadcast = _no_partitioning
    partition_custom = _no_partitioning

    set_parallelism = _no_setting("Set parallelism for KeyedStream is not supported.")
    set_max_parallelism = _no_setting("Set max parallelism for KeyedStream is not supported.")
    name = _no_setting("Set name for KeyedStream is not supported.")
    get_name = _no_setting("Get name of KeyedStream is not supported.")
    uid = _no_setting("Set uid for KeyedStream is not supported.")
    set_uid_hash = _no_setting("Set uid hash for KeyedStream is not supported.")
    force_non_parallel = _no_setting("Set force non-parallel for KeyedStream is not supported.")
    set_buffer_timeout = _no_setting("Set buffer timeout for KeyedStream is not supported.")
    start_new_chain = _no_setting("Start new chain for KeyedStream is not supported.")
    disable_chaining = _no_setting("Disable chaining for KeyedStream is not supported.")
    slot_sharing_group = _no_setting("Setting slot sharing group for KeyedStream is not supported.")
