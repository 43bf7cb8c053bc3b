"""A worker's life: OPEN, then frames until the input ends."""

from __future__ import annotations

import gc
import os

from martlet import _native
from martlet.worker.environment import flush, prepare
from martlet.worker.errors import StageError, describe
from martlet.worker.opening import Opening
from martlet.worker.protocol import Frame
from martlet.worker.stage import OpenStage, open_stage

__all__ = ["run"]

METRICS_SECONDS = 5.0
GC_THRESHOLDS = (10_000, 20, 50)
"""Values of rows that live in state are many and rarely form cycles; Python's defaults would walk
them again and again."""


def run(fd: int) -> int:
    """Runs the worker on its data socket and returns its exit code."""
    os.set_blocking(fd, True)
    try:
        return _run(fd)
    except BrokenPipeError:
        return 0  # the runtime no longer listens: the job is cancelled
    finally:
        flush()


def _run(fd: int) -> int:
    operator = ""
    try:
        frame = _native.read_frame(fd)
        if frame is None:
            return 0
        kind, _, sequence, body = frame
        if kind != Frame.OPEN:
            raise ValueError(f"the first frame is of kind {kind}, not OPEN")
        opening = Opening.parse(body)
        operator = opening.operator
        prepare(opening)
        stage = open_stage(opening)
    except StageError as error:
        return _fail(fd, error.__cause__ or error, error.kind, error.operator, None, error.message)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _fail(fd, error, "open", operator)
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    flush()
    _native.write_frame(fd, Frame.READY, 0, sequence, b"")
    stage.states.start(lambda kind, index, body: _native.write_frame(fd, kind, 0, 0, body))
    return _serve(fd, stage)


def _serve(fd: int, stage: OpenStage) -> int:
    try:
        stage.states.start(_native.send)
        reason, sequence = _native.serve(
            fd,
            stage.native,
            before_answer=stage.before_answer,
            on_control=stage.on_control,
            tick=stage.metrics.frame,
            tick_seconds=METRICS_SECONDS,
        )
        stage.close()
        if reason == "end":
            flush()
            metrics = stage.metrics.frame()
            if metrics is not None:
                _native.write_frame(fd, Frame.METRICS, 0, sequence, metrics)
            _native.write_frame(fd, Frame.ECHO, 0, sequence, b"")
        return 0
    except StageError as error:
        return _fail(fd, error.__cause__ or error, error.kind, error.operator, None, error.message)
    except BaseException as error:
        kind, step, record = stage.native.failure or ("internal", -1, None)
        if kind == "internal" and isinstance(error, BrokenPipeError):
            stage.abandon()
            raise
        code = _fail(fd, error, kind, stage.step_name(step), record)
        stage.abandon()
        return code


def _fail(
    fd: int,
    error: BaseException,
    kind: str,
    operator: str,
    record: object = None,
    message: str | None = None,
) -> int:
    flush()
    body = describe(error, kind, operator, record, message)
    _native.write_frame(fd, Frame.ERROR, 0, 0, body)
    return 1
