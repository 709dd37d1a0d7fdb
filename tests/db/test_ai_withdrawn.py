"""A permission to ask a model that is withdrawn: what waits ends, nothing starts again, and nobody's work is lost."""

import threading

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import acting_as, connect, report_v2


def refused(sqlstate):
    return pytest.raises(psycopg.Error, check=lambda error: error.sqlstate == sqlstate)


def withdraw(school, sub="pupil", connection=None):
    (connection or school.owner).execute(
        "update course_members set ai_allowed = false where course_id = %s and sub = %s", [school.course, sub]
    )


def read(school, confirm_s=None):
    """Photos of the pupil that were read."""
    answer = school.submit_files()["submission_id"]
    school.save_text(school.lease("vision"), confirm_s=confirm_s)
    return answer


def in_state(school, state):
    """An answer in that state, and its job where a worker holds it."""
    if state in ("waiting", "failed", "checking"):
        answer = school.submit(task=school.new_task(school.course, release_mode="practice"))["submission_id"]
        job = None if state == "waiting" else school.lease()
        if state == "failed":
            school.fail(job)
        return answer, job
    if state == "reading":
        return school.submit_files()["submission_id"], school.lease("vision")
    if state == "read":
        return read(school), None
    return read(school, confirm_s=3600), None


@pytest.mark.parametrize("state", ["waiting", "reading", "read", "extracted", "checking", "failed"])
def test_what_waits_for_a_model_waits_for_the_teacher_instead(school, state):
    answer, job = in_state(school, state)
    others = [school.submit("mate")["submission_id"], school.submit("foreign-pupil", task=school.other_task)]

    withdraw(school)

    row = school.submission(answer)
    assert (row["analysis_status"], row["error_code"], row["released_at"]) == ("completed", None, None)
    assert {r["reason"] for r in row["analysis_json"]["criteria_results"]} == {"ai_not_allowed"}
    assert (school.job(answer), school.mine(answer)["step"]) == (None, "teacher_reads")
    assert {job["submission_id"] for job in school.lease_all(limit=9)} == {
        others[0],
        others[1]["submission_id"],
    }
    assert school.lease("vision") is None
    if job is not None:
        with refused("LW001"):
            school.call("learning_worker_renew", job["job_id"], job["lease_key"], 30)


@pytest.mark.parametrize("state", ["failed", "read", "assessed"])
def test_nothing_asks_a_model_again(school, operator, state):
    answer = school.completed() if state == "assessed" else in_state(school, state)[0]
    job = school.job(answer)
    withdraw(school)

    with refused("LW015"):
        school.as_person("teacher", "learning_reassess", answer)
    with refused("LW015"):
        school.as_person("pupil", "learning_correct_my_text", answer, 1, "Mended by the pupil.")
    with refused("LW015"):
        school.owner.execute("select learning_requeue(%s, 'feedback', 'interactive')", [answer])
    school.as_person("teacher", "learning_correct_text", answer, 1, "Mended by the teacher.")
    school.call("learning_queue_retry", [job["id"]] if job else [], connection=operator)

    assert school.job(answer) is None
    assert school.submission(answer)["text_body"] == "Mended by the teacher."
    assert school.mine(answer)["can_correct"] is False


def test_a_pupil_without_permission_starts_no_model_with_a_text_that_the_teacher_typed(school):
    answer = school.submit_files("no-ai")["submission_id"]
    school.as_person("teacher", "learning_correct_text", answer, 0, "Typed by the teacher.")
    # As if nobody had looked yet: the permission alone must do.
    school.owner.execute("update learning_submissions set opened_at = null")

    with refused("LW015"):
        school.as_person("no-ai", "learning_correct_my_text", answer, 1, "Mended.")

    assert school.job(answer) is None


def test_a_report_that_was_made_before_stays_and_can_be_reviewed(school):
    answer = school.completed()

    withdraw(school)

    assert school.submission(answer)["analysis_json"] == report_v2()
    school.as_person("teacher", "learning_review", answer, 1, Jsonb(report_v2(source="teacher")), "Read.")


def test_a_review_can_be_saved_after_the_text_was_corrected(school):
    answer = school.completed()
    withdraw(school)

    school.as_person("teacher", "learning_correct_text", answer, 1, "Other words.")

    row = school.submission(answer)
    assert row["report_version"] == 2
    review = Jsonb(row["analysis_json"] | {"source": "teacher"})
    school.as_person("teacher", "learning_review", answer, 2, review, "Read.")


def test_permission_that_is_given_again_counts_for_later_answers(school):
    earlier = school.submit()["submission_id"]
    withdraw(school)
    school.owner.execute("update course_members set ai_allowed = true where sub = 'pupil'")

    later = school.submit()["submission_id"]

    assert [job["submission_id"] for job in school.lease_all(limit=9)] == [later]
    with refused("LW015"):
        school.as_person("teacher", "learning_reassess", earlier)


def test_an_answer_that_is_handed_in_at_the_same_moment_is_found(school, database):
    with connect(database.owner) as office:
        with acting_as(school.app, "pupil"):
            answer = school.app.execute(
                "select * from learning_submit(%s, 'k', 'Plants need light.')", [school.task]
            ).fetchone()["submission_id"]
            withdrawal = threading.Thread(target=withdraw, args=(school, "pupil", office))
            withdrawal.start()
            withdrawal.join(0.3)
            has_waited = withdrawal.is_alive()
        withdrawal.join()

    assert has_waited
    assert (school.job(answer), school.submission(answer)["ai_allowed"]) == (None, False)
