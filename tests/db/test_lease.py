"""Leasing: what is due, for whom, how often; and what a report must be before it is stored."""

import datetime as dt
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import CRITERIA, LIMITS, TEXT, changed, evidence, report_v1, report_v2, result_v2, unscored

from learning_worker.domain.reports import parse_report


def test_an_expired_lease_comes_before_the_backlog(school):
    first = school.leased()
    waiting = [school.submit() for _ in range(3)]
    school.expire(first)

    again = school.lease(worker_id="w2")

    assert again["job_id"] == first["job_id"]
    assert again["lease_key"] != first["lease_key"]
    assert len(waiting) == 3


def test_two_workers_in_open_transactions_never_get_the_same_job(school, second_worker):
    jobs = {school.submit()["submission_id"] for _ in range(2)}

    with school.worker.transaction(), second_worker.transaction():
        second_worker.execute("set local lock_timeout = '2s'")
        mine = school.lease()
        theirs = school.lease(worker=second_worker)

    assert {mine["submission_id"], theirs["submission_id"]} == jobs


def test_an_expired_lease_that_another_worker_is_taking_is_skipped(school, second_worker):
    job = school.leased()
    school.expire(job)

    with school.worker.transaction(), second_worker.transaction():
        second_worker.execute("set local lock_timeout = '2s'")
        mine = school.lease()
        theirs = school.lease(worker=second_worker)

    assert mine["job_id"] == job["job_id"]
    assert theirs is None


def test_a_job_that_backs_off_is_not_handed_out_early(school):
    job = school.leased()
    school.nack(job, wait_s=60)

    early = school.lease()
    school.owner.execute("update learning_submission_jobs set visible_at = visible_at - interval '60 s'")
    due = school.lease()

    assert early is None
    assert due["job_id"] == job["job_id"]


# One more crash ends these jobs: the second lease has just ended, or another run sent the job back since.
DIED = (
    "status = 'leased', lease_key = gen_random_uuid(), leased_until = now() - interval '1 s', crash_count = 1"
)
FAILED_SINCE = "crash_count = 2"


def crashed_twice(school, state):
    answer = school.submit()["submission_id"]
    school.owner.execute(f"update learning_submission_jobs set {state} where submission_id = %s", [answer])
    return answer


@pytest.mark.parametrize("state", [DIED, FAILED_SINCE], ids=["died", "failed since"])
def test_jobs_with_one_crash_left_are_at_work_one_at_a_time(school, second_worker, state):
    waiting = {crashed_twice(school, state) for _ in range(3)}
    fresh = {school.submit()["submission_id"] for _ in range(2)}

    with school.worker.transaction(), second_worker.transaction():
        second_worker.execute("set local lock_timeout = '2s'")
        mine = school.lease_all(limit=2)
        theirs = school.lease_all(limit=2, worker=second_worker)
    meanwhile = school.lease_all(limit=9)
    (alone,) = [job for job in mine if job["submission_id"] in waiting]
    school.complete(alone)
    (next_one,) = school.lease_all(limit=9)

    assert [len(mine), len(theirs), meanwhile] == [2, 1, []]
    assert {job["submission_id"] for job in (*mine, *theirs)} == fresh | {alone["submission_id"]}
    assert next_one["submission_id"] in waiting - {alone["submission_id"]}


def test_a_last_chance_that_ends_in_a_crash_makes_way_for_the_next_one(school):
    waiting = {crashed_twice(school, DIED) for _ in range(2)}
    (first,) = school.lease_all(limit=9)
    school.expire(first)

    (second,) = school.lease_all(limit=9)

    assert {first["submission_id"], second["submission_id"]} == waiting
    assert school.submission(first["submission_id"])["error_code"] == "worker_crashed"


def test_a_job_whose_worker_died_has_waited_since_its_lease_ended(school):
    school.submit()
    school.owner.execute(
        "update learning_submission_jobs set created_at = now() - interval '1 h',"
        " visible_at = now() - interval '1 h'"
    )
    job = school.lease()
    school.expire(job, seconds=7)

    again = school.lease()

    assert again["waited_s"] == pytest.approx(7, abs=2)


