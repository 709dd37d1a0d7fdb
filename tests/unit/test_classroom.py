from collections import Counter

import pytest

from learning_worker.domain.blank import is_blank
from learning_worker.domain.submission import Language, Phase
from learning_worker.launch.classroom import (
    ClassroomError,
    HandedIn,
    ReleaseMode,
    SeedState,
    demo_classroom,
    parse_classroom,
)

SMALL = """
course: {title: 7b, school_year: 2026/27}
teacher: {sub: t, name: T}
observer: {sub: o, name: O}
operator: {sub: x, name: X}
pupils: [{sub: p, name: P}, {sub: q, name: Q, ai_allowed: false}]
tasks:
  - {key: a, title: A, language: de, grade_level: 7, instruction_md: Write., criteria: [one]}
  - {key: b, title: B, language: en, grade_level: 7, instruction_md: Write., criteria: [one], release_mode: practice}
submissions:
  - {pupil: p, task: a, state: completed, minutes_ago: 3, text: Words.}
"""
LAST = "{pupil: p, task: a, state: completed, minutes_ago: 3, text: Words.}"


def test_the_demo_class_is_complete():
    classroom = demo_classroom()

    assert (classroom.title, classroom.school_year) == ("Klasse 7b", "2026/27")
    assert [p.sub for p in classroom.pupils] == [f"demo-pupil-{nr:02}" for nr in range(1, 25)]
    assert len({p.name for p in classroom.pupils}) == 24
    assert sum(not p.ai_allowed for p in classroom.pupils) == 1
    assert classroom.teacher.sub == "demo-teacher-berger"


def test_the_three_tasks_show_both_languages_and_both_ways_of_release():
    tasks = demo_classroom().tasks

    kinds = [(t.task.language, t.release_mode, t.task.scores_visible) for t in tasks]
    assert kinds == [
        (Language.GERMAN, ReleaseMode.REVIEWED, False),
        (Language.GERMAN, ReleaseMode.PRACTICE, True),
        (Language.ENGLISH, ReleaseMode.REVIEWED, False),
    ]
    assert all(3 <= len(t.task.criteria) <= 5 and t.task.hints_md for t in tasks)


def test_about_forty_answers_stand_in_every_state_and_no_two_are_alike():
    submissions = demo_classroom().submissions

    texts = [s.text for s in submissions if s.text is not None]
    assert 38 <= len(submissions) <= 42
    assert len(set(texts)) == len(texts) >= 30
    assert sum(is_blank(text) for text in texts) == 1
    assert set(Counter(s.state for s in submissions)) == set(SeedState)
    assert all(len(text) < 700 for text in texts)


def test_a_file_without_a_text_is_still_being_read():
    unread = [s for s in demo_classroom().submissions if s.text is None]

    assert unread
    assert all(s.phase is Phase.VISION and s.handed_in is not HandedIn.TYPED for s in unread)


def test_a_pupil_without_ai_hands_in_like_everybody():
    classroom = demo_classroom()
    (without,) = [p.sub for p in classroom.pupils if not p.ai_allowed]

    assert [s.state for s in classroom.submissions if s.pupil_sub == without] == [SeedState.COMPLETED]


def test_a_small_class_is_read_with_its_defaults():
    classroom = parse_classroom(SMALL)

    assert classroom.tasks[0].release_mode is ReleaseMode.REVIEWED
    assert classroom.submissions[0].handed_in is HandedIn.TYPED
    assert [p.ai_allowed for p in classroom.pupils] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{title: 7b, school_year: 2026/27}", "{title: 7b}", "school_year"),
        ("{title: 7b, school_year: 2026/27}", "7b", "course"),
        ("teacher: {sub: t", "teacher: {sub: p", "share a sub"),
        ("name: Q, ai_allowed: false", "name: Q, ai_allowed: maybe", "ai_allowed"),
        ("key: b", "key: a", "share a key"),
        ("language: en", "language: fr", "language"),
        ("criteria: [one]}", "criteria: []}", "criteria"),
        ("grade_level: 7", "grade_level: seven", "grade_level"),
        ("minutes_ago: 3", "minutes_ago: -3", "minutes_ago"),
        ("state: completed", "state: done", "state"),
        ("pupil: p", "pupil: nobody", "nobody"),
        ("task: a", "task: c", "p, c"),
        (LAST, f"{LAST}\n  - {LAST}", "second"),
        (", text: Words.", "", "needs a text"),
        ("task: a, state: completed", "task: b, state: completed", "Practice"),
        ("state: completed", "state: extracted", "confirmation"),
        ("state: completed", "state: failed", "error_code"),
        ("state: completed", "state: failed, error_code: oops", "error_code"),
        ("state: completed", "state: retrying, error_code: vision_retrying", "error_code"),
        ("state: completed", "state: completed, error_code: feedback_failed", "error_code"),
        ("submissions:", "submissions: {", "YAML"),
        ("submissions:", "answers:", "submissions"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(old, new, place):
    assert old in SMALL

    with pytest.raises(ClassroomError, match=place):
        parse_classroom(SMALL.replace(old, new, 1))
