"""Settings: what is honoured, what means nothing here, what is refused."""

from __future__ import annotations

import copy

import pytest
from fake_facade import FakeRuntime

from martlet.common import ConfigOptions, Configuration, ExecutionConfig, RestartStrategies
from martlet.common.config_keys import HONOURED, check_setting
from martlet.common.execution_config import format_map, parse_duration_ms, parse_map
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.environment_configuration import LAUNCH_SETTINGS
from martlet.util.exceptions import ConfigurationError, ValidationError


def test_configuration() -> None:
    conf = Configuration.from_dict({"a": "1"})
    conf.set_integer("i", 5).set_boolean("b", True).set_float("f", 1).set_string("s", "x")
    conf.set_bytearray("raw", bytearray(b"\x01"))
    assert conf.get_integer("i", 0) == 5 and conf.get_integer("none", 7) == 7
    assert conf.get_boolean("b", False) is True and conf.get_float("f", 0) == 1.0
    assert conf.get_string("s", "") == "x" and conf.get_bytearray("raw", bytearray()) == b"\x01"
    assert conf.contains_key("a") and conf.key_set() == {"a", "i", "b", "f", "s", "raw"}
    other = Configuration().add_all(conf, "p.")
    assert other.get_string("p.s", "") == "x" and other != conf
    assert copy.deepcopy(conf) == conf and hash(copy.deepcopy(conf)) == hash(conf)
    assert conf.remove_config("a") is True and conf.remove_config("a") is False
    with pytest.raises(ValueError, match="'s' must be a whole number, but is set to 'x'"):
        conf.get_integer("s", 0)
    with pytest.raises(ValueError, match="'s' must be true or false"):
        conf.get_boolean("s", False)
    for action in (
        lambda: conf.set_integer("i", "5"),  # type: ignore[arg-type]
        lambda: conf.set_boolean("b", 1),  # type: ignore[arg-type]
        lambda: conf.set_string("s", 1),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            action()
    assert str(Configuration.from_dict({"k": "v"})) == "{k=v}"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("a;b", ["a", "b"]),
        ("[a, 'b c']", ["a", "b c"]),
        ("- a\n- b\n", ["a", "b"]),
        ("a", ["a"]),
    ],
)
def test_lists(text: str, values: list[str]) -> None:
    assert Configuration.parse_list_value(text) == values


@pytest.mark.parametrize(
    "entries",
    [{}, {"a": "b"}, {"a": "", "b": "x y"}, {"k:1": "v,2", "quote": "it's", "; ": "''"}],
)
def test_maps(entries: dict[str, str]) -> None:
    assert parse_map(format_map(entries)) == entries


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("5", 5),
        ("5 ms", 5),
        ("2s", 2000),
        ("1 min", 60_000),
        ("3 h", 10_800_000),
        ("1 d", 86400000),
    ],
)
def test_durations(text: str, millis: int) -> None:
    assert parse_duration_ms("key", text) == millis


def test_no_duration() -> None:
    with pytest.raises(ValueError, match="'key' must be a duration"):
        parse_duration_ms("key", "soon")


@pytest.mark.parametrize("key", sorted(HONOURED - {"state.backend", "state.backend.type"}))
def test_honoured(key: str) -> None:
    check_setting(key, "10")