def test_only_a_first_assessment_says_how_long_an_answer_takes(school):
    submission_id = school.completed()
    first = school.submission(submission_id)
    school.as_person("teacher", "learning_reassess", submission_id)

    again = school.lease()

    assert first["analysis_status"] == "completed"
    assert again["submission_id"] == submission_id
    assert again["age_s"] is None


@pytest.mark.parametrize("state", ["queued", DIED, FAILED_SINCE], ids=["waits", "died", "failed since"])
def test_a_job_whose_answer_a_person_has_locked_keeps_no_other_waiting(school, second_worker, state):
    if state == "queued":
        locked = school.submit()["submission_id"]
    else:
        locked = crashed_twice(school, state)
    free = school.submit()["submission_id"]

    with school.owner.transaction():
        school.owner.execute("select from learning_submissions where id = %s for update", [locked])
        meanwhile = school.lease_all(limit=1)
    (afterwards,) = school.lease_all(limit=1)

    assert [job["submission_id"] for job in meanwhile] == [free]
    assert afterwards["submission_id"] == locked


def test_health_tells_of_what_nobody_takes_over_but_not_of_what_waits_for_another_to_be_tried(school):
    for _ in range(2):
        crashed_twice(school, DIED)
    school.owner.execute("update learning_submission_jobs set leased_until = now() - interval '2 min'")
    told = []

    told.append(expired_leases(school))
    (alone,) = school.lease_all(limit=9)
    told.append(expired_leases(school))
    school.complete(alone)
    told.append(expired_leases(school))

    assert told == [("failed", "expired=2"), ("ok", "expired=0"), ("failed", "expired=1")]


def expired_leases(school):
    row = school.one(
        "select status, detail from learning_worker_health_probe() where check_name = 'expired_leases'"
    )
    return row["status"], row["detail"]


def test_retry_count_is_the_charged_runs_minus_one(school):
    school.submit()
    counts = []

    for _ in range(3):
        job = school.lease()
        counts.append(job["retry_count"])
        school.nack(job)

    assert counts == [0, 1, 2]


def test_a_job_whose_runs_are_spent_is_closed_by_the_lease(school):
    receipt = school.submit()
    for _ in range(4):
        school.nack(school.lease())

    fifth = school.lease()

    assert fifth is None
    submission = school.submission(receipt["submission_id"])
    assert (submission["analysis_status"], submission["error_code"]) == ("failed", "feedback_failed")
    assert submission["feedback_last_error"] == "runs_spent"
    assert submission["feedback_attempts"] == 4
    assert school.job(receipt["submission_id"])["status"] == "failed"


def test_the_third_crash_ends_the_job_and_an_earlier_one_does_not(school):
    receipt = school.submit()
    seen = []
    for _ in range(3):
        job = school.lease()
        seen.append((job["retry_count"], job["crash_count"]))
        school.expire(job)

    fourth = school.lease()

    assert seen == [(0, 0), (0, 1), (0, 2)]
    assert fourth is None
    assert school.submission(receipt["submission_id"])["error_code"] == "worker_crashed"


@pytest.mark.parametrize(
    ("spent", "code"),
    [
        ("run_count = 4", "feedback_failed"),
        (
            "status = 'leased', lease_key = gen_random_uuid(), leased_until = now(), crash_count = 2",
            "worker_crashed",
        ),
    ],
)
def test_a_job_without_runs_left_is_closed_and_the_next_one_tries_the_model_server(school, spent, code):
    first, second = (school.submit()["submission_id"] for _ in range(2))
    school.owner.execute(f"update learning_submission_jobs set {spent} where submission_id = %s", [first])
    school.owner.execute(
        "insert into learning_endpoints (endpoint, state, retry_at) values ('e', 'open', now() - interval '1 s')"
    )

    probe, closed = look(school, {"phase": "feedback", "slots": 2, "endpoint": "e"})

    assert (probe["submission_id"], probe["closed_as"]) == (second, None)
    assert (closed["submission_id"], closed["lease_key"], closed["closed_as"]) == (first, None, code)
    assert school.submission(first)["error_code"] == code


