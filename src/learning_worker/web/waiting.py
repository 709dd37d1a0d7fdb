"""How long it takes, in words: a pupil's place in line, and when a class is done. Says so where nothing is known yet."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from learning_worker.db.estimates import CoursePace, Place
from learning_worker.web.texts import Texts

_HOUR_MINUTES = 60
# From here on a number of minutes would only look exact.
_LONG_MINUTES = 90


def place_line(place: Place | None, t: Texts) -> str:
    """Where a waiting answer stands and when it starts at about; "" for one that does not wait."""
    if place is None:
        return ""
    position = t.place_next if place.ahead == 0 else t.place_in_line.format(n=place.ahead + 1)
    if place.start_p50_s is None or place.start_p90_s is None:
        return f"{position} {t.no_estimate}"
    return f"{position} {t.turn_in.format(span=span(place.start_p50_s, place.start_p90_s, t))}"


def pace_line(pace: CoursePace | None, now: datetime, clock: Callable[[datetime], str], t: Texts) -> str:
    """How many answers of a class wait or run, and when the last is done at about; "" when none does.

    clock: a moment as the page shows it.
    """
    if pace is None or not pace.waiting:
        return ""
    count = t.class_waiting_one if pace.waiting == 1 else t.class_waiting.format(n=pace.waiting)
    if pace.done_p50_s is None or pace.done_p90_s is None:
        return f"{count} {t.no_class_estimate}"
    likely, late = (
        clock(_next_minute(now + timedelta(seconds=seconds)))
        for seconds in (pace.done_p50_s, pace.done_p90_s)
    )
    if likely == late:
        return f"{count} {t.class_done_at.format(when=likely)}"
    return f"{count} {t.class_done_between.format(when=likely, late=late)}"


def span(p50_s: float, p90_s: float, t: Texts) -> str:
    """A stretch of time, rounded up to what such an estimate can bear."""
    likely, late = (max(1, math.ceil(seconds / 60)) for seconds in (p50_s, p90_s))
    if late == 1:
        return t.span_soon
    if late <= _LONG_MINUTES:
        return (
            t.span_minutes.format(n=late) if likely == late else t.span_minutes_to.format(n=likely, late=late)
        )
    hours, late_hours = (math.ceil(minutes / _HOUR_MINUTES) for minutes in (likely, late))
    if hours == late_hours:
        return t.span_hours.format(n=hours)
    return t.span_hours_to.format(n=hours, late=late_hours)


def _next_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
