"""Whose turn it is: nobody gets a second answer assessed before everybody's first, and no class blocks a pupil."""

from collections import Counter

from psycopg.types.json import Jsonb
from school import a_file, acting_as


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


def hand_in_files(school, pupil, task, answers):
    with acting_as(school.app, pupil), school.app.cursor() as cursor:
        cursor.executemany(
            "select learning_submit(%s, %s, null, %s)",
            [(task, f"{pupil} {nr}", Jsonb([a_file()])) for nr in range(answers)],
        )


def an_hour_passes(school):
    """The same queue an hour later: what was expected to take that long is not done, for the server is slow."""
    school.owner.execute(
        "update learning_submission_jobs set fair_at = fair_at - interval '1 h', visible_at = visible_at - interval '1 h'"
    )
    school.owner.execute("update learning_fair_tags set last_fair_at = last_fair_at - interval '1 h'")


def a_class_hands_in_500_files(school, read_already=0):
    crowd = new_pupils(school, 25, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in_files(school, pupil, task, 20)
    read(school, read_already)
    # What is due first is being read already.
    assert len(school.lease_all("vision", limit=2)) == 2


def test_a_pupil_gets_the_next_free_slot_though_another_class_handed_in_500_files(school):
    a_class_hands_in_500_files(school)
    school.submit_files("pupil")

    next_free = pupils_of(school, school.lease_all("vision", limit=1))

    assert next_free == ["pupil"]


def test_a_pupil_gets_the_next_free_slot_on_a_server_that_is_slower_than_expected(school):
    a_class_hands_in_500_files(school)
    an_hour_passes(school)
    school.submit_files("pupil")
    school.submit_files("foreign-pupil", task=school.other_task)

    next_free = pupils_of(school, school.lease_all("vision", limit=2))

    assert next_free == ["pupil", "foreign-pupil"]


def test_classes_that_wait_on_a_slow_server_take_turns_from_when_the_second_came(school):
    first, second = new_pupils(school, 10, "first"), new_pupils(school, 10, "second")
    task = school.new_task(school.new_course("9c", first, "teacher"))
    for pupil in first:
        hand_in(school, pupil, task, 2)
    school.lease_all(limit=2)
    an_hour_passes(school)
    task = school.new_task(school.new_course("9d", second, "teacher"))
    for pupil in second:
        hand_in(school, pupil, task, 1)

    served = pupils_of(school, school.lease_all(limit=10))

    assert sum(pupil in second for pupil in served) == 5


def test_a_job_that_backs_off_neither_holds_the_others_turns_back_nor_loses_its_own(school):
    failed = school.leased()
    an_hour_passes(school)
    school.nack(failed, wait_s=60)
    crowd = new_pupils(school, 5, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in(school, pupil, task, 1)
    began = school.one(
        "select min(fair_at) >= now() - interval '1 min' as now from learning_submission_jobs j"
        " join learning_submissions s on s.id = j.submission_id where s.student_sub <> 'pupil'"
    )
    school.make_due()

    first = pupils_of(school, school.lease_all(limit=1))

    assert began["now"]
    assert first == ["pupil"]


def test_a_job_that_failed_once_has_its_turn_before_the_queue_that_came_after_it(school):
    hand_in(school, "pupil", school.task, 1)
    failed = school.lease()
    crowd = new_pupils(school, 20, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in(school, pupil, task, 1)
    an_hour_passes(school)
    school.nack(failed, wait_s=60)
    school.make_due()

    # Behind at most one that came when it failed.
    assert "pupil" in pupils_of(school, school.lease_all(limit=2))


def test_a_text_that_its_pupil_never_confirmed_gives_nobody_a_turn_of_the_day_before(school):
    job = school.leased("vision")
    school.save_text(job, confirm_s=3600)
    an_hour_passes(school)
    an_hour_passes(school)

    late = school.lease()

    row = school.one("select fair_at > now() - interval '90 min' as is_later from learning_submission_jobs")
    assert late["job_id"] == job["job_id"]
    assert row["is_later"]


def read(school, answers, confirm_s=None):
    """The next files in the line for reading, all the way through it; who handed them in."""
    jobs = school.lease_all("vision", limit=answers) if answers else []
    for job in jobs:
        school.save_text(job, confirm_s=confirm_s)
    return pupils_of(school, jobs)


def test_a_pupil_whose_photo_was_read_has_the_next_slot_of_the_assessment_as_well(school):
    a_class_hands_in_500_files(school, read_already=100)
    for job in school.lease_all(limit=2):
        school.complete(job)
    school.lease_all(limit=2)
    school.submit_files("pupil")

    next_read = read(school, 1)
    next_assessed = pupils_of(school, school.lease_all(limit=1))

    assert (next_read, next_assessed) == (["pupil"], ["pupil"])


def test_thirty_pupils_whose_files_were_read_get_equal_shares_of_the_assessment(school):
    pupils = new_pupils(school, 30)
    task = school.new_task(school.new_course("7b", pupils, "teacher"))
    for pupil in pupils:
        hand_in_files(school, pupil, task, 2)
    read(school, 60)

    given = Counter(pupils_of(school, school.lease_all(limit=30)))

    assert set(given.values()) == {1}


def test_files_that_were_read_late_do_not_come_before_all_texts_that_wait(school):
    readers, writers = new_pupils(school, 10, "reader"), new_pupils(school, 10, "writer")
    task = school.new_task(school.new_course("9c", readers, "teacher"))
    for pupil in readers:
        hand_in_files(school, pupil, task, 1)
    an_hour_passes(school)
    task = school.new_task(school.new_course("9d", writers, "teacher"))
    for pupil in writers:
        hand_in(school, pupil, task, 1)
    read(school, 10)

    served = pupils_of(school, school.lease_all(limit=10))

    assert sum(pupil in writers for pupil in served) == 5


def test_a_class_that_confirms_its_texts_does_not_block_a_pupil(school):
    crowd = new_pupils(school, 10, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in_files(school, pupil, task, 1)
    read(school, 10, confirm_s=3600)
    for pupil in crowd:
        answer = school.one("select id, text_body from learning_submissions where student_sub = %s", pupil)
        school.as_person(pupil, "learning_confirm_text", answer["id"], answer["text_body"])
    school.lease_all(limit=1)
    hand_in(school, "pupil", school.task, 1)

    assert pupils_of(school, school.lease_all(limit=1)) == ["pupil"]


def test_a_class_that_is_queued_again_after_an_outage_does_not_block_a_pupil(school, operator):
    crowd = new_pupils(school, 10, "crowd")
    task = school.new_task(school.new_course("9c", crowd, "teacher"))
    for pupil in crowd:
        hand_in(school, pupil, task, 1)
    failed = school.lease_all(limit=10)
    for job in failed:
        school.fail(job)
    school.call("learning_queue_retry", [job["job_id"] for job in failed], connection=operator)
    first = school.lease_all(limit=1)
    hand_in(school, "pupil", school.task, 1)

    assert pupils_of(school, first) == [crowd[0]]
    assert pupils_of(school, school.lease_all(limit=10)) == ["pupil", *crowd[1:]]