def test_a_look_for_work_tells_what_it_closed_in_every_phase_and_lane(school):
    jobs = [school.submit(), school.submit("mate", lane="bulk"), school.submit_files()]
    school.owner.execute("update learning_submission_jobs set run_count = 4")

    rows = look(school, {"phase": "vision", "slots": 1}, {"phase": "feedback", "slots": 2, "bulk_first": 1})

    assert {row["submission_id"] for row in rows} == {job["submission_id"] for job in jobs}
    assert {(row["phase"], row["closed_as"]) for row in rows} == {
        ("vision", "vision_failed"),
        ("feedback", "feedback_failed"),
    }
    assert [row["lease_key"] for row in rows] == [None] * 3


def test_bulk_gets_its_slots_before_interactive_and_leaves_them_where_it_has_nothing(school):
    interactive = [school.submit()["submission_id"], school.submit("mate")["submission_id"]]
    bulk = school.submit("pupil", lane="bulk")["submission_id"]

    first = look(school, {"phase": "feedback", "slots": 2, "bulk_first": 1})
    second = look(school, {"phase": "feedback", "slots": 2, "bulk_first": 1})

    assert [(row["submission_id"], row["lane"]) for row in first] == [
        (bulk, "bulk"),
        (interactive[0], "interactive"),
    ]
    assert [row["submission_id"] for row in second] == interactive[1:]


def test_without_a_share_bulk_waits_for_interactive(school):
    school.submit("mate", lane="bulk")
    interactive = school.submit()["submission_id"]

    (job,) = look(school, {"phase": "feedback", "slots": 1})

    assert job["submission_id"] == interactive


def test_a_second_choice_is_leased_only_when_the_first_yields_nothing(school):
    school.submit()
    school.submit_files("mate")
    wants = [{"phase": "vision", "slots": 1}, {"phase": "feedback", "slots": 2, "is_second_choice": True}]

    phases = [[row["phase"] for row in look(school, *wants)] for _ in range(3)]

    assert phases == [["vision"], ["feedback"], []]


@pytest.mark.parametrize("handed_in", ["submit", "submit_files"])
def test_handing_in_wakes_a_worker_that_said_it_is_idle_and_tells_nobody_otherwise(
    school, second_worker, handed_in
):
    second_worker.execute("listen learning_jobs")
    told = []
    # Nobody there; everybody at work; one idle; idle when it was last seen, and long gone.
    for is_idle, seen in ((None, 0), (False, 0), (True, 0), (True, 300)):
        if is_idle is not None:
            school.call("learning_worker_heartbeat", "w1", is_idle, Jsonb({}))
        school.owner.execute("update learning_workers set last_seen_at = now() - %s * interval '1 s'", [seen])
        getattr(school, handed_in)()
        told.append(len(list(second_worker.notifies(timeout=0.05))))

    assert told == [0, 0, 1, 0]


def look(school, *wants):
    """What one look of a worker brings."""
    return school.call("learning_worker_lease_work", "w1", Jsonb(list(wants)), 30, Jsonb(LIMITS))


def test_a_closed_job_does_not_keep_the_next_one_waiting(school):
    doomed, next_one = school.submit(), school.submit("mate")
    for _ in range(3):
        school.expire(school.lease(limit=1))

    job = school.lease()

    assert school.submission(doomed["submission_id"])["analysis_status"] == "failed"
    assert job["submission_id"] == next_one["submission_id"]


def test_an_interruption_costs_nothing(school):
    receipt = school.submit()
    for _ in range(10):
        school.release(school.lease())

    job = school.lease()

    row = school.job(receipt["submission_id"])
    assert (job["retry_count"], row["run_count"], row["interruption_count"]) == (0, 1, 10)


def test_a_release_after_a_retry_keeps_the_count(school):
    school.submit()
    school.nack(school.lease())
    school.release(school.lease())

    assert school.lease()["retry_count"] == 1


def test_a_paused_phase_hands_out_nothing_and_lets_running_jobs_end(school, operator):
    running = school.leased()
    school.submit()
    reading = school.submit_files()
    operator.execute("select learning_queue_pause('feedback', true)")

    paused = school.lease()
    school.complete(running)
    other_phase = school.lease("vision")
    operator.execute("select learning_queue_pause('feedback', false)")

    assert paused is None
    assert other_phase["submission_id"] == reading["submission_id"]
    assert school.lease() is not None


