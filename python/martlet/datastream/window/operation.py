"""What a windowed stream is to do, on its way to the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from martlet.common.serializer import TypeSerializer
    from martlet.datastream.output_tag import OutputTag
    from martlet.datastream.state import StateDescriptor
    from martlet.datastream.window.assigner import WindowAssigner
    from martlet.datastream.window.trigger import Trigger

__all__ = ["WindowOperationDescriptor"]


class WindowOperationDescriptor:
    """Assigner, trigger and functions of a window operation.

    :param window_state_descriptor: what is kept of a window's records: all of them (list), or what
        they reduce or aggregate to
    :param internal_window_function: evaluates what is kept; None if it is the result
    """

    def __init__(
        self,
        assigner: WindowAssigner[Any, Any],
        trigger: Trigger[Any, Any],
        allowed_lateness: int,
        late_data_output_tag: OutputTag | None,
        window_state_descriptor: StateDescriptor,
        window_serializer: TypeSerializer[Any],
        internal_window_function: Any,
    ):
        self.assigner = assigner
        self.trigger = trigger
        self.allowed_lateness = allowed_lateness
        self.late_data_output_tag = late_data_output_tag
        self.window_state_descriptor = window_state_descriptor
        self.window_serializer = window_serializer
        self.internal_window_function = internal_window_function

    def generate_op_name(self) -> str:
        """The operator's name where the job gives none."""
        return type(self.assigner).__name__

    def generate_op_desc(self, windowed_stream_type: str, func_desc: str) -> str:
        """The operator's description: what stands in the plan."""
        return (
            f"{windowed_stream_type}({self.assigner}, {type(self.trigger).__name__}, {func_desc})"
        )
