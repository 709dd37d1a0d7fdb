"""What is wrong with a class file is told with its place, in both languages, all at once."""

import pytest

from learning_worker.domain.school_class import ClassFileError, SchoolClass

HEAD = "course: {title: A}\nteachers: [{sub: t, name: T}]\n"
FAULTS = {
    "not YAML": ("course: [", "Line 1", "Zeile 1"),
    "empty": ("", "root must be a mapping", "root muss eine Zuordnung"),
    "a key that stands twice": (HEAD + "pupils: []\npupils: []", "Line 4", "Zeile 4"),
    "no course": ("teachers: [{sub: t, name: T}]", "course is missing", "course fehlt"),
    "no teacher": ("course: {title: A}\nteachers: []", "teachers needs at least 1", "teachers braucht mindestens 1"),
    "an unknown key": (HEAD + "pupil: []", "pupil is not a key", "pupil ist kein bekannter"),
    "a number as a name": (HEAD + "pupils: [{sub: 7, name: P}]", "pupils.1.sub must be a text", "muss ein Text sein"),
    "a space around": (HEAD + "pupils: [{sub: ' p', name: P}]", "pupils.1.sub begins or ends", "Leerzeichen"),
    "an empty name": (HEAD + "pupils: [{sub: p, name: ''}]", "pupils.1.name is empty", "pupils.1.name ist leer"),
    "a long name": (HEAD + f"pupils: [{{sub: p, name: {'x' * 201}}}]", "more than 200", "mehr als 200"),
    "a control character": (HEAD + 'pupils: [{sub: p, name: "a\\0"}]', "control character", "Steuerzeichen"),
    "somebody twice": (HEAD + "pupils: [{sub: t, name: P}]", "t stands in the lists twice", "t steht zweimal"),
    "a year": ("course: {title: A, school_year: '26'}\nteachers: [{sub: t, name: T}]", "2026/27", "2026/27"),
    "a day": (HEAD + "pupils: [{sub: p, name: P, valid_until: soon}]", "must be a day", "muss ein Tag"),
    "yes and no": (HEAD + "pupils: [{sub: p, name: P, ai_allowed: 'no'}]", "true or false", "true oder false"),
    "files kept too long": (
        "course: {title: A, file_retention_days: 900}\nteachers: [{sub: t, name: T}]",
        "course keeps files longer", "course behält Dateien länger",
    ),
    "a task without criteria": (HEAD + "tasks: [{title: T}]", "tasks.1.criteria is missing", "tasks.1.criteria fehlt"),
    "a bad criterion": (
        HEAD + "tasks: [{title: T, criteria: [a, {text: b, weight: 0}]}]",
        "tasks.1.criteria does not fit: Criterion 2", "tasks.1.criteria passt nicht: Kriterium 2",
    ),
    "two tasks of one title": (
        HEAD + "tasks: [{title: T, criteria: [a]}, {title: T, criteria: [a]}]", "Two tasks", "Zwei Aufgaben",
    ),
    "a grade": (HEAD + "tasks: [{title: T, criteria: [a], grade_level: 14}]", "is above 13", "liegt über 13"),
    "a choice": (HEAD + "tasks: [{title: T, criteria: [a], language: fr}]", "one of: de, en", "eines sein von: de, en"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place_in_both_languages(fault):
    text, english, german = FAULTS[fault]

    with pytest.raises(ClassFileError) as refused:
        SchoolClass.parse(text)

    (problem,) = refused.value.problems
    assert english in problem.english
    assert german in problem.german


def test_all_faults_are_told_at_once():
    with pytest.raises(ClassFileError) as refused:
        SchoolClass.parse("course: {title: ''}\nteachers: [{sub: 1}]\nx: 1")

    assert len(refused.value.problems) == 4


def test_a_day_alone_stands_for_its_end():
    whole, quoted, moment = (
        SchoolClass.parse(HEAD + f"pupils: [{{sub: p, name: P, valid_until: {day}}}]").pupils[0].valid_until
        for day in ("2027-07-31", "'2027-07-31'", "2027-08-01 00:00")
    )

    assert whole == quoted == moment
    assert whole.tzinfo is not None
