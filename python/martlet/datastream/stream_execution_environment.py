"""Where jobs are built and started."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from martlet.common.configuration import Configuration
from martlet.common.typeinfo import TypeInformation, Types
from martlet.datastream.checkpoint_settings import CheckpointSettings
from martlet.datastream.data_stream.settings import checked_max_parallelism, checked_parallelism
from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.environment_configuration import EnvironmentConfiguration, processors
from martlet.datastream.java_dependencies import JavaDependencies
from martlet.datastream.python_dependencies import PythonDependencies
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError, ValueMismatchError

if TYPE_CHECKING:
    from martlet.common.execution_config import ExecutionConfig
    from martlet.common.io import InputFormat
    from martlet.common.job_client import JobClient
    from martlet.common.job_execution_result import JobExecutionResult
    from martlet.common.watermark_strategy import WatermarkStrategy
    from martlet.datastream.connectors.base import Source
    from martlet.datastream.execution_mode import RuntimeExecutionMode
    from martlet.datastream.functions.source import SourceFunction
    from martlet.datastream.running_job import HintedOperator, RunningJob
    from martlet.datastream.slot_sharing_group import SlotSharingGroup
    from martlet.datastream.type_hints import TypeHint
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle
    from martlet.testing.collecting_sink import CollectingSink

__all__ = ["StreamExecutionEnvironment"]

_CHAINING = "pipeline.operator-chaining.enabled"
_OLD_CHAINING = "pipeline.operator-chaining"
_CHAINING_OF_DIFFERENT = "pipeline.operator-chaining.chain-operators-with-different-max-parallelism"
_BUFFER_TIMEOUT = "execution.buffer-timeout.interval"
_BUFFER_TIMEOUT_ENABLED = "execution.buffer-timeout.enabled"
_RUNTIME_MODE = "execution.runtime-mode"


@boundary_methods
class StreamExecutionEnvironment(PythonDependencies, CheckpointSettings, JavaDependencies):
    """A job under construction, its settings, and the way to start it.

    Made by :meth:`get_execution_environment`, which starts the runtime without waiting for it.
    """

    _default_local_parallelism: int | None = None

    def __init__(self, configuration: Configuration | None = None) -> None:
        from martlet.gateway.connection import current_connection

        self._connection = current_connection()
        self._runtime: EnvironmentHandle | None = None
        self._configuration = EnvironmentConfiguration()
        self._hinted: list[HintedOperator] = []
        self._collectors: list[CollectingSink] = []
        self._slot_sharing_groups: dict[str, SlotSharingGroup] = {}
        if configuration is not None:
            self._configuration.add_all(configuration)

    @staticmethod
    def get_execution_environment(
        configuration: Configuration | None = None,
    ) -> StreamExecutionEnvironment:
        """A new environment, with the settings of ``configuration``."""
        return StreamExecutionEnvironment(configuration)

    @property
    def _handle(self) -> EnvironmentHandle:
        """The runtime's side of the environment; the first use connects to it."""
        if self._runtime is None:
            from martlet.gateway.handles import EnvironmentHandle

            runtime = EnvironmentHandle.create(self._connection)
            default = StreamExecutionEnvironment._default_local_parallelism
            if default is not None:
                runtime.set_parallelism(default)
            self._configuration.connect(runtime)
            self._runtime = runtime
        return self._runtime

    # Settings

    def get_config(self) -> ExecutionConfig:
        """The settings that have methods of their own."""
        from martlet.common.execution_config import ExecutionConfig

        return ExecutionConfig(self._configuration)

    def configure(self, configuration: Configuration) -> None:
        """Takes over the settings of ``configuration``."""
        self._configuration.add_all(configuration)

    def set_parallelism(self, parallelism: int) -> StreamExecutionEnvironment:
        """The parallelism of operators that are given none of their own, from now on."""
        if parallelism == -1:  # Flink's number for "the default"
            parallelism = self.get_default_local_parallelism()
        checked_parallelism(parallelism, "an environment")
        self._configuration.set_integer("parallelism.default", parallelism)
        return self

    def get_parallelism(self) -> int:
        return self._handle.parallelism()

    def set_max_parallelism(self, max_parallelism: int) -> StreamExecutionEnvironment:
        """How many key groups there are, from 1 to 32768: the most a job can be scaled to."""
        checked_max_parallelism(max_parallelism)
        self._configuration.set_integer("pipeline.max-parallelism", max_parallelism)
        return self

    def get_max_parallelism(self) -> int:
        """The maximum parallelism; -1 if it is left to each operator."""
        return self._configuration.get_integer("pipeline.max-parallelism", -1)

    def get_default_local_parallelism(self) -> int:
        """The parallelism of environments that are given none: the number of processors."""
        default = StreamExecutionEnvironment._default_local_parallelism
        return processors() if default is None else default

    def set_default_local_parallelism(self, parallelism: int) -> None:
        """The parallelism of environments made from now on that are given none."""
        checked_parallelism(parallelism, "an environment")
        StreamExecutionEnvironment._default_local_parallelism = parallelism

    def set_runtime_mode(self, execution_mode: RuntimeExecutionMode) -> StreamExecutionEnvironment:
        """Whether the job runs as a stream or as a batch."""
        self._configuration.set_string(_RUNTIME_MODE, execution_mode.name)
        return self

    def set_buffer_timeout(self, timeout_millis: int) -> StreamExecutionEnvironment:
        """How long a batch may wait to be full; records never wait here, whatever it is."""
        if timeout_millis < -1:
            raise ValidationError("The buffer timeout must be -1, 0 or a number of milliseconds")
        self._configuration.set_boolean(_BUFFER_TIMEOUT_ENABLED, timeout_millis >= 0)
        if timeout_millis >= 0:
            self._configuration.set_string(_BUFFER_TIMEOUT, f"{timeout_millis} ms")
        return self

    def get_buffer_timeout(self) -> int:
        from martlet.common.execution_config import parse_duration_ms

        if not self._configuration.get_boolean(_BUFFER_TIMEOUT_ENABLED, True):
            return -1
        text = self._configuration.get_string(_BUFFER_TIMEOUT, None)
        return 100 if text is None else parse_duration_ms(_BUFFER_TIMEOUT, text)

    def disable_operator_chaining(self) -> StreamExecutionEnvironment:
        """Every operator runs in a task of its own."""
        self._configuration.set_boolean(_CHAINING, False)
        return self

    def is_chaining_enabled(self) -> bool:
        old = self._configuration.get_boolean(_OLD_CHAINING, True)
        return self._configuration.get_boolean(_CHAINING, old)

    def is_chaining_of_operators_with_different_max_parallelism_enabled(self) -> bool:
        return self._configuration.get_boolean(_CHAINING_OF_DIFFERENT, True)

    def register_slot_sharing_group(
        self, slot_sharing_group: SlotSharingGroup
    ) -> StreamExecutionEnvironment:
        """Makes a group known by its name; one that asks for resources is refused."""
        if slot_sharing_group.get_cpu_cores() is not None:
            raise NotSupportedError("The resources of a slot sharing group are not supported")
        self._slot_sharing_groups[slot_sharing_group.get_name()] = slot_sharing_group
        return self

    # Sources

    def from_collection(
        self, collection: Iterable[Any], type_info: TypeInformation | None = None
    ) -> DataStream:
        """A stream of the given values, in order; the source has one instance.

        :param collection: the values
        :param type_info: their type; None if they are to be pickled
        """
        from martlet.datastream.rows import encode_rows

        if isinstance(collection, (str, bytes)) or not isinstance(collection, Iterable):
            raise TypeError(f"from_collection takes a list of values, got {collection!r}")
        if type_info is not None and not isinstance(type_info, TypeInformation):
            raise TypeError(
                f"type_info must be a TypeInformation such as Types.INT(), got {type_info!r}"
            )
        type_info = type_info or Types.PICKLED_BYTE_ARRAY()
        try:
            bodies = encode_rows(list(collection), type_info)
        except ValueMismatchError as error:
            failure = ValueMismatchError(f"from_collection: {error}", error.row, error.field)
        else:
            handle = self._handle.from_rows(bodies, type_info.type_text(), "Collection Source")
            return DataStream(handle, type_info, self)
        raise failure

    def from_source(
        self,
        source: Source,
        watermark_strategy: WatermarkStrategy,
        source_name: str,
        type_info: TypeInformation | None = None,
    ) -> DataStream:
        """A stream of what ``source`` reads.

        :param type_info: the type of the records, where the source does not say
        """
        from martlet.datastream.connectors.base import Source

        if not isinstance(source, Source):
            raise TypeError(f"from_source takes a Source, got {source!r}")
        from martlet.datastream.watermarks import with_watermarks

        handle, produced = self._attached(source, source_name, type_info)
        return DataStream(with_watermarks(handle, watermark_strategy), produced, self)

    def add_source(
        self,
        source_func: SourceFunction,
        source_name: str = "Custom Source",
        type_info: TypeInformation | None = None,
    ) -> DataStream:
        """A stream of what a source of the older interface reads.

        :param type_info: the type of the records, where the source does not say
        """
        from martlet.datastream.functions.source import SourceFunction

        if not isinstance(source_func, SourceFunction):
            raise TypeError(f"add_source takes a SourceFunction, got {source_func!r}")
        return DataStream(*self._attached(source_func, source_name, type_info), self)

    def create_input(
        self, input_format: InputFormat, type_info: TypeInformation | None = None
    ) -> DataStream:
        """A stream of what an input format reads.

        :param type_info: the type of the records, where the format does not say
        """
        from martlet.common.io import InputFormat

        if not isinstance(input_format, InputFormat):
            raise TypeError(f"create_input takes an InputFormat, got {input_format!r}")
        return DataStream(*self._attached(input_format, "Custom File Source", type_info), self)

    def _attached(
        self,
        source: Source | SourceFunction | InputFormat,
        name: str,
        type_info: TypeInformation | None,
    ) -> tuple[StreamHandle, TypeInformation]:
        handle, produced = source._attach(self._handle, name)
        if type_info is not None and type_info != produced:
            raise ValidationError(
                f"The source yields values of type {produced!r}, not {type_info!r}"
            )
        return handle, produced

    # Execution

    def execute(self, job_name: str | None = None) -> JobExecutionResult:
        """Runs what was built since the last execution, and waits for its end.

        :raises JobExecutionError: if the job fails
        """
        return self._start(job_name).wait_interruptibly()

    def execute_async(self, job_name: str = "Flink Streaming Job") -> JobClient:
        """Starts what was built since the last execution.

        In a gateway that stays, the job goes on when this process has ended.
        """
        from martlet.common.job_client import JobClient

        return JobClient(self._start(job_name, detached=True))

    def get_execution_plan(self) -> str:
        """What was built since the last execution, as JSON."""
        return self._handle.execution_plan()

    def close(self) -> None:
        """Lets go of what was built and not executed."""
        if self._runtime is not None:
            self._runtime.clear()

    def _start(self, job_name: str | None, detached: bool = False) -> RunningJob:
        from martlet.datastream.running_job import RunningJob

        self._describe_interpreter()
        # What the script printed so far stands before what the job prints.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        collectors, self._collectors = self._collectors, []
        hinted, self._hinted = self._hinted, []
        job = RunningJob(self._handle.execute(job_name, detached), hinted, collectors)
        for collector in collectors:
            collector._begin()
        return job

    def _note_hint(self, handle: StreamHandle, name: str, hint: TypeHint) -> None:
        from martlet.datastream.running_job import HintedOperator

        self._hinted.append(HintedOperator(handle, name, hint))

    def _rename_hinted(self, handle: StreamHandle, name: str) -> None:
        self._hinted = [
            operator._replace(name=name) if operator.stream is handle else operator
            for operator in self._hinted
        ]
