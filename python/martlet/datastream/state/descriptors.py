"""How state is declared: a name, types, and how long it lives."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from martlet.common.typeinfo import TypeInformation, Types

if TYPE_CHECKING:
    from martlet.datastream.functions.basic import AggregateFunction, ReduceFunction
    from martlet.datastream.state.ttl import StateTtlConfig

__all__ = [
    "AggregatingStateDescriptor",
    "ListStateDescriptor",
    "MapStateDescriptor",
    "ReducingStateDescriptor",
    "StateDescriptor",
    "ValueStateDescriptor",
]


class StateDescriptor(ABC):
    """Declares a state.

    :param name: unique among the states of an operator
    :param type_info: the type of what is kept
    """

    def __init__(self, name: str, type_info: TypeInformation):
        if not isinstance(name, str) or not name:
            raise ValueError(f"A state needs a name, got {name!r}")
        if not isinstance(type_info, TypeInformation):
            raise TypeError(f"The type of state '{name}' must be one of Types, got {type_info!r}")
        self.name = name
        self.type_info = type_info
        self._ttl_config: StateTtlConfig | None = None

    def get_name(self) -> str:
        """The name of the state."""
        return self.name

    def enable_time_to_live(self, ttl_config: StateTtlConfig) -> None:
        """Makes what is kept expire."""
        self._ttl_config = ttl_config


class ValueStateDescriptor(StateDescriptor):
    """Declares a :class:`ValueState`."""

    def __init__(self, name: str, value_type_info: TypeInformation):
        super().__init__(name, value_type_info)


class ListStateDescriptor(StateDescriptor):
    """Declares a :class:`ListState`.

    :param elem_type_info: the type of an element
    """

    def __init__(self, name: str, elem_type_info: TypeInformation):
        super().__init__(name, Types.LIST(elem_type_info))


class MapStateDescriptor(StateDescriptor):
    """Declares a :class:`MapState` or a :class:`BroadcastState`."""

    def __init__(self, name: str, key_type_info: TypeInformation, value_type_info: TypeInformation):
        super().__init__(name, Types.MAP(key_type_info, value_type_info))


class ReducingStateDescriptor(StateDescriptor):
    """Declares a :class:`ReducingState`.

    :param reduce_function: makes two values into one
    """

    def __init__(
        self,
        name: str,
        reduce_function: ReduceFunction | Callable[[Any, Any], Any],
        type_info: TypeInformation,
    ):
        super().__init__(name, type_info)
        from martlet.datastream.functions.basic import ReduceFunction

        if not isinstance(reduce_function, ReduceFunction) and not callable(reduce_function):
            raise TypeError(
                "The input must be a ReduceFunction or a callable function, "
                f"got {reduce_function!r}"
            )
        self._reduce_function = reduce_function

    def get_reduce_function(self) -> ReduceFunction | Callable[[Any, Any], Any]:
        """The function that makes two values into one."""
        return self._reduce_function


class AggregatingStateDescriptor(StateDescriptor):
    """Declares an :class:`AggregatingState`.

    :param state_type_info: the type of the accumulator
    """

    def __init__(
        self, name: str, agg_function: AggregateFunction, state_type_info: TypeInformation
    ):
        super().__init__(name, state_type_info)
        from martlet.datastream.functions.basic import AggregateFunction

        if not isinstance(agg_function, AggregateFunction):
            raise TypeError(f"The input must be an AggregateFunction, got {agg_function!r}")
        self._agg_function = agg_function

    def get_agg_function(self) -> AggregateFunction:
        """The function that aggregates."""
        return self._agg_function
