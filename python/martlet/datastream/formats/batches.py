"""From the reading and writing of one message to that of a batch, with its errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from martlet.datastream.formats.errors import MalformedRecordError, shortened

__all__ = ["batch_decoder", "batch_encoder"]

T = TypeVar("T")


def batch_decoder(
    decode_one: Callable[[bytes], T | None], what: str, ignore_errors: bool
) -> Callable[[Sequence[bytes | None]], list[T | None]]:
    """What reads messages with ``decode_one``; None stands for a message without a record.

    :param what: what a message is, for the error
    :param ignore_errors: whether a message that cannot be read is one without a record
    """

    def decode(messages: Sequence[bytes | None]) -> list[T | None]:
        records: list[T | None] = []
        for message in messages:
            try:
                records.append(None if message is None else decode_one(message))
            except Exception as error:
                if not ignore_errors:
                    assert message is not None
                    raise MalformedRecordError(
                        f"Failed to deserialize {what} '{shortened(message)}': {error}"
                    ) from error
                records.append(None)
        return records

    return decode


def batch_encoder(
    text_of: Callable[[Any], str], advice: str = ""
) -> Callable[[Sequence[Any]], list[bytes]]:
    """What writes records as the texts that ``text_of`` makes; ``advice`` is for the error."""

    def encode(records: Sequence[Any]) -> list[bytes]:
        messages = []
        for record in records:
            try:
                messages.append(text_of(record).encode())
            except Exception as error:
                raise MalformedRecordError(
                    f"Could not serialize row '{shortened(record)}'{advice}: {error}"
                ) from error
        return messages

    return encode
