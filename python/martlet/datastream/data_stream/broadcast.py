"""A stream whose records all instances see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from martlet.datastream.data_stream.stream import DataStream
    from martlet.datastream.state import MapStateDescriptor

__all__ = ["BroadcastStream"]


class BroadcastStream:
    """Made by :meth:`DataStream.broadcast` with descriptors, and good for connecting only.

    :param broadcast_state_descriptors: the states that its records can be kept in
    """

    def __init__(
        self,
        input_stream: DataStream,
        broadcast_state_descriptor: MapStateDescriptor,
        *other_broadcast_state_descriptors: MapStateDescriptor,
    ):
        self.input_stream = input_stream
        self.broadcast_state_descriptors = (
            broadcast_state_descriptor,
            *other_broadcast_state_descriptors,
        )
