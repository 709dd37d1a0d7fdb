"""Whose turn it is: nobody gets a second answer assessed before everybody's first, and no class blocks a pupil."""

from collections import Counter

from school import acting_as


def jain(given):
    """1 when all got the same, 1/n when one got everything. Source: Jain, Chiu, Hawe 1984, DEC-TR-301."""
    return sum(given) ** 2 / (len(given) * sum(count**2 for count in given))


def hand_in(school, pupil, task, answers):
    with acting_as(school.app, pupil):
        school.app.execute(
            "select s.submission_id from generate_series(1, %s) n"
            " cross join lateral learning_submit(%s, %s || n, 'Some words on plants.') s",
            [answers, task, pupil],
        )


def new_pupils(school, count, name="pupil"):
    pupils = [f"{name}-{nr}" for nr in range(count)]
    for pupil in pupils:
        school.owner.execute("insert into people (sub, display_name) values (%s, 'Pupil')", [pupil])
    return pupils


def pupils_of(school, jobs):
    return [school.submission(job["submission_id"])["student_sub"] for job in jobs]


def test_thirty_pupils_who_hand_in_one_after_the_other_get_equal_shares(school):
    pupils = new_pupils(school, 30)
    task = school.new_task(school.new_course("7b", pupils, "teacher"))
    for pupil in pupils:
        hand_in(school, pupil, task, 4)

    first_half = pupils_of(school, school.lease_all(limit=60))

    given = Counter(first_half)
    assert jain([given[pupil] for pupil in pupils]) >= 0.95


def test_a_pupil_gets_the_next_free_slot_though_another_class_handed_in_500_answers(school):
    crowd = new_pupils(school, 25, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in(school, pupil, task, 20)
    # What is due first is being assessed already.
    school.lease_all(limit=10)
    school.submit("pupil")

    next_free = pupils_of(school, school.lease_all(limit=1))

    assert next_free == ["pupil"]