def test_interactive_comes_before_bulk_and_a_lane_can_be_asked_for(school):
    bulk = school.submit(lane="bulk")
    interactive = school.submit("mate")

    only_bulk = school.lease(lane="bulk")
    school.release(only_bulk)
    first = school.lease()

    assert only_bulk["submission_id"] == bulk["submission_id"]
    assert first["submission_id"] == interactive["submission_id"]


def test_one_pupil_alone_is_not_stuck_behind_a_class_that_hands_in_much(school):
    for _ in range(20):
        school.submit("pupil")
    lonely = school.submit("foreign-pupil", task=school.other_task)

    order = [job["submission_id"] for job in school.lease_all(limit=21)]

    assert order.index(lonely["submission_id"]) <= 1


def test_the_vision_phase_ends_in_a_queued_feedback_phase_with_fresh_counts(school):
    receipt = school.submit_files()
    school.nack(school.lease("vision"))
    job = school.lease("vision")
    assert job["retry_count"] == 1

    school.save_text(job)

    row = school.job(receipt["submission_id"])
    assert (row["phase"], row["status"], row["run_count"], row["lease_key"]) == (
        "feedback",
        "queued",
        0,
        None,
    )
    feedback = school.lease()
    assert (feedback["text_body"], feedback["retry_count"]) == (TEXT, 0)
    assert school.submission(receipt["submission_id"])["error_code"] is None


def test_a_text_that_waits_for_its_pupil_goes_on_when_the_time_is_over(school):
    receipt = school.submit_files()
    school.save_text(school.lease("vision"), confirm_s=3600)
    waiting, nothing = school.submission(receipt["submission_id"]), school.lease()

    school.make_due()
    job = school.lease()

    assert (waiting["analysis_status"], nothing) == ("extracted", None)
    assert job["submission_id"] == receipt["submission_id"]
    assert school.submission(receipt["submission_id"])["analysis_status"] == "pending"


def test_a_reading_never_overwrites_what_a_person_corrected(school):
    job = school.leased("vision")
    school.owner.execute(
        "update learning_submissions set text_body = 'by hand', text_version = 1, text_source = 'corrected' where id = %s",
        [job["submission_id"]],
    )

    school.save_text(job, text="by machine", confirm_s=3600)

    submission = school.submission(job["submission_id"])
    assert (submission["text_body"], submission["text_version"]) == ("by hand", 1)
    assert submission["text_source"] == "corrected"
    assert submission["analysis_status"] == "pending"
    assert school.lease() is not None


def test_pages_and_criteria_that_are_done_come_with_the_next_lease(school):
    reading = school.leased("vision")
    page = {"page_nr": 1, "text_md": "One.", "source": "ocr", "confidence": 0.5}
    for text in ("One.", "Another reading of the same page."):
        school.call(
            "learning_worker_save_page",
            reading["job_id"],
            reading["lease_key"],
            Jsonb(page | {"text_md": text}),
        )
    school.nack(reading)
    again = school.lease("vision")
    school.save_text(again)
    checking = school.lease()
    school.call(
        "learning_worker_save_criterion",
        checking["job_id"],
        checking["lease_key"],
        "c1",
        Jsonb(result_v2()),
    )
    school.expire(checking)

    rerun = school.lease()

    assert again["pages_done"] == [page]
    assert checking["results_done"] is None
    assert [result["criterion_id"] for result in rerun["results_done"]] == ["c1"]


def test_after_a_lost_reply_the_outcome_tells_what_was_committed(school):
    settle = [school.complete, school.fail, school.nack, school.release]
    for verb in settle:
        job = school.leased()
        before = school.outcome(job)
        verb(job)
        assert (before, school.outcome(job)) == ("held", "applied"), verb.__name__
        school.as_person("teacher", "learning_remove", job["submission_id"])
    reading = school.leased("vision")
    school.save_text(reading)
    assert school.outcome(reading) == "applied"


