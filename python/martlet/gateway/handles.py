"""The runtime's objects, as the rest of the package knows them (see ``docs/facade.md``).

A handle passes calls on and turns errors into Martlet's; it holds no state of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from martlet.gateway.connection import Connection
from martlet.gateway.errors import converted

if TYPE_CHECKING:
    from typing import Self

    from martlet.common.job_execution_result import JobExecutionResult

__all__ = [
    "CollectHandle",
    "EnvironmentHandle",
    "JobHandle",
    "SinkHandle",
    "StreamHandle",
    "TransformationHandle",
]


class _Handle:
    """An object of the runtime, and the connection that it lives behind."""

    __slots__ = ("_connection", "_java")

    def __init__(self, java: Any, connection: Connection) -> None:
        self._java = java
        self._connection = connection

    def _call(self, method: str, *args: Any) -> Any:
        try:
            return getattr(self._java, method)(*args)
        except Exception as error:
            failure = converted(error, self._connection)
        raise failure  # outside of the handler, so that no frames of the client are shown

    def _stream(self, method: str, *args: Any) -> StreamHandle:
        return StreamHandle(self._call(method, *args), self._connection)

    def _sink(self, method: str, *args: Any) -> SinkHandle:
        return SinkHandle(self._call(method, *args), self._connection)


class EnvironmentHandle(_Handle):
    """``martlet.StreamEnvironment``: a graph under construction, and its settings."""

    __slots__ = ()

    @classmethod
    def create(cls, connection: Connection) -> Self:
        try:
            return cls(connection.java_class("StreamEnvironment")(), connection)
        except Exception as error:
            failure = converted(error, connection)
        raise failure

    def set(self, key: str, value: str) -> None:
        self._call("set", key, value)

    def remove(self, key: str) -> None:
        self._call("remove", key)

    def set_parallelism(self, parallelism: int) -> None:
        self._call("setParallelism", parallelism)

    def parallelism(self) -> int:
        return int(self._call("getParallelism"))

    def set_max_parallelism(self, parallelism: int) -> None:
        self._call("setMaxParallelism", parallelism)

    def max_parallelism(self) -> int:
        return int(self._call("getMaxParallelism"))

    def from_rows(self, bodies: Sequence[bytes], type_text: str, name: str) -> StreamHandle:
        if len(bodies) == 1:
            return self._stream("fromRows", bodies[0], type_text, name)
        return self._stream("fromBatches", list(bodies), type_text, name)

    def number_sequence(self, first: int, last: int, name: str) -> StreamHandle:
        return self._stream("numberSequence", first, last, name)

    def chained_source(self, sources: Sequence[StreamHandle], name: str) -> StreamHandle:
        return self._stream("chainedSource", [source._java for source in sources], name)

    def text_files(
        self, paths: Sequence[str], options: Mapping[str, str], name: str
    ) -> StreamHandle:
        return self._stream("textFiles", list(paths), dict(options), name)

    def execute(self, job_name: str | None, detached: bool = False) -> JobHandle:
        """Starts a job; a detached one goes on in a daemon when this process has ended."""
        arguments = (job_name, True) if detached else (job_name,)
        return JobHandle(self._call("execute", *arguments), self._connection)

    def execution_plan(self) -> str:
        return str(self._call("executionPlan"))

    def clear(self) -> None:
        self._call("clear")


class TransformationHandle(_Handle):
    """What streams and sinks can both be told."""

    __slots__ = ()

    def set_name(self, name: str) -> None:
        self._call("setName", name)

    def set_description(self, description: str) -> None:
        self._call("setDescription", description)

    def set_uid(self, uid: str) -> None:
        self._call("setUid", uid)

    def set_uid_hash(self, uid_hash: str) -> None:
        self._call("setUidHash", uid_hash)

    def set_parallelism(self, parallelism: int) -> None:
        self._call("setParallelism", parallelism)

    def set_max_parallelism(self, parallelism: int) -> None:
        self._call("setMaxParallelism", parallelism)

    def set_buffer_timeout(self, millis: int) -> None:
        self._call("setBufferTimeout", millis)

    def start_new_chain(self) -> None:
        self._call("startNewChain")

    def disable_chaining(self) -> None:
        self._call("disableChaining")

    def slot_sharing_group(self, name: str) -> None:
        self._call("slotSharingGroup", name)

    def force_non_parallel(self) -> None:
        self._call("forceNonParallel")


class StreamHandle(TransformationHandle):
    """``martlet.Stream``: the output of a transformation."""

    __slots__ = ()

    def name(self) -> str:
        return str(self._call("name"))

    def python(
        self, kind: str, function: bytes, output_type: str | None, name: str
    ) -> StreamHandle:
        return self._stream("python", kind, function, output_type, name)

    def key_by(self, selector: bytes, key_type: str, name: str) -> StreamHandle:
        return self._stream("keyBy", selector, key_type, name)

    def connect(
        self,
        other: StreamHandle,
        kind: str,
        function: bytes,
        output_type: str,
        name: str,
        broadcast: Sequence[str],
    ) -> StreamHandle:
        return self._stream(
            "connect", other._java, kind, function, output_type, name, list(broadcast)
        )

    def side_output(self, tag_id: str, type_text: str) -> StreamHandle:
        return self._stream("sideOutput", tag_id, type_text)

    def assign_timestamps(self, function: bytes, name: str) -> StreamHandle:
        return self._stream("assignTimestamps", function, name)

    def reduce(self, function: bytes, name: str) -> StreamHandle:
        return self._stream("reduce", function, name)

    def partition(self, strategy: str) -> StreamHandle:
        return self._stream("partition", strategy)

    def partition_custom(self, partitioner: bytes, name: str) -> StreamHandle:
        return self._stream("partitionCustom", partitioner, name)

    def union(self, others: Sequence[StreamHandle]) -> StreamHandle:
        return self._stream("union", [other._java for other in others])

    def watermarks(self, strategy: str, options: Mapping[str, str]) -> StreamHandle:
        return self._stream("watermarks", strategy, dict(options))

    def print(self, identifier: str | None, stderr: bool) -> SinkHandle:
        return self._sink("print", identifier, stderr)

    def file_sink(self, options: Mapping[str, str]) -> SinkHandle:
        return self._sink("fileSink", dict(options))

    def collect(self) -> CollectHandle:
        return CollectHandle(self._call("collect"), self._connection)


class SinkHandle(TransformationHandle):
    """``martlet.Sink``: where a stream ends."""

    __slots__ = ()


class CollectHandle(SinkHandle):
    """``martlet.CollectSink``: a sink whose rows come back to the client."""

    __slots__ = ()

    def next(self, max_rows: int) -> bytes | None:
        """The next rows, encoded; None when there are no more."""
        body = self._call("next", max_rows)
        return None if body is None else bytes(body)

    def close(self) -> None:
        self._call("close")


class JobHandle(_Handle):
    """``martlet.Job``: a job that was started."""

    __slots__ = ()

    def id(self) -> str:
        return str(self._call("id"))

    def status(self) -> str:
        return str(self._call("status"))

    def is_over(self) -> bool:
        from martlet.common.job_status import JobStatus

        return JobStatus[self.status()].is_terminal_state()

    def wait(self, timeout_ms: int = 0) -> bool:
        """Waits until the job has finished, or has failed, which is raised.

        :param timeout_ms: how long to wait at most; 0 for as long as it takes
        :return: whether the job has finished
        """
        finished = self._call("await", timeout_ms)
        return bool(finished)

    def wait_until_over(self) -> None:
        """Waits until the job has ended in whatever way."""
        from martlet.util.exceptions import JobExecutionError

        try:
            self.wait()
        except JobExecutionError:
            return None

    def wait_for_result(self) -> JobExecutionResult:
        """Waits until the job has finished; raises what made it fail."""
        from martlet.util.exceptions import JobExecutionError

        self.wait()
        if self.status() == "CANCELED":
            raise JobExecutionError("The job was cancelled", code="cancelled")
        return self.result()

    def cancel(self) -> None:
        self._call("cancel")

    def metrics(self) -> dict[str, float]:
        """What the job's tasks have counted so far, by name."""
        return {str(name): float(value) for name, value in dict(self._call("metrics")).items()}

    def result(self) -> JobExecutionResult:
        from martlet.common.job_execution_result import JobExecutionResult
        from martlet.common.job_id import JobID

        values = dict(self._call("result"))
        # Python functions have no way to make accumulators, in PyFlink neither.
        return JobExecutionResult(JobID(self.id()), int(values["net-runtime-ms"]), {})
