"""Handing in and what follows: one submission and one job per answer, versions that stay, an audit trail that stays."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import TEXT, a_file, acting_as, changed, connect, report_v2


def refused(code):
    return pytest.raises(psycopg.DatabaseError, check=lambda error: error.sqlstate == code)


def counts(school):
    tables = ("learning_submissions", "learning_submission_jobs", "task_snapshots")
    return tuple(school.one(f"select count(*) as n from {table}")["n"] for table in tables)


def actions(school, answer):
    rows = school.owner.execute(
        "select actor, action from learning_audit where submission_id = %s order by id", [answer]
    ).fetchall()
    return [(row["actor"], row["action"]) for row in rows]


def test_an_answer_becomes_one_submission_one_snapshot_and_one_job(school):
    typed, photographed = school.submit(), school.submit_files()

    jobs = [school.job(receipt["submission_id"]) for receipt in (typed, photographed)]
    assert counts(school) == (2, 2, 1)
    assert [(job["phase"], job["status"]) for job in jobs] == [("feedback", "queued"), ("vision", "queued")]
    assert (typed["attempt_nr"], photographed["attempt_nr"]) == (1, 2)


def test_a_submission_has_at_most_one_job(school):
    receipt = school.submit()

    with pytest.raises(psycopg.errors.UniqueViolation):
        school.owner.execute(
            "insert into learning_submission_jobs (submission_id, course_id, student_sub, phase)"
            " select submission_id, course_id, student_sub, 'vision' from learning_submission_jobs where submission_id = %s",
            [receipt["submission_id"]],
        )


def test_the_same_key_and_body_give_the_same_submission_also_after_the_deadline(school):
    first = school.submit(key="k")
    school.owner.execute("update tasks set deadline = now() - interval '1 h', max_attempts = 1")

    again = school.submit(key="k")

    assert again == first | {"created": False}
    assert counts(school) == (1, 1, 1)


def test_a_repeated_post_does_not_push_the_pupil_back(school):
    school.submit(key="k")
    before = school.owner.execute("select * from learning_fair_tags order by kind").fetchall()

    school.submit(key="k")

    assert school.owner.execute("select * from learning_fair_tags order by kind").fetchall() == before


@pytest.mark.parametrize("other", [{"text": "Something else."}, {"files": [a_file()]}])
def test_the_same_key_for_another_answer_is_a_conflict(school, other):
    school.submit(key="k")

    with refused("LW011"):
        school.submit(key="k", **other)

    assert counts(school) == (1, 1, 1)


def test_two_pupils_may_use_the_same_key(school):
    school.submit("pupil", key="k")
    school.submit("mate", key="k")

    assert counts(school)[0] == 2


@pytest.mark.parametrize("key", ["one key", None])
def test_double_posts_at_the_same_moment(school, database, key):
    ready = threading.Barrier(2)

    def post(_):
        with connect(database.dsns.app) as app:
            ready.wait()
            return school.submit(key=key, connection=app)

    for _ in range(10):
        with ThreadPoolExecutor(2) as pool:
            receipts = list(pool.map(post, range(2)))
        ids = {receipt["submission_id"] for receipt in receipts}
        attempts = [
            row["attempt_nr"]
            for row in school.owner.execute("select attempt_nr from learning_submissions order by 1")
        ]
        if key:
            assert len(ids) == 1
            assert counts(school)[:2] == (1, 1)
        else:
            assert attempts == list(range(1, len(attempts) + 1))


def test_the_second_post_waits_until_the_first_is_decided(school, database):
    with connect(database.dsns.app) as other, ThreadPoolExecutor(1) as pool:
        with acting_as(school.app, "pupil") as app:
            first = app.execute("select * from learning_submit(%s, 'k', %s)", [school.task, TEXT]).fetchone()
            second = pool.submit(school.submit, key="k", connection=other)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)

        assert second.result(timeout=10) == first | {"created": False}


def test_attempts_are_limited_per_pupil(school):
    task = school.new_task(school.course, max_attempts=2)
    attempts = [school.submit(task=task)["attempt_nr"] for _ in range(2)]

    with refused("LW012"):
        school.submit(task=task)

    assert attempts == [1, 2]
    assert school.submit("mate", task=task)["attempt_nr"] == 1


def test_nothing_is_accepted_after_the_deadline(school):
    task = school.new_task(school.course, deadline="2020-01-01")

    with refused("LW013"):
        school.submit(task=task)


def test_nothing_is_accepted_in_an_archived_course(school):
    school.owner.execute("update courses set archived_at = now()")

    with refused("LW010"):
        school.submit()


BAD_INPUT = {
    "neither": {"text": None},
    "no key": {"key": ""},
    "long key": {"key": "k" * 201},
    "long text": {"text": "x" * 1_000_001},
    "no files": {"files": []},
    "files no list": {"files": {}},
    "too many": {"files": [a_file() for _ in range(51)]},
    "lane": {"lane": "express"},
    "no lane": {"lane": None},
    "path": {"files": [a_file(object_key="../etc/passwd")]},
    "hash": {"files": [a_file(sha256="00")]},
    "size": {"files": [a_file(byte_size=-1)]},
    "size no number": {"files": [a_file(byte_size="secret words")]},
    "rotation": {"files": [a_file(rotation=45)]},
    "no name": {"files": [a_file(object_key=None)]},
    "same file name twice": {"files": [a_file(object_key="t/same"), a_file(object_key="t/same")]},
}


@pytest.mark.parametrize("what", BAD_INPUT)
def test_what_is_not_valid_is_refused_without_being_repeated(school, what):
    with refused("LW014") as error:
        school.submit(**({"key": "k"} | BAD_INPUT[what])) if what != "no key" else school.app.execute(
            "select set_config('app.current_sub', 'pupil', false), learning_submit(%s, '', 'x')",
            [school.task],
        )

    assert error.value.diag.message_detail is None
    assert counts(school)[0] == 0


def test_the_snapshot_keeps_the_task_as_it_was(school):
    school.submit()
    school.owner.execute("update tasks set instruction_md = 'Something new.'")
    school.owner.execute("update task_hints set hints_md = 'New hints.'")

    job = school.lease()

    assert (job["task"]["instruction_md"], job["task"]["hints_md"]) == (
        "Explain.",
        "The word oxygen is enough.",
    )


def test_where_no_model_may_be_asked_the_teacher_gets_the_answer_at_once(school):
    task = school.new_task(school.course, release_mode="practice")
    answer = school.submit("no-ai", task=task)["submission_id"]

    submission = school.submission(answer)
    assert school.job(answer) is None
    assert (submission["analysis_status"], submission["released_at"]) == ("completed", None)
    assert school.mine(answer, "no-ai")["step"] == "teacher_reads"
    with refused("LW015"):
        school.as_person("teacher", "learning_reassess", answer)


def test_a_teacher_corrects_text_and_report_where_no_model_may_be_asked(school):
    answer = school.submit("no-ai")["submission_id"]
    report = school.submission(answer)["analysis_json"] | {"source": "teacher"}
    review = ("learning_review", answer, 1, Jsonb(report), "Read.")
    version = school.as_person("teacher", *review)[0]["learning_review"]
    school.as_person("teacher", "learning_correct_text", answer, 1, "Other words.")

    school.as_person("teacher", "learning_review", answer, version, Jsonb(report), "Read again.")

    kept = school.one("select * from learning_reports where submission_id = %s and version = 3", answer)
    assert (kept["source"], kept["text_version"], kept["feedback_md"]) == ("teacher", 2, "Read again.")
    assert school.job(answer) is None


@pytest.mark.parametrize(("mode", "shown"), [("practice", True), ("reviewed", False)])
def test_practice_is_shown_at_once_and_reviewed_work_after_its_release(school, mode, shown):
    answer = school.completed(task=school.new_task(school.course, release_mode=mode))

    assert (school.mine(answer)["feedback_md"] is not None) is shown


def test_a_re_assessment_makes_a_new_version_and_the_old_one_stays_visible(school):
    answer = school.completed()
    school.as_person("teacher", "learning_release", answer, 1)
    school.owner.execute("update tasks set instruction_md = 'Explain better.'")

    school.as_person("teacher", "learning_reassess", answer)

    meanwhile = school.mine(answer)
    job = school.lease()
    school.complete(job)
    after = school.mine(answer)
    assert (meanwhile["analysis_status"], meanwhile["feedback_md"]) == ("pending", "Well done.")
    assert (job["task"]["instruction_md"], job["results_done"]) == ("Explain better.", None)
    versions = school.owner.execute(
        "select version, released_at is null as hidden from learning_reports order by 1"
    )
    assert [tuple(row.values()) for row in versions] == [(1, False), (2, True)]
    assert (after["step"], after["feedback_md"]) == ("done", "Well done.")


def test_a_re_assessment_does_not_reuse_the_checkpoints_of_the_last_one(school):
    answer = school.submit()["submission_id"]
    job = school.lease()
    checkpoint = Jsonb(report_v2()["criteria_results"][0])
    school.call("learning_worker_save_criterion", job["job_id"], job["lease_key"], "c1", checkpoint)
    school.complete(job)

    school.as_person("teacher", "learning_reassess", answer)

    assert school.lease()["results_done"] is None


def test_a_text_that_is_corrected_takes_the_lease_from_the_worker(school):
    job = school.leased()

    school.as_person("teacher", "learning_correct_text", job["submission_id"], 1, "They split water.")

    with refused("LW001"):
        school.complete(job)
    again = school.lease()
    assert (again["text_body"], again["text_version"]) == ("They split water.", 2)
    texts = school.owner.execute("select version, text_body from learning_texts order by 1").fetchall()
    assert [row["text_body"] for row in texts] == [TEXT, "They split water."]


def test_a_correction_while_pages_are_read_ends_the_reading(school):
    job = school.leased("vision")

    school.as_person("teacher", "learning_correct_text", job["submission_id"], 0, "Typed by the teacher.")

    with refused("LW001"):
        school.save_text(job)
    assert school.lease("vision") is None
    assert school.lease("feedback")["text_body"] == "Typed by the teacher."


CONFLICTS = [
    ("learning_review", (9, Jsonb(report_v2(source="teacher")), "x")),
    ("learning_release", (9,)),
    ("learning_correct_text", (9, "x")),
]


@pytest.mark.parametrize(("verb", "arguments"), CONFLICTS)
def test_a_change_based_on_an_old_version_is_a_conflict(school, verb, arguments):
    answer = school.completed()
    before = school.everything_of(answer)

    with refused("LW016"):
        school.as_person("teacher", verb, answer, *arguments)

    assert school.everything_of(answer) == before


def test_every_save_of_a_review_is_a_version_beside_the_original(school):
    answer = school.completed()
    review = changed(report_v2(source="teacher"), 0, score=6)

    numbers = [
        school.as_person("teacher", "learning_review", answer, base, Jsonb(review), words)[0][
            "learning_review"
        ]
        for base, words in [(1, "First."), (2, "Second.")]
    ]
    school.as_person("teacher", "learning_release", answer, 3)
    fourth = school.as_person(
        "teacher", "learning_review", answer, 3, Jsonb(report_v2(source="teacher")), "Third."
    )

    rows = school.owner.execute("select * from learning_reports order by version").fetchall()
    assert (numbers, fourth[0]["learning_review"]) == ([2, 3], 4)
    assert [(row["source"], row["feedback_md"]) for row in rows] == [
        ("stub", "Well done."),
        ("teacher", "First."),
        ("teacher", "Second."),
        ("teacher", "Third."),
    ]
    assert {row["based_on"] for row in rows[1:]} == {rows[0]["id"]}
    assert school.mine(answer)["feedback_md"] == "Second."


@pytest.mark.parametrize("saves_before", [0, 1])
def test_of_two_teachers_who_save_at_once_one_is_told_and_changes_nothing(school, database, saves_before):
    answer = school.completed()
    for version in range(1, saves_before + 1):
        school.as_person(
            "teacher", "learning_review", answer, version, Jsonb(report_v2(source="teacher")), "Draft."
        )
    seen = saves_before + 1
    save = ["learning_review", answer, seen, Jsonb(report_v2(source="teacher"))]

    def second_save():
        with connect(database.dsns.app) as other, acting_as(other, "teacher"):
            return school.call(*save, "Hers.", connection=other)

    with ThreadPoolExecutor() as pool:
        with acting_as(school.app, "teacher"):
            school.call(*save, "His.", connection=school.app)
            waiting = pool.submit(second_save)
            until_it_waits_for_a_lock(school)
        with refused("LW016"):
            waiting.result(timeout=10)

    rows = school.owner.execute(
        "select version, feedback_md from learning_reports order by version"
    ).fetchall()
    assert (rows[-1]["version"], rows[-1]["feedback_md"]) == (seen + 1, "His.")
    assert school.submission(answer)["feedback_md"] == "His."


def until_it_waits_for_a_lock(school):
    """Until the other session stands behind a lock of ours."""
    deadline = time.monotonic() + 10
    waits = "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while not school.one(waits)["n"]:
        assert time.monotonic() < deadline, "nobody waits"


def test_a_review_must_be_valid_like_any_report(school):
    answer = school.completed()

    with refused("LW002"):
        school.as_person(
            "teacher", "learning_review", answer, 1, Jsonb(report_v2(source="teacher", score=5)), "x"
        )


@pytest.mark.parametrize(("verb", "arguments"), [CONFLICTS[0], CONFLICTS[1]])
def test_nothing_is_reviewed_or_released_while_an_analysis_runs(school, verb, arguments):
    answer = school.completed()
    school.as_person("teacher", "learning_reassess", answer)

    with refused("LW015"):
        school.as_person("teacher", verb, answer, 1, *arguments[1:])


def test_an_operator_cancels_and_retries(school, operator):
    answer = school.leased()["submission_id"]
    job_id = school.job(answer)["id"]

    cancelled = operator.execute("select * from learning_queue_cancel(%s)", [[job_id, job_id]]).fetchall()
    as_cancelled = school.submission(answer)
    retried = operator.execute("select * from learning_queue_retry(%s)", [[job_id]]).fetchall()
    twice = operator.execute("select * from learning_queue_retry(%s)", [[job_id]]).fetchall()

    assert (len(cancelled), len(retried), len(twice)) == (1, 1, 0)
    assert (as_cancelled["analysis_status"], as_cancelled["error_code"]) == ("failed", "cancelled")
    school.complete(school.lease())
    assert school.submission(answer)["analysis_status"] == "completed"
    assert [action for _, action in actions(school, answer)] == ["submitted", "cancelled", "retried"]


def test_a_retry_goes_on_from_the_checkpoints_with_fresh_runs(school, operator):
    job = school.leased()
    checkpoint = Jsonb(report_v2()["criteria_results"][0])
    school.call("learning_worker_save_criterion", job["job_id"], job["lease_key"], "c1", checkpoint)
    school.fail(job)

    operator.execute("select * from learning_queue_retry(%s)", [[job["job_id"]]])

    again = school.lease()
    assert (len(again["results_done"]), again["retry_count"]) == (1, 0)


def test_a_text_that_was_read_waits_for_its_pupil_and_is_confirmed_once(school):
    answer = school.submit_files()["submission_id"]
    school.save_text(school.lease("vision"), text="They split watter.", confirm_s=3600)
    waiting = school.mine(answer)

    school.as_person("pupil", "learning_confirm_text", answer, "They split water.")

    job = school.lease()
    assert (waiting["step"], waiting["text_body"]) == ("confirm", "They split watter.")
    assert (job["text_body"], job["text_version"], job["text_confidence"]) == ("They split water.", 2, None)
    with refused("LW015"):
        school.as_person("pupil", "learning_confirm_text", answer, "Again.")


def test_a_pupil_who_may_not_correct_may_only_say_yes(school):
    task = school.new_task(school.course, pupil_may_correct=False)
    answer = school.submit_files(task=task)["submission_id"]
    school.save_text(school.lease("vision"), confirm_s=3600)

    with refused("LW015"):
        school.as_person("pupil", "learning_confirm_text", answer, "Better words.")
    with refused("LW015"):
        school.as_person("mate", "learning_confirm_text", answer, TEXT)
    school.as_person("pupil", "learning_confirm_text", answer, TEXT)

    assert school.lease()["text_version"] == 1


def test_a_pupil_takes_back_what_nobody_opened_and_the_worker_loses_it(school):
    files = [a_file(), a_file()]
    answer = school.submit(files=files)["submission_id"]
    job = school.lease("vision")

    keys = school.as_person("pupil", "learning_take_back", answer)[0]["learning_take_back"]

    assert sorted(keys) == sorted(file["object_key"] for file in files)
    with refused("LW001"):
        school.save_text(job)
    gone = school.everything_of(answer)
    assert {table: rows for table, rows in gone.items() if rows and table != "learning_audit"} == {}
    assert actions(school, answer) == [("pupil", "submitted"), ("pupil", "taken_back")]


@pytest.mark.parametrize("why", ["opened", "released", "not theirs"])
def test_an_answer_that_was_opened_or_is_not_theirs_cannot_be_taken_back(school, why):
    answer = school.completed()
    if why == "opened":
        school.as_person("teacher", "learning_open", answer)
    elif why == "released":
        school.as_person("teacher", "learning_release", answer, 1)

    with refused("LW015"):
        school.as_person("mate" if why == "not theirs" else "pupil", "learning_take_back", answer)

    assert school.submission(answer) is not None


TEACHERS_WORK = [
    ("learning_review", (1, Jsonb(report_v2(source="teacher")), "Read.")),
    ("learning_correct_text", (1, "Other words.")),
    ("learning_answer_by_hand", ()),
]


@pytest.mark.parametrize(("verb", "arguments"), TEACHERS_WORK)
def test_an_answer_that_a_teacher_worked_on_cannot_be_taken_back(school, verb, arguments):
    answer = school.submit()["submission_id"] if verb == "learning_answer_by_hand" else school.completed()
    school.as_person("teacher", verb, answer, *arguments)
    before = school.everything_of(answer)

    with refused("LW015"):
        school.as_person("pupil", "learning_take_back", answer)

    assert school.everything_of(answer) == before
    assert school.mine(answer)["can_take_back"] is False


def test_an_answer_that_is_assessed_again_still_waits_for_somebody_to_open_it(school):
    answer = school.completed()

    school.as_person("teacher", "learning_reassess", answer)

    assert school.submission(answer)["opened_at"] is None


def test_a_teacher_removes_an_answer_with_all_that_came_from_it(school):
    file = a_file()
    answer = school.submit(files=[file])["submission_id"]
    school.save_text(school.lease("vision"))
    school.complete(school.lease())

    keys = school.as_person("teacher", "learning_remove", answer)[0]["learning_remove"]

    assert keys == [file["object_key"]]
    gone = school.everything_of(answer)
    assert {table for table, rows in gone.items() if rows} == {"learning_audit"}
    assert actions(school, answer)[-1] == ("teacher", "removed")


@pytest.mark.parametrize("login", ["owner", "migrator"])
@pytest.mark.parametrize(
    "statement",
    ["update learning_audit set actor = 'x'", "delete from learning_audit", "truncate learning_audit"],
)
def test_the_audit_trail_is_append_only_even_for_its_owner(school, logins_open, login, statement):
    school.submit()

    with refused("LW003"):
        logins_open[login].execute(statement)


def test_the_audit_trail_holds_ids_and_no_words_whatever_is_done(school, operator):
    report = changed(report_v2(source="teacher"), 0, explanation_md="canary")
    answer, cancelled = school.completed(), school.submit()["submission_id"]
    for verb in (
        ("learning_open",),
        ("learning_review", 1, Jsonb(report), "canary"),
        ("learning_release", 2),
        ("learning_correct_text", 1, "canary"),
        ("learning_reassess",),
        ("learning_remove",),
    ):
        school.as_person("teacher", verb[0], answer, *verb[1:])
    for verb in ("cancel", "retry"):
        school.call(f"learning_queue_{verb}", [school.job(cancelled)["id"]], connection=operator)
    school.as_person("teacher", "learning_answer_by_hand", cancelled)
    school.as_person("mate", "learning_take_back", school.submit("mate", text="canary")["submission_id"])
    for is_paused in (True, False):
        school.call("learning_queue_pause", "vision", is_paused, connection=operator)
    school.submit_files()
    school.save_text(school.lease("vision"), text="canary")
    foreign = school.submit("foreign-pupil", task=school.other_task, text="canary")["submission_id"]
    for course, days in ((school.course, 200), (school.other_course, 800)):
        school.owner.execute(
            "update learning_submissions set created_at = now() - %s * interval '1 day' where course_id = %s",
            [days, course],
        )
    school.call("learning_purge_expire", 100, connection=operator)

    rows = school.owner.execute("select * from learning_audit").fetchall()
    known = school.one(
        "select pg_get_constraintdef(oid) as d from pg_constraint where conname = 'learning_audit_action_check'"
    )["d"]
    assert {row["action"] for row in rows} == set(re.findall(r"'(\w+)'", known))
    assert {row["actor"] for row in rows} == {
        "pupil",
        "mate",
        "foreign-pupil",
        "teacher",
        "gustav_operator_login",
    }
    assert {row["subject_id"] for row in rows} == {None, "vision"}
    assert {row["action"] for row in rows if row["submission_id"] == foreign} == {"submitted", "expired"}


@pytest.mark.parametrize("column", ["action", "subject_id"])
def test_the_audit_trail_takes_no_words_from_the_owner_either(school, column):
    row = {"actor": "a", "action": "opened", "subject_id": None} | {column: "They give off oxygen."}

    with pytest.raises(psycopg.errors.CheckViolation):
        school.owner.execute(
            "insert into learning_audit (actor, action, subject_id) values (%(actor)s, %(action)s, %(subject_id)s)",
            row,
        )
