"""Windows, their assigners and their triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "assigner": (
            "MergingWindowAssigner",
            "WindowAssigner",
        ),
        "assigners": (
            "CountSlidingWindowAssigner",
            "CountTumblingWindowAssigner",
            "GlobalWindows",
            "SlidingEventTimeWindows",
            "SlidingProcessingTimeWindows",
            "TumblingEventTimeWindows",
            "TumblingProcessingTimeWindows",
        ),
        "operation": ("WindowOperationDescriptor",),
        "sessions": (
            "DynamicEventTimeSessionWindows",
            "DynamicProcessingTimeSessionWindows",
            "EventTimeSessionWindows",
            "ProcessingTimeSessionWindows",
            "SessionWindowTimeGapExtractor",
        ),
        "trigger": (
            "Trigger",
            "TriggerResult",
        ),
        "triggers": (
            "ContinuousEventTimeTrigger",
            "ContinuousProcessingTimeTrigger",
            "CountTrigger",
            "EventTimeTrigger",
            "Min",
            "NeverTrigger",
            "ProcessingTimeTrigger",
            "PurgingTrigger",
        ),
        "windows": (
            "CountWindow",
            "CountWindowSerializer",
            "GlobalWindow",
            "GlobalWindowSerializer",
            "TimeWindow",
            "TimeWindowSerializer",
            "Window",
        ),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.window.assigner import MergingWindowAssigner as MergingWindowAssigner
    from martlet.datastream.window.assigner import WindowAssigner as WindowAssigner
    from martlet.datastream.window.assigners import (
        CountSlidingWindowAssigner as CountSlidingWindowAssigner,
    )
    from martlet.datastream.window.assigners import (
        CountTumblingWindowAssigner as CountTumblingWindowAssigner,
    )
    from martlet.datastream.window.assigners import GlobalWindows as GlobalWindows
    from martlet.datastream.window.assigners import (
        SlidingEventTimeWindows as SlidingEventTimeWindows,
    )
    from martlet.datastream.window.assigners import (
        SlidingProcessingTimeWindows as SlidingProcessingTimeWindows,
    )
    from martlet.datastream.window.assigners import (
        TumblingEventTimeWindows as TumblingEventTimeWindows,
    )
    from martlet.datastream.window.assigners import (
        TumblingProcessingTimeWindows as TumblingProcessingTimeWindows,
    )
    from martlet.datastream.window.operation import (
        WindowOperationDescriptor as WindowOperationDescriptor,
    )
    from martlet.datastream.window.sessions import (
        DynamicEventTimeSessionWindows as DynamicEventTimeSessionWindows,
    )
    from martlet.datastream.window.sessions import (
        DynamicProcessingTimeSessionWindows as DynamicProcessingTimeSessionWindows,
    )
    from martlet.datastream.window.sessions import (
        EventTimeSessionWindows as EventTimeSessionWindows,
    )
    from martlet.datastream.window.sessions import (
        ProcessingTimeSessionWindows as ProcessingTimeSessionWindows,
    )
    from martlet.datastream.window.sessions import (
        SessionWindowTimeGapExtractor as SessionWindowTimeGapExtractor,
    )
    from martlet.datastream.window.trigger import Trigger as Trigger
    from martlet.datastream.window.trigger import TriggerResult as TriggerResult
    from martlet.datastream.window.triggers import (
        ContinuousEventTimeTrigger as ContinuousEventTimeTrigger,
    )
    from martlet.datastream.window.triggers import (
        ContinuousProcessingTimeTrigger as ContinuousProcessingTimeTrigger,
    )
    from martlet.datastream.window.triggers import CountTrigger as CountTrigger
    from martlet.datastream.window.triggers import EventTimeTrigger as EventTimeTrigger
    from martlet.datastream.window.triggers import Min as Min
    from martlet.datastream.window.triggers import NeverTrigger as NeverTrigger
    from martlet.datastream.window.triggers import ProcessingTimeTrigger as ProcessingTimeTrigger
    from martlet.datastream.window.triggers import PurgingTrigger as PurgingTrigger
    from martlet.datastream.window.windows import CountWindow as CountWindow
    from martlet.datastream.window.windows import CountWindowSerializer as CountWindowSerializer
    from martlet.datastream.window.windows import GlobalWindow as GlobalWindow
    from martlet.datastream.window.windows import GlobalWindowSerializer as GlobalWindowSerializer
    from martlet.datastream.window.windows import TimeWindow as TimeWindow
    from martlet.datastream.window.windows import TimeWindowSerializer as TimeWindowSerializer
    from martlet.datastream.window.windows import Window as Window