def test_the_outcome_of_a_lost_lease_is_lost(school, operator):
    expired, taken, cancelled = (school.leased() for _ in range(3))
    operator.execute("select * from learning_queue_cancel(%s)", [[cancelled["job_id"]]])
    school.expire(expired)
    before = school.outcome(expired)
    school.expire(taken)
    school.lease_all(limit=2, worker_id="w2")

    assert before == "lease_lost"
    assert [school.outcome(job) for job in (expired, taken, cancelled)] == ["lease_lost"] * 3
    assert school.outcome({"job_id": uuid4(), "lease_key": uuid4()}) == "lease_lost"


def test_a_lease_lasts_as_long_as_asked_and_is_renewed_from_now(school):
    school.submit()
    job = school.lease(seconds=10)

    school.call("learning_worker_renew", job["job_id"], job["lease_key"], 60)

    left = school.one("select leased_until - now() as s from learning_submission_jobs")["s"]
    assert dt.timedelta(seconds=55) < left <= dt.timedelta(seconds=60)


def test_a_job_that_somebody_has_locked_is_neither_renewed_nor_called_lost(school, database):
    jobs = [school.leased() for _ in range(3)]
    school.expire(jobs[2])
    items = Jsonb([{"job_id": str(job["job_id"]), "lease_key": str(job["lease_key"])} for job in jobs])
    with psycopg.connect(database.owner) as other:
        other.execute(
            "select from learning_submission_jobs where id = any(%s) for update",
            [[job["job_id"] for job in jobs[1:]]],
        )

        told = [row["outcome"] for row in school.call("learning_worker_renew_batch", items, 90)]
        with pytest.raises(psycopg.errors.LockNotAvailable):
            school.call("learning_worker_renew", jobs[1]["job_id"], jobs[1]["lease_key"], 90)

    assert told == ["applied", "busy", "lease_lost"]
    left = school.one(
        "select count(*) as n from learning_submission_jobs where leased_until > now() + interval '60 s'"
    )
    assert left["n"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("w", "feedback", None, 0, 30, Jsonb({"max_runs": 4, "max_crashes": 3})),
        ("w", "feedback", None, 1, 0, Jsonb({"max_runs": 4, "max_crashes": 3})),
        ("w", "feedback", None, None, 30, Jsonb({"max_runs": 4, "max_crashes": 3})),
        ("w", "nonsense", None, 1, 30, Jsonb({"max_runs": 4, "max_crashes": 3})),
        ("w", "feedback", "nonsense", 1, 30, Jsonb({"max_runs": 4, "max_crashes": 3})),
        ("w", "feedback", None, 1, 30, Jsonb({})),
        ("w", "feedback", None, 1, 30, Jsonb({"max_runs": 0, "max_crashes": 3})),
    ],
)
def test_a_lease_outside_its_bounds_is_refused(school, arguments):
    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call("learning_worker_lease", *arguments)

    assert refused.value.sqlstate == "LW014"


@pytest.mark.parametrize("state", ["closed", "open"])
@pytest.mark.parametrize(
    ("want", "seconds", "limits"),
    [
        ({}, 0, LIMITS),
        ({}, 3601, LIMITS),
        ({}, None, LIMITS),
        ({}, 30, {}),
        ({}, 30, LIMITS | {"max_runs": 0}),
        ({"slots": 0}, 30, LIMITS),
        ({"slots": None}, 30, LIMITS),
        ({"phase": "nonsense"}, 30, LIMITS),
    ],
)
def test_a_look_for_work_outside_the_bounds_is_refused_whether_or_not_the_server_is_tried(
    school, state, want, seconds, limits
):
    school.submit()
    school.owner.execute(
        "insert into learning_endpoints (endpoint, state, retry_at) values ('e', %s, now() - interval '1 s')",
        [state],
    )
    wants = [{"phase": "feedback", "slots": 1, "endpoint": "e"} | want]

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call("learning_worker_lease_work", "w1", Jsonb(wants), seconds, Jsonb(limits))

    assert refused.value.sqlstate == "LW014"
    assert school.one("select status from learning_submission_jobs")["status"] == "queued"


