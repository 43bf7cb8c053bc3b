"""The OPEN frame: what a worker is to run, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from martlet.worker.msgpack import unpack

__all__ = ["Opening", "Step"]


@dataclass
class Step:
    """One function of the stage."""

    kind: str
    name: str
    function: bytes
    output: str | None = None
    #: Of a ``partition``: how many there are to choose from.
    channels: int = 1
    #: The type of the current key, of a step on a keyed stream.
    key: str | None = None
    #: The type of what a ``reduce`` keeps.
    value: str | None = None
    #: Of a step whose second input is broadcast: the names of the broadcast states.
    broadcast: list[str] = field(default_factory=list)


@dataclass
class Opening:
    """The stage and its place in the job."""

    job: str
    operator: str
    input: str
    output: str
    steps: list[Step]
    input_key: str | None = None
    output_key: str | None = None
    input2: str | None = None
    input2_key: str | None = None
    #: ``[id of the tag, type]`` of each.
    side_outputs: list[list[str]] = field(default_factory=list)
    #: The runtime holds no state of this stage yet.
    state_empty: bool = True
    #: What the cache of keyed state may take; 0: any amount.
    cache_bytes: int = 0
    subtask: int = 0
    parallelism: int = 1
    max_parallelism: int = 128
    attempt: int = 0
    mode: str = "streaming"
    batch_rows: int = 4096
    sys_path: list[str] = field(default_factory=list)
    cwd: str = ""
    files: list[str] = field(default_factory=list)
    requirements_path: list[str] = field(default_factory=list)
    archives: list[list[str]] = field(default_factory=list)
    work_dir: str = ""
    config: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def parse(body: bytes) -> Opening:
        """Reads the frame's body; :class:`ValueError` says what is missing or of the wrong kind.

        Keys that are not known are ignored, so that a newer runtime can say more.
        """
        value = unpack(body)
        if not isinstance(value, dict):
            raise ValueError("OPEN is not a map")
        known = {k: v for k, v in value.items() if k in Opening.__dataclass_fields__}
        known["steps"] = [_step(s) for s in _list(known.get("steps", []))]
        for name in ("sys_path", "files", "archives", "requirements_path", "side_outputs"):
            if name in known:
                known[name] = _list(known[name])
        missing = [k for k in ("input", "output") if not isinstance(known.get(k), str)]
        if missing:
            raise ValueError(f"OPEN has no {' and no '.join(missing)}")
        return Opening(**{"job": "", "operator": "", **known})


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"a list is expected in OPEN, not {type(value).__name__}")
    return value


def _step(value: Any) -> Step:
    try:
        return Step(
            value["kind"],
            value["name"],
            value["function"],
            value.get("output"),
            value.get("channels", 1),
            value.get("key"),
            value.get("value"),
            _list(value.get("broadcast")),
        )
    except (TypeError, KeyError, AttributeError):
        message = f"a step of OPEN lacks its kind, name or function: {value!r:.200}"
        raise ValueError(message) from None
