"""Settings of state and checkpoints, and the classes that hold some."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_facade import FakeRuntime

from martlet.common import Configuration, Duration
from martlet.common.config_keys import check_setting
from martlet.datastream import (
    CheckpointConfig,
    CheckpointingMode,
    CustomCheckpointStorage,
    CustomStateBackend,
    EmbeddedRocksDBStateBackend,
    ExternalizedCheckpointRetention,
    FileSystemCheckpointStorage,
    HashMapStateBackend,
    JobManagerCheckpointStorage,
    PredefinedOptions,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
)
from martlet.datastream.functions import (
    KeyedStateStore,
    RuntimeContext,
    SinkFunction,
    SourceFunction,
)
from martlet.util.exceptions import ConfigurationError, NotSupportedError, ValidationError
from martlet.util.paths import normalized_path

EXACTLY_ONCE, AT_LEAST_ONCE = CheckpointingMode.EXACTLY_ONCE, CheckpointingMode.AT_LEAST_ONCE


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("state.backend.type", "rocksdb"),
        ("state.backend", "HashMap"),
        (
            "state.backend.type",
            "org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackendFactory",
        ),
        ("state.backend.rocksdb.timer-service.factory", "HEAP"),
        ("state.backend.rocksdb.predefined-options", "DEFAULT"),
        ("execution.checkpointing.dir", "file:///tmp/c"),
        ("state.checkpoints.dir", "file:///tmp/c"),
        ("state.backend.incremental", "true"),
        ("python.state.cache-size", "5"),
    ],
)
def test_taken(key: str, value: str) -> None:
    check_setting(key, value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("state.backend.type", "forst", "must be hashmap or rocksdb, not 'forst'"),
        ("state.backend", "filesystem", "must be hashmap or rocksdb"),
        ("state.backend.rocksdb.timer-service.factory", "ROCKSDB", "timers are always kept"),
        ("state.backend.rocksdb.predefined-options", "FLASH_SSD_OPTIMIZED", "cannot be tuned"),
        ("state.backend.rocksdb.block.blocksize", "4 kb", "but for its memory"),
        ("state.latency-track.keyed-state-enabled", "true", "is not measured"),
        ("execution.checkpointing.interval", "9 ms", "larger than or equal to 10 ms"),
        ("execution.checkpointing.intervall", "9 s", "Did you mean 'execution.checkpointing.int"),
        ("execution.savepoint.path", "/a", "savepoints are not supported"),
    ],
)
def test_refused(key: str, value: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        check_setting(key, value)
    assert key in str(caught.value)


def test_what_the_runtime_is_told(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.configure(
        Configuration.from_dict(
            {
                "state.backend.type": "rocksdb",
                "state.backend.rocksdb.memory.fixed-per-slot": "64 mb",
                "execution.checkpointing.dir": "file:///tmp/c",
            }
        )
    )
    env.enable_checkpointing(500)
    env.from_collection([1])
    assert runtime.settings() == {
        "state.backend.type": "rocksdb",
        "state.backend.rocksdb.memory.fixed-per-slot": "64 mb",
        "execution.checkpointing.interval": "500 ms",
    }


def test_checkpoints_that_nobody_asked_for(env: StreamExecutionEnvironment) -> None:
    """What PyFlink 2.3 answers, measured."""
    config = env.get_checkpoint_config()
    assert not config.is_checkpointing_enabled()
    assert config.get_checkpoint_interval() == env.get_checkpoint_interval() == -1
    assert config.get_checkpointing_mode() == AT_LEAST_ONCE
    assert env.get_checkpointing_mode() == env.get_checkpointing_consistency_mode() == AT_LEAST_ONCE
    assert config.get_checkpoint_timeout() == 600_000
    assert config.get_min_pause_between_checkpoints() == 0
    assert config.get_max_concurrent_checkpoints() == 1
    assert config.get_tolerable_checkpoint_failure_number() == 0
    assert config.is_fail_on_checkpointing_errors()
    none = ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS
    assert config.get_externalized_checkpoint_retention() == none
    assert not config.is_externalized_checkpoints_enabled()
    assert config.get_aligned_checkpoint_timeout() == Duration.of_millis(0)
    assert not env.is_unaligned_checkpoints_enabled() and not env.is_force_unaligned_checkpoints()
    assert env.is_changelog_state_backend_enabled() is None
    assert env.get_default_savepoint_directory() is None


def test_the_mode_counts_with_an_interval(env: StreamExecutionEnvironment) -> None:
    config = env.get_checkpoint_config()
    config.set_checkpointing_mode(EXACTLY_ONCE).enable_unaligned_checkpoints()
    assert config.get_checkpointing_mode() == AT_LEAST_ONCE
    assert not env.is_unaligned_checkpoints_enabled()
    assert env.enable_checkpointing(50) is env
    assert env.get_checkpointing_mode() == EXACTLY_ONCE and env.get_checkpoint_interval() == 50
    assert env.is_unaligned_checkpoints_enabled()
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    assert config.is_checkpointing_enabled() and config.get_checkpoint_interval() == 50
    assert config.get_checkpointing_mode() == AT_LEAST_ONCE
    env.set_runtime_mode(RuntimeExecutionMode.STREAMING)
    env.enable_checkpointing(60, AT_LEAST_ONCE)
    assert env.get_checkpointing_mode() == AT_LEAST_ONCE
    assert not config.is_unaligned_checkpoints_enabled()


def test_what_is_set_is_given_back(env: StreamExecutionEnvironment) -> None:
    config = env.get_checkpoint_config()
    retain = ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION
    config.set_checkpoint_interval(20).set_checkpoint_timeout(10)
    config.set_min_pause_between_checkpoints(7).set_max_concurrent_checkpoints(3)
    config.set_tolerable_checkpoint_failure_number(4)
    config.set_externalized_checkpoint_retention(retain)
    config.set_alignment_timeout(Duration.of_seconds(2)).set_force_unaligned_checkpoints()
    config = env.get_checkpoint_config()
    assert isinstance(config, CheckpointConfig)
    assert (config.get_checkpoint_interval(), config.get_checkpoint_timeout()) == (20, 10)
    assert config.get_min_pause_between_checkpoints() == 7
    assert config.get_max_concurrent_checkpoints() == 3
    assert config.get_tolerable_checkpoint_failure_number() == 4
    assert config.set_fail_on_checkpointing_errors(False) is config
    assert config.get_tolerable_checkpoint_failure_number() == 2**31 - 1
    assert config.get_externalized_checkpoint_retention() == retain
    assert config.is_externalized_checkpoints_enabled()
    assert config.get_alignment_timeout() == Duration.of_seconds(2)
    assert env.is_force_unaligned_checkpoints()
    assert env._configuration.to_dict() == {
        "execution.checkpointing.aligned-checkpoint-timeout": "2000 ms",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.interval": "20 ms",
        "execution.checkpointing.max-concurrent-checkpoints": "3",
        "execution.checkpointing.min-pause": "7 ms",
        "execution.checkpointing.timeout": "10 ms",
        "execution.checkpointing.tolerable-failed-checkpoints": "2147483647",
        "execution.checkpointing.unaligned.forced": "true",
    }


def test_settings_by_their_keys(env: StreamExecutionEnvironment) -> None:
    """Old keys count where the new ones are not set."""
    old = {
        "execution.checkpointing.interval": "1 min",
        "execution.checkpointing.unaligned": "true",
        "state.savepoints.dir": "file:///a/b/",
        "state.backend.changelog.enabled": "true",
    }
    env.configure(Configuration.from_dict(old))
    assert env.get_checkpoint_interval() == 60_000 and env.is_unaligned_checkpoints_enabled()
    assert env.get_default_savepoint_directory() == "file:/a/b"
    assert env.is_changelog_state_backend_enabled() is True
    env.enable_changelog_state_backend(False).set_default_savepoint_directory("/tmp/../x//y/")
    assert env.get_default_savepoint_directory() == "/x/y"
    assert env.is_changelog_state_backend_enabled() is False


CONFIG_ERRORS: list[tuple[Callable[[CheckpointConfig], Any], str]] = [
    (lambda c: c.set_checkpoint_interval(9), "Checkpoint interval must be larger"),
    (lambda c: c.set_checkpoint_timeout(9), "Checkpoint timeout must be larger"),
    (lambda c: c.set_min_pause_between_checkpoints(-1), "zero or positive"),
    (lambda c: c.set_max_concurrent_checkpoints(0), "at least one"),
    (lambda c: c.set_tolerable_checkpoint_failure_number(-1), "non-negative"),
    (lambda c: c.set_aligned_checkpoint_timeout(Duration.of_millis(-5)), "negative"),
]


@pytest.mark.parametrize(("action", "message"), CONFIG_ERRORS)
def test_what_no_checkpoint_can_be(
    env: StreamExecutionEnvironment, action: Callable[[CheckpointConfig], Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        action(env.get_checkpoint_config())


def test_types_of_checkpoint_settings(env: StreamExecutionEnvironment) -> None:
    config: Any = env.get_checkpoint_config()
    for action in (
        lambda: config.set_checkpoint_interval("5"),
        lambda: config.set_max_concurrent_checkpoints(True),
        lambda: config.set_checkpointing_mode(None),
        lambda: config.set_externalized_checkpoint_retention("RETAIN"),
        lambda: config.set_aligned_checkpoint_timeout(5),
    ):
        with pytest.raises(TypeError):
            action()
    env.configure(Configuration.from_dict({"execution.checkpointing.mode": "twice"}))
    env.enable_checkpointing(10)
    with pytest.raises(ConfigurationError, match="must be one of EXACTLY_ONCE, AT_LEAST_ONCE"):
        config.get_checkpointing_mode()


def test_rocksdb_backend() -> None:
    backend = EmbeddedRocksDBStateBackend()
    assert str(backend) == (
        "EmbeddedRocksDBStateBackend{, localRocksDbDirectories=null, "
        "enableIncrementalCheckpointing=UNDEFINED, numberOfTransferThreads=-1, writeBatchSize=-1}"
    )
    assert backend.get_db_storage_paths() == [] and backend.get_options() is None
    assert backend.get_predefined_options() == PredefinedOptions.DEFAULT
    assert backend.get_number_of_transfer_threads() == 4
    assert not backend.is_incremental_checkpoints_enabled()
    assert EmbeddedRocksDBStateBackend(True).is_incremental_checkpoints_enabled()
    backend.set_db_storage_paths("/tmp/a", "file:///tmp/b")
    backend.set_predefined_options(PredefinedOptions.FLASH_SSD_OPTIMIZED)
    backend.set_number_of_transfer_threads(3)
    assert backend.get_db_storage_paths() == ["/tmp/a", "/tmp/b"]
    assert backend.get_predefined_options() == PredefinedOptions.FLASH_SSD_OPTIMIZED
    assert backend.get_number_of_transfer_threads() == 3
    backend.set_db_storage_paths()
    assert backend.get_db_storage_paths() == []
    for path, message in (("rel", "Relative paths"), ("hdfs:///x", "non-local scheme")):
        with pytest.raises(ValidationError, match=message):
            backend.set_db_storage_paths(path)
    with pytest.raises(ValidationError, match="greater than zero"):
        backend.set_number_of_transfer_threads(0)
    with pytest.raises(TypeError, match="enable_incremental_checkpointing"):
        EmbeddedRocksDBStateBackend(3)  # type: ignore[arg-type]
    with pytest.raises(NotSupportedError, match=r"class of the JVM, my\.Factory"):
        backend.set_options("my.Factory")
    assert str(HashMapStateBackend()) == "HashMapStateBackend"
    with pytest.raises(NotSupportedError, match="hashmap or rocksdb"):
        CustomStateBackend(object())


def test_checkpoint_storage() -> None:
    memory = JobManagerCheckpointStorage("file:///tmp/x", 100)
    assert memory.get_checkpoint_path() == "file:/tmp/x" and memory.get_savepoint_path() is None
    assert memory.get_max_state_size() == 100
    assert JobManagerCheckpointStorage().get_max_state_size() == 5 * 1024 * 1024
    assert str(memory) == (
        "JobManagerCheckpointStorage (checkpoints to JobManager) ( maxStateSize: 100)"
    )
    files = FileSystemCheckpointStorage("hdfs://h:9/y/")
    assert files.get_checkpoint_path() == "hdfs://h:9/y" and files.get_savepoint_path() is None
    assert (files.get_min_file_size_threshold(), files.get_write_buffer_size()) == (20480, 4096)
    files = FileSystemCheckpointStorage("file:///y", 5, 6)
    assert (files.get_min_file_size_threshold(), files.get_write_buffer_size()) == (5, 6)
    wrong: list[tuple[Callable[[], Any], str]] = [
        (lambda: FileSystemCheckpointStorage(), "must not be None"),
        (lambda: FileSystemCheckpointStorage("/tmp/y"), "such as file:///tmp/y"),
        (lambda: FileSystemCheckpointStorage("file:///"), "root directory"),
        (lambda: FileSystemCheckpointStorage("file:///y", 2**21), "threshold"),
        (lambda: FileSystemCheckpointStorage("file:///y", 0, -2), "write buffer"),
        (lambda: JobManagerCheckpointStorage(max_state_size=0), "maxStateSize must be > 0"),
    ]
    for action, message in wrong:
        with pytest.raises(ValidationError, match=message):
            action()
    with pytest.raises(NotSupportedError):
        CustomCheckpointStorage(object())


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("file:///tmp/y", "file:/tmp/y"),
        ("s3://bucket/p", "s3://bucket/p"),
        ("/tmp/../x//y/", "/x/y"),
        ("rel/x", "rel/x"),
        ("//a/b", "//a/b"),
    ],
)
def test_paths(text: str, normalized: str) -> None:
    assert normalized_path(text) == normalized


def test_what_is_the_jvms(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    with pytest.raises(NotSupportedError, match=r"no JVM to load file:///a\.jar into"):
        env.add_jars("file:///a.jar")
    with pytest.raises(NotSupportedError, match=r"no JVM to load classes from file:///a\.jar"):
        env.add_classpaths("file:///a.jar")
    for kind in (SourceFunction, SinkFunction):
        with pytest.raises(NotSupportedError, match=r"class of the JVM \('my\.Class'\)"):
            kind("my.Class")
    data = tmp_path / "data"
    data.write_text("")
    env.register_cached_file(str(data), "data")
    env.register_cached_file(data.as_uri(), "data")
    with pytest.raises(ValidationError, match="cannot be executed"):
        env.register_cached_file(str(data), "data", executable=True)
    with pytest.raises(ValidationError, match="No such file or directory: /nowhere"):
        env.register_cached_file("/nowhere", "data")
    with pytest.raises(NotSupportedError, match="Only local files"):
        env.register_cached_file("hdfs://a/b", "data")


def test_sources_of_the_older_interfaces(
    env: StreamExecutionEnvironment, runtime: FakeRuntime
) -> None:
    from martlet.common import Types
    from martlet.common.io import InputFormat

    class Numbers(SourceFunction, InputFormat):
        def __init__(self) -> None:
            pass

        def _attach(self, environment: Any, name: str) -> Any:
            return environment.number_sequence(1, 3, name), Types.LONG()

    assert env.add_source(Numbers()).get_type() == Types.LONG()
    assert env.create_input(Numbers(), Types.LONG()).get_type() == Types.LONG()
    names = [call[-1] for call in runtime.called("numberSequence")]
    assert names == ["Custom Source", "Custom File Source"]
    with pytest.raises(ValidationError, match="The source yields values of type"):
        env.add_source(Numbers(), type_info=Types.STRING())
    for action in (env.add_source, env.create_input):
        with pytest.raises(TypeError, match="got 3"):
            action(3)  # type: ignore[arg-type]


def test_the_context_is_a_store_of_state() -> None:
    assert issubclass(RuntimeContext, KeyedStateStore)