def test_a_wait_is_at_most_a_day_and_never_negative(school):
    long, negative = school.leased(), school.leased()
    school.nack(long, wait_s=1e9)
    school.release(negative, wait_s=-100)

    waits = [
        school.one("select visible_at - now() as w from learning_submission_jobs where id = %s", j["job_id"])[
            "w"
        ]
        for j in (long, negative)
    ]

    assert dt.timedelta(hours=23) < waits[0] <= dt.timedelta(days=1)
    assert abs(waits[1]) < dt.timedelta(seconds=5)


Q = evidence()


def without(report, nr, key):
    """The report with one key less in a criterion's result."""
    results = [dict(result) for result in report["criteria_results"]]
    del results[nr][key]
    return report | {"criteria_results": results}


# The rule that a result breaks first when it lacks this key.
WITHOUT = {
    "criterion_id": "criterion_unknown",
    "criterion": "criterion_unknown",
    "max_score": "score_range",
}
# What is wrong, the rule that must say so (another one might refuse it by chance), and the report.
FAULTS = {
    "no object": ("schema_unknown", []),
    "no schema": ("schema_unknown", {}),
    "unknown schema": ("schema_unknown", report_v2(schema="criteria.v3")),
    "missing criterion": ("criteria_incomplete", report_v2(criteria_results=[result_v2()])),
    "one criterion too many": (
        "criteria_incomplete",
        report_v2(
            criteria_results=[
                *report_v2()["criteria_results"],
                result_v2(criterion_id="c3") | {"score": None},
            ]
        ),
    ),
    "criterion twice": (
        "criterion_unknown",
        changed(report_v2(), 1, criterion_id="c1", criterion="names the inputs"),
    ),
    "order changed": ("criterion_unknown", report_v2(criteria_results=report_v2()["criteria_results"][::-1])),
    "another id": ("criterion_unknown", changed(report_v2(), 0, criterion_id="c9")),
    "another text": ("criterion_unknown", changed(report_v2(), 0, criterion="invented")),
    "score above": ("score_range", changed(report_v2(), 0, score=11)),
    "score below": ("score_range", changed(report_v2(), 0, score=-1)),
    "score a fraction": ("score_range", changed(report_v2(), 0, score=4.5)),
    "score a text": ("score_range", changed(report_v2(), 0, score="4")),
    "scored without score": ("score_range", changed(report_v2(), 0, score=None)),
    "level above": ("score_range", changed(report_v2(), 0, level=4)),
    "points of another level": ("level_and_score", changed(report_v2(), 0, level=3)),
    "a model's points without a level": ("level_and_score", changed(report_v2(source="dspy"), 0, level=None)),
    "another maximum": ("score_range", changed(report_v2(), 0, max_score=9)),
    "scored with a reason": ("status_contradiction", changed(report_v2(), 0, reason="blank")),
    "unscored with a score": ("status_contradiction", changed(report_v2(), 1, score=0)),
    "unscored without a reason": ("reason_unknown", changed(report_v2(), 1, reason=None)),
    "unknown reason": ("reason_unknown", changed(report_v2(), 1, reason="mood")),
    "unknown status": ("status_unknown", changed(report_v2(), 1, status="passed")),
    "unknown confidence": ("confidence_unknown", changed(report_v2(), 0, confidence="certain")),
    "next step no text": ("result_shape", changed(report_v2(), 0, next_step_md=["x"])),
    "explanation no text": ("result_shape", changed(report_v2(), 0, explanation_md=None)),
    "quote one later": (
        "quote_not_verbatim",
        changed(report_v2(), 0, evidence=[Q | {"start": Q["start"] + 1, "end": Q["end"] + 1}]),
    ),
    "quote one earlier": (
        "quote_not_verbatim",
        changed(report_v2(), 0, evidence=[Q | {"start": Q["start"] - 1, "end": Q["end"] - 1}]),
    ),
    "quote counted in bytes": (
        "quote_not_verbatim",
        changed(
            report_v2(),
            0,
            evidence=[Q | {"start": len(TEXT[: Q["start"]].encode()), "end": len(TEXT[: Q["end"]].encode())}],
        ),
    ),
    "quote too long": ("quote_not_verbatim", changed(report_v2(), 0, evidence=[Q | {"end": Q["end"] + 1}])),
    "quote in other words": (
        "quote_not_verbatim",
        changed(report_v2(), 0, evidence=[Q | {"quote": "They give off Oxygen"}]),
    ),
    "quote empty": (
        "quote_not_verbatim",
        changed(report_v2(), 0, evidence=[{"quote": "", "start": 3, "end": 3}]),
    ),
    "quote beyond the end": (
        "quote_not_verbatim",
        changed(report_v2(), 0, evidence=[{"quote": "x", "start": 9000, "end": 9001}]),
    ),
    "quote without place": ("evidence_shape", changed(report_v2(), 0, evidence=[{"quote": Q["quote"]}])),
    "a key of the report that nobody reads": ("report_shape", report_v2(note="x")),
    "a key of a result that nobody reads": ("result_shape", changed(report_v2(), 0, note="x")),
    "a key of a quote that nobody reads": (
        "evidence_shape",
        changed(report_v2(), 0, evidence=[Q | {"note": "x"}]),
    ),
    **{
        f"without {key}": (WITHOUT.get(key, "result_shape"), without(report_v2(), nr, key))
        for nr in (0, 1)
        for key in result_v2()
    },
    "evidence null": ("result_shape", changed(report_v2(), 0, evidence=None)),
    "evidence no list": ("result_shape", changed(report_v2(), 0, evidence=Q)),
    "whole score though incomplete": ("score_of_the_whole", report_v2(score=3)),
    "whole score above": ("score_of_the_whole", report_v1(score=6)),
    "whole score that does not follow": ("score_of_the_whole", report_v1(score=4)),
    "whole score of equal weights": (
        "score_of_the_whole",
        changed(changed(report_v1(score=3), 0, score=10), 1, score=0),
    ),
    "whole score a text": ("score_of_the_whole", report_v1(score="3")),
    "whole score that does not follow in v2": (
        "score_of_the_whole",
        report_v2(criteria_results=[result_v2(), result_v2(1)], assessed=2, score=2),
    ),
    "whole score missing": ("score_of_the_whole", report_v1(score=None)),
    "no whole score key": ("score_of_the_whole", {k: v for k, v in report_v1().items() if k != "score"}),
    "assessed wrong": ("summary", report_v2(assessed=2)),
    "total wrong": ("summary", report_v2(total=3)),
    "unknown source": ("summary", report_v2(source="oracle")),
    "v1 missing criterion": (
        "criteria_incomplete",
        report_v1(criteria_results=report_v1()["criteria_results"][:1]),
    ),
    "v1 with a key of v2": ("report_shape", report_v1(source="stub")),
    "v1 with a key of a v2 result": ("result_shape", changed(report_v1(), 0, level=2)),
    "v1 evidence null": ("evidence_shape", changed(report_v1(), 0, evidence=None)),
    "v1 score above": ("score_range", changed(report_v1(), 1, score=7)),
    "v1 another text": ("criterion_unknown", changed(report_v1(), 0, criterion="invented")),
    "v1 quote one later": (
        "quote_not_verbatim",
        changed(report_v1(), 0, evidence=[Q | {"start": Q["start"] + 1, "end": Q["end"] + 1}]),
    ),
}


