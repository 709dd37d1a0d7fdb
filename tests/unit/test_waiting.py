"""What people read about waiting: rounded, and silent or honest where nothing is known."""

from datetime import UTC, datetime

import pytest

from learning_worker.db.estimates import CoursePace, Place
from learning_worker.web.texts_english import ENGLISH
from learning_worker.web.texts_german import GERMAN
from learning_worker.web.waiting import pace_line, place_line

NOW = datetime(2026, 11, 24, 13, 50, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("p50_s", "p90_s", "words"),
    [
        (0, 20, "innerhalb einer Minute"),
        (0, 90, "in etwa 1 bis 2 Minuten"),
        (110, 115, "in etwa 2 Minuten"),
        (110, 400, "in etwa 2 bis 7 Minuten"),
        (3000, 5400, "in etwa 50 bis 90 Minuten"),
        (3600, 7300, "in etwa 1 bis 3 Stunden"),
        (9000, 10000, "in etwa 3 Stunden"),
    ],
)
def test_an_estimate_is_rounded_up_to_what_it_can_bear(p50_s, p90_s, words):
    line = place_line(Place("feedback", 2, p50_s, p90_s), GERMAN)

    assert line == f"Platz 3 in der Reihe. Du bist {words} dran."


def test_the_next_one_without_an_estimate_is_told_both():
    line = place_line(Place("vision", 0, None, None), ENGLISH)

    assert line == "You are next. How long it takes cannot be said yet."


def test_an_answer_that_does_not_wait_has_no_place():
    assert place_line(None, ENGLISH) == ""


def test_a_class_is_done_at_a_time_of_day_and_a_later_one_if_it_takes_longer():
    line = pace_line(CoursePace(12, 1800, 2400), NOW, lambda at: at.strftime("%H:%M"), ENGLISH)

    assert (
        line
        == "12 answers of this class wait or are being checked. Done at about 14:21, by 14:31 if it takes longer."
    )


@pytest.mark.parametrize("pace", [None, CoursePace(0, 0, 0)], ids=["not mine", "nothing waits"])
def test_a_class_without_waiting_answers_says_nothing(pace):
    assert pace_line(pace, NOW, str, ENGLISH) == ""


def test_a_class_without_anything_to_go_by_says_so():
    line = pace_line(CoursePace(2, None, None), NOW, str, GERMAN)

    assert line.startswith(
        "2 Antworten dieser Klasse warten oder werden gerade geprüft. Wann sie fertig sind"
    )