@pytest.mark.parametrize(
    "key",
    [
        "taskmanager.memory.process.size",
        "jobmanager.rpc.address",
        "python.fn-execution.bundle.size",
        "pipeline.object-reuse",
        "martlet.anything",
    ],
)
def test_settings_of_what_is_not_here(key: str) -> None:
    check_setting(key, "1")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("restart-strategy.type", "fixed-delay", "jobs are not restarted"),
        ("pipeline.jars", "a.jar", "no JVM"),
        ("python.metric.enabled", "false", "metrics of functions cannot be turned off"),
        ("paralelism.default", "1", "There is no setting.*Did you mean 'parallelism.default'?"),
        ("my.own", "1", "There is no setting 'my.own'"),
    ],
)
def test_refused(key: str, value: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check_setting(key, value)


def test_a_default_is_no_reason_to_refuse() -> None:
    check_setting("restart-strategy.type", "none")
    check_setting("python.metric.enabled", "true")


def test_settings_reach_the_runtime(runtime: FakeRuntime) -> None:
    conf = Configuration()
    conf.set_integer("parallelism.default", 3).set_string("pipeline.name", "n")
    conf.set_string("taskmanager.numberOfTaskSlots", "2")
    env = StreamExecutionEnvironment.get_execution_environment(conf)
    assert runtime.calls == [], "nothing is asked of the runtime before it is needed"
    env.from_collection([1])
    assert runtime.called("setParallelism") == [(3,)]
    assert runtime.settings() == {"pipeline.name": "n"}
    env.configure(Configuration.from_dict({"pipeline.max-parallelism": "64"}))
    assert runtime.called("setMaxParallelism") == [(64,)]
    with pytest.raises(ConfigurationError):
        env.configure(Configuration.from_dict({"restart-strategy.type": "fixed-delay"}))
    with pytest.raises(ConfigurationError, match="whole number"):
        env.configure(Configuration.from_dict({"parallelism.default": "many"}))


def test_environment(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    assert env.get_max_parallelism() == -1 and env.get_buffer_timeout() == 100
    assert env.is_chaining_enabled()
    assert env.is_chaining_of_operators_with_different_max_parallelism_enabled()
    env.set_max_parallelism(32).set_buffer_timeout(-1).disable_operator_chaining()
    assert env.get_max_parallelism() == 32 and env.get_buffer_timeout() == -1
    assert env.set_buffer_timeout(7).get_buffer_timeout() == 7
    assert not env.is_chaining_enabled()
    assert env.set_parallelism(-1).get_parallelism() == 4
    assert env.get_default_local_parallelism() >= 1
    env.set_default_local_parallelism(9)
    assert env.get_default_local_parallelism() == 9
    for action in (
        lambda: env.set_parallelism(0),
        lambda: env.set_max_parallelism(0),
        lambda: env.set_max_parallelism(2**15 + 1),
        lambda: env.set_buffer_timeout(-2),
    ):
        with pytest.raises(ValidationError):
            action()
    with pytest.raises(TypeError):
        env.set_parallelism("2")  # type: ignore[arg-type]


def test_launch_settings(runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAUNCH_SETTINGS, "parallelism.default", "5")
    env = StreamExecutionEnvironment.get_execution_environment()
    assert env.get_config().get_parallelism() == 5


def test_execution_config(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    config = env.get_config()
    assert isinstance(config, ExecutionConfig)
    assert config.get_parallelism() == -1 and config.get_auto_watermark_interval() == 200
    config.set_auto_watermark_interval(50).set_parallelism(2).enable_object_reuse()
    config.set_global_job_parameters({"a": 1, "b c": "x,y"})
    assert config.get_global_job_parameters() == {"a": "1", "b c": "x,y"}
    assert env.get_config().get_auto_watermark_interval() == 50, "it is a view"
    assert config.is_object_reuse_enabled() and not config.is_force_kryo_enabled()
    assert config.disable_closure_cleaner().is_closure_cleaner_enabled() is False
    env.from_collection([1])
    assert runtime.settings() == {
        "pipeline.auto-watermark-interval": "50 ms",
        "pipeline.global-job-parameters": "a:1,'b c':'x,y'",
    }
    with pytest.raises(ConfigurationError, match="latency"):
        config.set_latency_tracking_interval(5)
    assert config.set_use_snapshot_compression(True).is_use_snapshot_compression()


def test_python_dependencies(env: StreamExecutionEnvironment, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    for name in ("a.py", "b.py", "requirements.txt", "data.zip"):
        (folder / name).write_text("")
    env.add_python_file(str(folder / "a.py"))
    env.add_python_file(str(folder / "b.py"))
    env.set_python_requirements(str(folder / "requirements.txt"), str(folder))
    env.add_python_archive(str(folder / "data.zip"))
    env.add_python_archive(str(folder / "data.zip"), "target")
    env.set_python_executable("/usr/bin/python3")
    conf = env._configuration
    assert conf.get_string("python.files", "") == f"{folder}/b.py,{folder}/a.py"
    assert conf.get_string("python.requirements", "") == f"{folder}/requirements.txt#{folder}"
    assert conf.get_string("python.archives", "") == f"{folder}/data.zip,{folder}/data.zip#target"
    assert conf.get_string("python.executable", "") == "/usr/bin/python3"
    with pytest.raises(ValidationError, match=r"No such file or directory: nowhere\.py"):
        env.add_python_file("nowhere.py")


def test_options_and_restart_strategies() -> None:
    option = ConfigOptions.key("k").int_type().default_value(3)
    assert option.key() == "k" and option.default_value() == 3
    assert option == ConfigOptions.key("k").long_type().default_value(3)
    assert ConfigOptions.key("k").string_type().no_default_value().default_value() is None
    fixed = RestartStrategies.fixed_delay_restart(3, 10_000)
    assert fixed.get_restart_attempts() == 3
    assert fixed.get_delay_between_attempts_interval().total_seconds() == 10
    assert fixed == RestartStrategies.fixed_delay_restart(3, 10_000)
    assert fixed != RestartStrategies.no_restart()
    assert "Restart deactivated." in RestartStrategies.no_restart().get_description()
    with pytest.raises(TypeError, match="delay_between_attempts_interval"):
        RestartStrategies.fixed_delay_restart(3, "10 s")  # type: ignore[arg-type]