def test_a_report_that_is_not_valid_is_refused_by_the_rule_it_breaks(school):
    job = school.leased()
    before = school.everything_of(job["submission_id"])

    for name, (code, report) in FAULTS.items():
        source = report.get("source", "stub") if isinstance(report, dict) else "stub"
        found = school.one(
            "select learning_report_fault(%s, %s, %s) as code", Jsonb(report), Jsonb(CRITERIA), TEXT
        )
        with pytest.raises(psycopg.DatabaseError) as refused:
            school.complete(job, report, source)
        assert (found["code"], refused.value.sqlstate) == (code, "LW002"), name
        assert TEXT[:10] not in str(refused.value), name

    assert school.everything_of(job["submission_id"]) == before


@pytest.mark.parametrize(
    ("says", "source"), [("teacher", "dspy"), ("stub", "dspy"), ("dspy", "stub"), ("none", "fallback")]
)
def test_a_report_that_says_somebody_else_made_it_is_refused(school, says, source):
    job = school.leased()
    before = school.everything_of(job["submission_id"])

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.complete(job, report_v2(source=says), source)

    assert refused.value.sqlstate == "LW002"
    assert school.everything_of(job["submission_id"]) == before


@pytest.mark.parametrize(
    "report",
    [
        report_v2(),
        report_v1(),
        changed(report_v1(score=None), 0, score=None),
        without(report_v1(), 0, "evidence"),
        changed(report_v2(), 0, level=None),
        report_v2(criteria_results=[result_v2(), result_v2(1)], assessed=2, score=3),
        changed(changed(report_v1(score=2), 0, score=10), 1, score=0),
    ],
)
def test_a_valid_report_is_stored_word_for_word(school, report):
    job = school.leased()

    school.complete(job, report)

    submission = school.submission(job["submission_id"])
    assert (submission["analysis_json"], submission["analysis_status"]) == (report, "completed")
    assert parse_report(report) is not None  # what is stored, pages can read
    assert school.job(job["submission_id"]) is None


