"""How a program is executed: the settings that have methods of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.common.configuration import Configuration
from martlet.util.boundary import boundary_methods

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ExecutionConfig"]

_CLOSURE_CLEANER = "pipeline.closure-cleaner-level"
_WATERMARK_INTERVAL = "pipeline.auto-watermark-interval"
_LATENCY_INTERVAL = "metrics.latency.interval"
_PARALLELISM = "parallelism.default"
_MAX_PARALLELISM = "pipeline.max-parallelism"
_CANCEL_INTERVAL = "task.cancellation.interval"
_CANCEL_TIMEOUT = "task.cancellation.timeout"
_FORCE_KRYO = "pipeline.force-kryo"
_FORCE_AVRO = "pipeline.force-avro"
_GENERIC_TYPES = "pipeline.generic-types"
_AUTO_UIDS = "pipeline.auto-generate-uids"
_OBJECT_REUSE = "pipeline.object-reuse"
_JOB_PARAMETERS = "pipeline.global-job-parameters"
_SNAPSHOT_COMPRESSION = "execution.checkpointing.snapshot-compression"


@boundary_methods
class ExecutionConfig:
    """A view of a configuration; what is set here is set there.

    What concerns the serialisation of Java objects has no effect here, where there are none.
    """

    PARALLELISM_DEFAULT = -1
    PARALLELISM_UNKNOWN = -2

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def _flag(self, key: str, value: bool) -> Self:
        self._configuration.set_boolean(key, value)
        return self

    def enable_closure_cleaner(self) -> ExecutionConfig:
        self._configuration.set_string(_CLOSURE_CLEANER, "RECURSIVE")
        return self

    def disable_closure_cleaner(self) -> ExecutionConfig:
        self._configuration.set_string(_CLOSURE_CLEANER, "NONE")
        return self

    def is_closure_cleaner_enabled(self) -> bool:
        return self._configuration.get_string(_CLOSURE_CLEANER, "RECURSIVE") != "NONE"

    def set_auto_watermark_interval(self, interval: int) -> ExecutionConfig:
        """How often periodic watermarks are made, in milliseconds; 0 turns them off."""
        if interval < 0:
            raise ValueError("Auto watermark interval must not be negative.")
        return self._millis(_WATERMARK_INTERVAL, interval)

    def get_auto_watermark_interval(self) -> int:
        return self._get_millis(_WATERMARK_INTERVAL, 200)

    def set_latency_tracking_interval(self, interval: int) -> ExecutionConfig:
        """How often sources send latency markers, in milliseconds; 0 turns them off."""
        return self._millis(_LATENCY_INTERVAL, interval)

    def get_latency_tracking_interval(self) -> int:
        return self._get_millis(_LATENCY_INTERVAL, 0)

    def get_parallelism(self) -> int:
        return self._configuration.get_integer(_PARALLELISM, self.PARALLELISM_DEFAULT)

    def set_parallelism(self, parallelism: int) -> ExecutionConfig:
        """The parallelism of operators that have none of their own; -1 for the default."""
        if parallelism == self.PARALLELISM_UNKNOWN:
            return self
        if parallelism < 1 and parallelism != self.PARALLELISM_DEFAULT:
            raise ValueError(
                "Parallelism must be at least one, or ExecutionConfig.PARALLELISM_DEFAULT "
                f"(use system default), got {parallelism}"
            )
        self._configuration.set_integer(_PARALLELISM, parallelism)
        return self

    def get_max_parallelism(self) -> int:
        return self._configuration.get_integer(_MAX_PARALLELISM, -1)

    def set_max_parallelism(self, max_parallelism: int) -> ExecutionConfig:
        """How many key groups keyed streams have: the most that a job can be scaled to."""
        if max_parallelism <= 0:
            raise ValueError(
                f"The maximum parallelism must be greater than 0, got {max_parallelism}"
            )
        self._configuration.set_integer(_MAX_PARALLELISM, max_parallelism)
        return self

    def get_task_cancellation_interval(self) -> int:
        return self._get_millis(_CANCEL_INTERVAL, 30_000)

    def set_task_cancellation_interval(self, interval: int) -> ExecutionConfig:
        return self._millis(_CANCEL_INTERVAL, interval)

    def get_task_cancellation_timeout(self) -> int:
        return self._get_millis(_CANCEL_TIMEOUT, 180_000)

    def set_task_cancellation_timeout(self, timeout: int) -> ExecutionConfig:
        if timeout < 0:
            raise ValueError("Timeout needs to be >= 0.")
        return self._millis(_CANCEL_TIMEOUT, timeout)

    def enable_force_kryo(self) -> ExecutionConfig:
        return self._flag(_FORCE_KRYO, True)

    def disable_force_kryo(self) -> ExecutionConfig:
        return self._flag(_FORCE_KRYO, False)

    def is_force_kryo_enabled(self) -> bool:
        return self._configuration.get_boolean(_FORCE_KRYO, False)

    def enable_generic_types(self) -> ExecutionConfig:
        return self._flag(_GENERIC_TYPES, True)

    def disable_generic_types(self) -> ExecutionConfig:
        return self._flag(_GENERIC_TYPES, False)

    def has_generic_types_disabled(self) -> bool:
        return not self._configuration.get_boolean(_GENERIC_TYPES, True)

    def enable_auto_generated_uids(self) -> ExecutionConfig:
        return self._flag(_AUTO_UIDS, True)

    def disable_auto_generated_uids(self) -> ExecutionConfig:
        """Every operator must have a uid, or the job is refused."""
        return self._flag(_AUTO_UIDS, False)

    def has_auto_generated_uids_enabled(self) -> bool:
        return self._configuration.get_boolean(_AUTO_UIDS, True)

    def enable_force_avro(self) -> ExecutionConfig:
        return self._flag(_FORCE_AVRO, True)

    def disable_force_avro(self) -> ExecutionConfig:
        return self._flag(_FORCE_AVRO, False)

    def is_force_avro_enabled(self) -> bool:
        return self._configuration.get_boolean(_FORCE_AVRO, False)

    def enable_object_reuse(self) -> ExecutionConfig:
        return self._flag(_OBJECT_REUSE, True)

    def disable_object_reuse(self) -> ExecutionConfig:
        return self._flag(_OBJECT_REUSE, False)

    def is_object_reuse_enabled(self) -> bool:
        return self._configuration.get_boolean(_OBJECT_REUSE, False)

    def get_global_job_parameters(self) -> dict[str, str]:
        return parse_map(self._configuration.get_string(_JOB_PARAMETERS, "") or "")

    def set_global_job_parameters(
        self, global_job_parameters_dict: dict[str, Any]
    ) -> ExecutionConfig:
        """Parameters that every function can read (``RuntimeContext.get_job_parameter``)."""
        text = format_map({k: str(v) for k, v in global_job_parameters_dict.items()})
        self._configuration.set_string(_JOB_PARAMETERS, text)
        return self

    def get_default_kryo_serializer_classes(self) -> dict[str, str]:
        return {}

    def get_registered_kryo_types(self) -> list[str]:
        return []

    def get_registered_pojo_types(self) -> list[str]:
        return []

    def is_use_snapshot_compression(self) -> bool:
        return self._configuration.get_boolean(_SNAPSHOT_COMPRESSION, False)

    def set_use_snapshot_compression(self, use_snapshot_compression: bool) -> ExecutionConfig:
        return self._flag(_SNAPSHOT_COMPRESSION, use_snapshot_compression)

    def _millis(self, key: str, millis: int) -> Self:
        self._configuration.set_string(key, f"{millis} ms")
        return self

    def _get_millis(self, key: str, default: int) -> int:
        text = self._configuration.get_string(key, None)
        return default if text is None else parse_duration_ms(key, text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExecutionConfig) and self._configuration == other._configuration

    def __hash__(self) -> int:
        return hash(self._configuration)


_UNITS_MS = {
    "d": 86_400_000, "day": 86_400_000, "days": 86_400_000,
    "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
    "m": 60_000, "min": 60_000, "minute": 60_000, "minutes": 60_000,
    "s": 1000, "sec": 1000, "secs": 1000, "second": 1000, "seconds": 1000,
    "": 1, "ms": 1, "milli": 1, "millis": 1, "millisecond": 1, "milliseconds": 1,
}  # fmt: skip


def parse_duration_ms(key: str, text: str) -> int:
    """A duration as Flink's configuration has it (``10 s``, ``1min``, ``500``), in milliseconds."""
    stripped = text.strip()
    digits = len(stripped) - len(stripped.lstrip("0123456789"))
    unit = stripped[digits:].strip().lower()
    if digits == 0 or unit not in _UNITS_MS:
        raise ValueError(f"'{key}' must be a duration such as '10 s' or '200 ms', not {text!r}")
    return int(stripped[:digits]) * _UNITS_MS[unit]


def format_map(entries: dict[str, str]) -> str:
    """A map as Flink's configuration has it: ``k:v,k:v``, with quotes where they are needed."""
    return ",".join(f"{_quoted(k)}:{_quoted(v)}" for k, v in entries.items())


def _quoted(text: str) -> str:
    if text and not set(text) & set(",:;'\" "):
        return text
    return "'" + text.replace("'", "''") + "'"


def parse_map(text: str) -> dict[str, str]:
    """What :func:`format_map` wrote."""
    entries: dict[str, str] = {}
    key: str | None = None
    token, quoted = "", False
    for char in text + ",":
        if char == "'":
            quoted = not quoted
            token += char
        elif char == ":" and not quoted and key is None:
            key, token = _unquoted(token), ""
        elif char == "," and not quoted:
            if key is not None:
                entries[key] = _unquoted(token)
            elif token:
                raise ValueError(f"'{text}' is not of the form key:value,key:value")
            key, token = None, ""
        else:
            token += char
    return entries


def _unquoted(token: str) -> str:
    token = token.strip()
    if len(token) >= 2 and token.startswith("'") and token.endswith("'"):
        return token[1:-1].replace("''", "'")
    return token
