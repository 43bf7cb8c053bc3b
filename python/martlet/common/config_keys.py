"""Which of Flink's settings mean something here.

A setting is honoured, or accepted because what it is about does not exist here and its absence
cannot change a result, or refused by name. None is ignored in silence. Those of state and of
checkpoints are in ``state_keys``.
"""

from __future__ import annotations

from collections.abc import Iterable

from martlet.common.state_keys import HELD, HONOURED_STATE, check_state_setting, is_about_state
from martlet.util.exceptions import ConfigurationError

__all__ = ["HONOURED", "check_setting", "is_meaningless"]

#: Settings that the runtime or the workers go by.
HONOURED = frozenset(
    {
        "execution.buffer-timeout",
        "execution.buffer-timeout.enabled",
        "execution.buffer-timeout.interval",
        "execution.runtime-mode",
        "parallelism.default",
        "pipeline.auto-generate-uids",
        "pipeline.auto-watermark-interval",
        "pipeline.global-job-parameters",
        "pipeline.max-parallelism",
        "pipeline.name",
        "pipeline.operator-chaining",
        "pipeline.operator-chaining.enabled",
        "pipeline.operator-chaining.chain-operators-with-different-max-parallelism",
        "python.archives",
        "python.executable",
        "python.files",
        "python.pythonpath",
        "python.requirements",
    }
    | HONOURED_STATE
)

#: Settings of what does not exist here: the JVM and its memory, the cluster's processes, the way
#: in which PyFlink's workers are fed. Without it, results are the same.
_MEANINGLESS = frozenset(
    {
        "execution.attached",
        "execution.shutdown-on-attached-exit",
        "execution.target",
        "pipeline.cached-files",
        "pipeline.closure-cleaner-level",
        "pipeline.force-avro",
        "pipeline.force-kryo",
        "pipeline.generic-types",
        "pipeline.object-reuse",
        "pipeline.vertex-description-mode",
        "pipeline.vertex-name-include-index-prefix",
        "python.client.executable",
        "python.execution-mode",
        "python.fn-execution.arrow.batch.size",
        "python.fn-execution.bundle.size",
        "python.fn-execution.bundle.time",
        "python.fn-execution.memory.managed",
        "python.map-state.iterate-response-batch-size",
        "python.map-state.read-cache-size",
        "python.map-state.write-cache-size",
        "python.operator-chaining.enabled",
        "python.state.cache-size",
        "python.systemenv.enabled",
        "task.cancellation.interval",
        "task.cancellation.timeout",
    }
)
_MEANINGLESS_PREFIXES = (
    "akka.",
    "blob.",
    "classloader.",
    "cluster.",
    "env.",
    "heartbeat.",
    "jobmanager.",
    "kubernetes.",
    "pekko.",
    "slot.",
    "taskmanager.",
    "yarn.",
)

#: Settings that would change what a job does or shows, and are not there (yet).
_REFUSED = {
    "metrics.latency.interval": "latency markers are not supported",
    "pipeline.classpaths": "there is no JVM to load classes into",
    "pipeline.jars": "there is no JVM to load jars into; connectors are part of the runtime",
    "python.metric.enabled": "metrics of functions cannot be turned off",
    "python.profile.enabled": "profiling of functions is not supported",
}
_REFUSED_PREFIXES = {
    "execution.batch.": "batch scheduling cannot be tuned",
    "execution.savepoint": "savepoints are not supported",
    "execution.sorted-inputs.": "the sorting of batch inputs cannot be tuned",
    "execution.state-recovery.": "savepoints are not supported",
    "fs.": "only local files are supported",
    "high-availability": "a job runs on one machine",
    "metrics.": "metrics reporters are not supported",
    "rest.": "there is no REST endpoint",
    "restart-strategy": "jobs are not restarted",
    "s3.": "only local files are supported",
    "security.": "Kerberos and TLS are not supported",
    "table.": "the Table API is not supported",
    "web.": "there is no web page",
}

#: Values that say "as it is anyway", so that asking for them is no reason to refuse.
_DEFAULTS = {
    "metrics.latency.interval": {"0", "0 ms", "0ms"},
    "python.metric.enabled": {"true"},
    "python.profile.enabled": {"false"},
    "restart-strategy": {"none", "off", "disable"},
    "restart-strategy.type": {"none", "off", "disable"},
}


def check_setting(key: str, value: str) -> None:
    """Raises :class:`ConfigurationError` unless the setting is honoured or meaningless."""
    if is_about_state(key):
        return check_state_setting(key, value)
    if key in HONOURED or key.startswith("martlet.") or is_meaningless(key):
        return
    if value.strip().lower() in _DEFAULTS.get(key, ()):
        return
    reason = _REFUSED.get(key)
    if reason is None:
        prefixes = (p for p in _REFUSED_PREFIXES if key.startswith(p))
        reason = next((_REFUSED_PREFIXES[p] for p in prefixes), None)
    if reason is not None:
        raise ConfigurationError(f"The setting '{key}' is not supported: {reason}.")
    raise ConfigurationError(f"There is no setting '{key}'.{_suggestion(key, HONOURED)}")


def is_meaningless(key: str) -> bool:
    """Whether the setting is about something that does not exist here."""
    return key in _MEANINGLESS or key.startswith(_MEANINGLESS_PREFIXES)


def _suggestion(key: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, [*known, *HELD, *_MEANINGLESS, *_REFUSED], n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