CHECKPOINT_FAULTS = [
    ("c9", result_v2(criterion_id="c9")),
    ("c1", result_v2(1)),
    ("c1", result_v2(score=11)),
    ("c1", result_v2(level=0, score=9)),
    ("c1", result_v2(level=None)),
    ("c1", result_v2(evidence=[Q | {"start": Q["start"] + 1, "end": Q["end"] + 1}])),
    ("c1", result_v2(evidence=None)),
    ("c1", result_v2(note="x")),
    ("c1", {"criterion_id": "c1"}),
]


@pytest.mark.parametrize(("criterion_id", "result"), CHECKPOINT_FAULTS)
def test_a_checkpoint_that_completion_would_refuse_is_refused_at_once(school, criterion_id, result):
    job = school.leased()

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call(
            "learning_worker_save_criterion", job["job_id"], job["lease_key"], criterion_id, Jsonb(result)
        )

    assert refused.value.sqlstate == "LW002"


def test_of_a_batch_of_checkpoints_the_invalid_one_is_told_and_not_kept(school):
    job = school.leased()
    ours = {"job_id": str(job["job_id"]), "lease_key": str(job["lease_key"])}
    bad, good = result_v2(score=11), unscored()
    items = [ours | {"criterion_id": "c1", "result": bad}, ours | {"criterion_id": "c2", "result": good}]

    rows = school.call("learning_worker_save_criterion_batch", Jsonb(items))

    assert [row["outcome"] for row in rows] == ["invalid", "applied"]
    kept = school.one("select array_agg(criterion_id) as ids from learning_criterion_results")
    assert kept["ids"] == ["c2"]


@pytest.mark.parametrize(
    "reading",
    [
        (None, "ocr", 0.9),
        ("x" * 1_000_001, "ocr", 0.9),
        ("x", "corrected", 0.9),
        ("x", "typed", 1.0),
        ("x", "ocr", 1.5),
    ],
)
def test_a_reading_that_is_none_is_refused(school, reading):
    job = school.leased("vision")

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call("learning_worker_save_text", job["job_id"], job["lease_key"], *reading, None)

    assert refused.value.sqlstate == "LW002"


def test_a_worker_gives_back_uncharged_what_it_leased_without_hearing_of_it(school):
    for _ in range(3):
        school.submit()
    known, unheard, ended = school.lease_all(limit=3)
    school.expire(ended)
    school.submit("mate")
    other = school.lease(worker_id="w2")
    # Its own lease has ended while it stood still: that is a crash, whoever takes over.
    assert other["job_id"] == ended["job_id"]

    released = school.call("learning_worker_release_unheld", "w1", [known["lease_key"]])

    jobs = [school.job(job["submission_id"]) for job in (known, unheard, other)]
    assert released[0]["learning_worker_release_unheld"] == 1
    assert [(job["status"], job["run_count"], job["crash_count"]) for job in jobs] == [
        ("leased", 1, 0),
        ("queued", 0, 0),
        ("leased", 1, 1),
    ]


def test_a_worker_that_says_goodbye_leaves_no_lease_behind(school):
    job = school.leased()

    school.call("learning_worker_goodbye", "w1")

    found = school.job(job["submission_id"])
    assert (found["status"], found["run_count"], found["crash_count"]) == ("queued", 0, 0)
