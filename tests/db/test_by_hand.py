"""A pupil mends what was read, a teacher answers without a report: versioned, fenced, and never over somebody's head."""

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import CRITERIA, result_v2

READ, MENDED = "Plants need lihgt.", "Plants need light."


def refused(sqlstate):
    return pytest.raises(psycopg.Error, check=lambda error: error.sqlstate == sqlstate)


@pytest.fixture
def answer(school):
    """Photos of the pupil, read and waiting for their assessment."""
    return read(school)


def read(school, confirm_s=None, **more):
    answer = school.submit_files(**more)["submission_id"]
    school.save_text(school.lease("vision"), READ, confirm_s)
    return answer


def correct(school, answer, text=MENDED, version=1, sub="pupil"):
    school.as_person(sub, "learning_correct_my_text", answer, version, text)


def blank_report(source="stub"):
    """A report without quotes, valid for any text."""
    results = [result_v2(nr, evidence=[], score=0, level=0) for nr in range(len(CRITERIA))]
    return {
        "schema": "criteria.v2",
        "score": 0,
        "source": source,
        "assessed": 2,
        "total": 2,
        "criteria_results": results,
    }


def versions(school, answer):
    rows = school.owner.execute(
        "select version, text_body, source, created_by from learning_texts where submission_id = %s order by version",
        [answer],
    )
    return [tuple(row.values()) for row in rows]


def test_a_corrected_text_is_a_version_and_starts_feedback_only(school, answer):
    correct(school, answer)

    assert versions(school, answer) == [(1, READ, "ocr", None), (2, MENDED, "corrected", "pupil")]
    assert school.lease("vision") is None
    job = school.lease("feedback")
    assert (job["text_body"], job["text_version"], job["text_confidence"]) == (MENDED, 2, None)


def test_a_worker_that_assesses_the_misread_text_loses_its_job(school, answer):
    job = school.lease("feedback")

    correct(school, answer)

    assert school.outcome(job) == "lease_lost"
    with refused("LW001"):
        school.complete(job, blank_report())


def test_a_later_reading_does_not_overwrite_the_correction(school):
    answer = read(school, confirm_s=3600)
    correct(school, answer)
    school.owner.execute("update learning_submission_jobs set phase = 'vision'")

    school.save_text(school.lease("vision"), "Something else.", 3600)

    row = school.submission(answer)
    assert (row["text_body"], row["text_version"], row["analysis_status"]) == (MENDED, 2, "pending")


def test_a_text_that_waits_for_confirmation_is_confirmed_by_correcting_it(school):
    answer = read(school, confirm_s=3600)

    correct(school, answer)

    assert school.submission(answer)["analysis_status"] == "pending"
    assert school.lease("feedback")["text_body"] == MENDED


def test_of_two_tabs_the_second_correction_is_refused(school, answer):
    correct(school, answer)

    with refused("LW016"):
        correct(school, answer, "Another text.")
    assert school.submission(answer)["text_body"] == MENDED


def test_saving_the_same_text_again_starts_nothing(school, answer):
    school.complete(school.lease("feedback"), blank_report())

    correct(school, answer, READ)

    assert school.submission(answer)["analysis_status"] == "completed"
    assert len(versions(school, answer)) == 1


def test_the_present_report_stays_while_the_corrected_text_is_assessed(school):
    task = school.new_task(school.course, release_mode="practice")
    answer = read(school, task=task)
    school.complete(school.lease("feedback"), blank_report())

    correct(school, answer)

    mine = school.mine(answer)
    assert (mine["analysis_status"], mine["text_body"], mine["current_text"]) == ("pending", READ, MENDED)
    assert mine["feedback_md"] == "Well done."


@pytest.mark.parametrize("obstacle", ["task", "opened", "released", "typed", "unread", "foreign", "often"])
def test_the_pupil_may_correct_only_while_nobody_else_has_looked(school, obstacle):
    task = school.new_task(school.course, pupil_may_correct=obstacle != "task")
    version, sub = 1, "pupil"
    if obstacle == "typed":
        answer = school.submit(task=task)["submission_id"]
    elif obstacle == "unread":
        answer, version = school.submit_files(task=task)["submission_id"], 0
    else:
        answer = read(school, task=task)
    if obstacle == "opened":
        school.as_person("teacher", "learning_open", answer)
    elif obstacle == "released":
        school.complete(school.lease("feedback"), blank_report())
        school.as_person("teacher", "learning_release", answer, 1)
    elif obstacle == "foreign":
        sub = "mate"
    elif obstacle == "often":
        for version in range(1, 11):
            correct(school, answer, f"Version {version}", version)
        version = 11
    before = school.everything_of(answer)

    with refused("LW015"):
        correct(school, answer, version=version, sub=sub)

    assert school.everything_of(answer) == before
    if sub == "pupil":
        mine = school.mine(answer)
        assert (mine["can_correct"], mine["current_text"]) == (False, None)


def test_a_failed_answer_is_answered_by_hand(school):
    answer = school.submit_files()["submission_id"]
    school.fail(school.lease("vision"), "input_unreadable")

    version = school.as_person("teacher", "learning_answer_by_hand", answer)[0]["learning_answer_by_hand"]

    row = school.submission(answer)
    assert (row["analysis_status"], row["error_code"], row["released_at"]) == ("completed", None, None)
    assert {r["reason"] for r in row["analysis_json"]["criteria_results"]} == {"text_unreadable"}
    assert school.job(answer) is None
    reviewed = school.as_person(
        "teacher", "learning_review", answer, version, Jsonb(blank_report("teacher")), "I read it myself."
    )
    school.as_person("teacher", "learning_release", answer, reviewed[0]["learning_review"])
    assert school.mine(answer)["feedback_md"] == "I read it myself."


@pytest.mark.parametrize("state", ["waiting", "leased", "extracted", "failed"])
def test_a_teacher_need_not_wait_and_no_worker_writes_over_it(school, state):
    answer = read(school, confirm_s=3600 if state == "extracted" else None)
    job = school.lease("feedback") if state in ("leased", "failed") else None
    if state == "failed":
        school.fail(job)

    school.as_person("teacher", "learning_answer_by_hand", answer)

    assert school.submission(answer)["analysis_status"] == "completed"
    assert school.job(answer) is None
    if state == "leased":
        with refused("LW001"):
            school.complete(job, blank_report())


def test_an_answer_with_a_report_is_not_started_anew_by_hand(school):
    answer = school.completed()

    with refused("LW015"):
        school.as_person("teacher", "learning_answer_by_hand", answer)


def test_only_a_teacher_of_the_course_answers_by_hand(school, answer):
    for sub in ("observer", "foreign-teacher", "pupil"):
        with refused("LW010"):
            school.as_person(sub, "learning_answer_by_hand", answer)


def test_pages_and_versions_are_for_those_who_may_see_the_answer(school, answer):
    correct(school, answer)
    people = ("pupil", "teacher", "observer", "mate", "foreign-teacher")

    pages = {sub: len(school.as_person(sub, "learning_pictured_pages", answer)) for sub in people}
    texts = {sub: len(school.as_person(sub, "learning_text_versions", answer)) for sub in people}

    assert pages == {"pupil": 1, "teacher": 1, "observer": 1, "mate": 0, "foreign-teacher": 0}
    # Versions are for who judges: a pupil reads the own text where it stands.
    assert texts == {"pupil": 0, "teacher": 2, "observer": 2, "mate": 0, "foreign-teacher": 0}
