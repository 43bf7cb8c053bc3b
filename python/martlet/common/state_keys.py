"""Which of Flink's settings of state and checkpoints mean something here."""

from __future__ import annotations

from martlet.util.exceptions import ConfigurationError

__all__ = ["HELD", "HONOURED_STATE", "check_state_setting", "is_about_state"]

_ROCKSDB = "state.backend.rocksdb."
CHECKPOINT_INTERVAL = "execution.checkpointing.interval"
STATE_BACKEND = "state.backend.type"
#: The key of older versions.
OLD_STATE_BACKEND = "state.backend"

#: Settings that the runtime goes by. It refuses a streaming job that asks for checkpoints.
HONOURED_STATE = frozenset(
    {
        CHECKPOINT_INTERVAL,
        STATE_BACKEND,
        OLD_STATE_BACKEND,
        _ROCKSDB + "localdir",
        _ROCKSDB + "memory.fixed-per-slot",
        _ROCKSDB + "memory.fixed-per-tm",
        _ROCKSDB + "memory.managed",
        _ROCKSDB + "memory.write-buffer-ratio",
    }
)

#: How checkpoints are taken and kept: without an interval there are none, in Flink as well. Each
#: with the keys of older versions.
_OF_CHECKPOINTS = """
execution.checkpointing.aligned-checkpoint-timeout execution.checkpointing.alignment-timeout
execution.checkpointing.approximate-local-recovery
execution.checkpointing.checkpoints-after-tasks-finish
execution.checkpointing.checkpoints-after-tasks-finish.enabled
execution.checkpointing.cleaner.parallel-mode state.checkpoint.cleaner.parallel-mode
execution.checkpointing.create-subdir state.checkpoints.create-subdir
execution.checkpointing.data-inline-threshold state.storage.fs.memory-threshold
state.backend.fs.memory-threshold
execution.checkpointing.dir state.checkpoints.dir state.backend.fs.checkpointdir
execution.checkpointing.during-recovery.enabled
execution.checkpointing.externalized-checkpoint-retention
execution.checkpointing.file-merging.across-checkpoint-boundary
execution.checkpointing.file-merging.enabled
execution.checkpointing.file-merging.max-file-size
execution.checkpointing.file-merging.max-space-amplification
execution.checkpointing.file-merging.max-subtasks-per-file
execution.checkpointing.file-merging.pool-blocking
execution.checkpointing.incremental state.backend.incremental
execution.checkpointing.interval-during-backlog
execution.checkpointing.local-backup.dirs taskmanager.state.local.root-dirs
execution.checkpointing.local-backup.enabled state.backend.local-recovery
execution.checkpointing.max-concurrent-checkpoints
execution.checkpointing.min-pause
execution.checkpointing.mode
execution.checkpointing.num-retained state.checkpoints.num-retained
execution.checkpointing.savepoint-dir state.savepoints.dir savepoints.state.backend.fs.dir
execution.checkpointing.snapshot-compression
execution.checkpointing.storage state.checkpoint-storage
execution.checkpointing.timeout
execution.checkpointing.tolerable-failed-checkpoints
execution.checkpointing.unaligned.enabled execution.checkpointing.unaligned
execution.checkpointing.unaligned.forced
execution.checkpointing.unaligned.interruptible-timers.enabled
execution.checkpointing.unaligned.max-subtasks-per-channel-state-file
execution.checkpointing.unaligned.recover-output-on-downstream.enabled
execution.checkpointing.write-buffer-size state.storage.fs.write-buffer-size
state.backend.fs.write-buffer-size
pipeline.sources.pause-until-first-checkpoint
state.backend.rocksdb.checkpoint.transfer.thread.num
state.backend.rocksdb.write-batch-size
"""
_CHANGELOG = (
    "enabled",
    "max-failures-allowed",
    "periodic-materialize.enabled",
    "periodic-materialize.interval",
    "storage",
)

#: Settings that are kept and given back, and concern checkpoints alone.
HELD = frozenset(
    _OF_CHECKPOINTS.split()
    + [
        f"{p}{name}"
        for p in ("state.changelog.", "state.backend.changelog.")
        for name in _CHANGELOG
    ]
)

#: What a setting must be, in lower case, where only some values are there.
_VALUES: dict[str, tuple[set[str], str]] = {
    _ROCKSDB + "timer-service.factory": ({"heap"}, "timers are always kept in memory"),
    _ROCKSDB + "predefined-options": ({"default"}, "RocksDB's options cannot be tuned"),
    _ROCKSDB + "memory.partitioned-index-filters": ({"false"}, "indexes are not partitioned"),
}
_REFUSED_PREFIXES = {
    _ROCKSDB + "metrics.": "metrics of RocksDB are not supported",
    _ROCKSDB: "RocksDB's options cannot be tuned but for its memory and its directories",
    "state.backend.forst.": "there is no ForSt",
    "state.latency-track.": "the latency of state is not measured",
    "state.backend.latency-track.": "the latency of state is not measured",
}
_BACKENDS = {
    "hashmap",
    "rocksdb",
    "org.apache.flink.runtime.state.hashmap.HashMapStateBackendFactory",
    "org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackendFactory",
}


def is_about_state(key: str) -> bool:
    """Whether :func:`check_state_setting` knows the setting."""
    return (
        key in HELD
        or key in HONOURED_STATE
        or key in _VALUES
        or key.startswith(tuple(_REFUSED_PREFIXES))
    )


def check_state_setting(key: str, value: str) -> None:
    """Raises :class:`ConfigurationError` unless the setting is honoured or held."""
    if key in HELD:
        return
    if key in (STATE_BACKEND, OLD_STATE_BACKEND):
        if value not in _BACKENDS and value.lower() not in ("hashmap", "rocksdb"):
            raise ConfigurationError(f"'{key}' must be hashmap or rocksdb, not {value!r}")
    elif key == CHECKPOINT_INTERVAL:
        from martlet.common.execution_config import parse_duration_ms

        if parse_duration_ms(key, value) < 10:
            raise ConfigurationError(
                f"Checkpoint interval must be larger than or equal to 10 ms: '{key}' is {value!r}"
            )
    elif key not in HONOURED_STATE:
        allowed, reason = _VALUES.get(key, (set(), ""))
        if value.strip().lower() in allowed:
            return
        reason = reason or next(r for p, r in _REFUSED_PREFIXES.items() if key.startswith(p))
        raise ConfigurationError(f"The setting '{key}' is not supported: {reason}.")
