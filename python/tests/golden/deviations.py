"""Jobs of the suite that print something else here than under PyFlink, and why.

By subject, then by job, or by job and way of running it. A job that is listed may agree; one that
is not listed must.
"""

from __future__ import annotations

LATE_TIMERS = (
    "PyFlink fires the timers of a key in batch mode only after the next key's first record"
)
PACED = "the watermark before the last one comes only if the clock ticks before the source ends"

DEVIATIONS: dict[str, dict[str, str]] = {
    "broadcast": {
        "rules_come_first_in_batch_mode/batch": "both sides are read as they come",
    },
    "process": {"no_watermarks_at_all/batch": LATE_TIMERS},
    "side_outputs": {"from_timers/batch": LATE_TIMERS},
    "state_types": {
        "state_of_big_dec": "a decimal is kept as its type writes it, -1000 and not -1E+3",
        "state_of_pickled/batch": "records of one time come in another order of their keys",
    },
    "streams": {
        "max_parallelism_of_an_operator": "fused functions are told of the first one's",
        "names_of_operations": "what a side output is called",
        "a_diamond/parallel": "the order in which several inputs meet means nothing",
        "keyed_state_at_a_parallelism_of_three/batch": (
            "PyFlink forgets part of a key's state in batch mode"
        ),
    },
    "timers": {
        "timers_that_are_late_fire_at_the_next_watermark": PACED,
        "on_timer_sees_the_watermark": PACED,
        "timers_and_map_state": "PyFlink's is_empty() says no after the last entry is removed",
        "many_timers": "timers of one time fire in the order in which they were set",
        "one_timer_an_element/batch": LATE_TIMERS,
        "timers_registered_by_timers/batch": LATE_TIMERS,
        "timers_deleted_by_timers/batch": LATE_TIMERS,
        "timers_without_timestamps/batch": LATE_TIMERS,
    },
    "triggers": {
        "continuous_trigger_at_the_end": (
            "a continuous trigger's timer and the end of the window fire more often"
        ),
        "continuous_trigger": (
            "a continuous trigger's timer and the end of the window fire more often"
        ),
        "allowed_lateness_reduced": PACED,
    },
}


def reason(subject: str, job: str, way: str) -> str | None:
    """Why a job may differ when it is run in a way; None: it must not."""
    known = DEVIATIONS.get(subject, {})
    return known.get(job) or known.get(f"{job}/{way}")
