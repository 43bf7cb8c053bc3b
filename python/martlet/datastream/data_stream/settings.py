"""What operators and sinks can both be told: names, parallelism, chaining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError

if TYPE_CHECKING:
    from typing import Self

    from martlet.datastream.slot_sharing_group import SlotSharingGroup
    from martlet.gateway.handles import TransformationHandle

__all__ = ["Settings", "checked_max_parallelism", "checked_parallelism"]

#: The largest maximum parallelism: key groups are numbered in 15 bits.
MAX_KEY_GROUPS = 1 << 15


@boundary_methods
class Settings:
    """Methods that change the operator and return the object they are called on."""

    _handle: TransformationHandle

    def name(self, name: str) -> Self:
        """The name under which the operator is shown."""
        self._handle.set_name(_text("name", name))
        return self

    def uid(self, uid: str) -> Self:
        """The identity of the operator's state across versions of the job; unique in the job."""
        self._handle.set_uid(_text("uid", uid))
        return self

    def set_uid_hash(self, uid_hash: str) -> Self:
        """The identity as 32 hexadecimal digits, as another version of the job computed it."""
        if len(uid_hash) != 32 or not set(uid_hash) <= set("0123456789abcdefABCDEF"):
            raise ValueError(
                "Node hash must be a 32 character String that describes a hex code. "
                f"Found: {uid_hash}"
            )
        self._handle.set_uid_hash(uid_hash)
        return self

    def set_parallelism(self, parallelism: int) -> Self:
        """How many instances of the operator run."""
        self._handle.set_parallelism(checked_parallelism(parallelism, "an operator"))
        return self

    def set_description(self, description: str) -> Self:
        """What the operator does, in more words than its name."""
        self._handle.set_description(_text("description", description))
        return self

    def disable_chaining(self) -> Self:
        """The operator runs in a task of its own."""
        self._handle.disable_chaining()
        return self

    def slot_sharing_group(self, slot_sharing_group: str | SlotSharingGroup) -> Self:
        """The group of operators with which this one, and those after it, share slots."""
        if isinstance(slot_sharing_group, str):
            self._handle.slot_sharing_group(slot_sharing_group)
            return self
        if slot_sharing_group.get_cpu_cores() is not None:
            raise NotSupportedError(
                "The resources of a slot sharing group are not supported: pass its name"
            )
        self._handle.slot_sharing_group(slot_sharing_group.get_name())
        return self


def _text(what: str, value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"The {what} of an operator must be a str, got {value!r}")
    return value


def checked_parallelism(parallelism: int, what: str) -> int:
    """``parallelism``, if it is one."""
    if isinstance(parallelism, bool) or not isinstance(parallelism, int):
        raise TypeError(f"The parallelism of {what} must be an int, got {parallelism!r}")
    if parallelism < 1:
        raise ValidationError(f"The parallelism of {what} must be at least 1, got {parallelism}")
    return parallelism


def checked_max_parallelism(max_parallelism: int) -> int:
    """``max_parallelism``, if it is one: from 1 to 32768."""
    if isinstance(max_parallelism, bool) or not isinstance(max_parallelism, int):
        raise TypeError(f"The maximum parallelism must be an int, got {max_parallelism!r}")
    if not 0 < max_parallelism <= MAX_KEY_GROUPS:
        raise ValidationError(
            f"maxParallelism is out of bounds 0 < maxParallelism <= {MAX_KEY_GROUPS}. "
            f"Found: {max_parallelism}"
        )
    return max_parallelism
