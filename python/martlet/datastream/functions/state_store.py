"""Where functions get their keyed state from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

__all__ = ["KeyedStateStore"]


class KeyedStateStore(ABC):
    """State by name, for the key of the record at hand; each descriptor names one."""

    @abstractmethod
    def get_state(self, state_descriptor: Any) -> Any:
        """A single value."""

    @abstractmethod
    def get_list_state(self, state_descriptor: Any) -> Any:
        """A list of values."""

    @abstractmethod
    def get_map_state(self, state_descriptor: Any) -> Any:
        """A map."""

    @abstractmethod
    def get_reducing_state(self, state_descriptor: Any) -> Any:
        """What the added values reduce to."""

    @abstractmethod
    def get_aggregating_state(self, state_descriptor: Any) -> Any:
        """What the added values aggregate to."""
