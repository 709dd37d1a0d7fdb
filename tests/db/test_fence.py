"""The fence: whoever does not hold the lease changes nothing, by any verb, and the rest of a batch is applied."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import report_v2, result_v2

SINGLE = {
    "renew": ("feedback", "learning_worker_renew", (30,)),
    "save_page": (
        "vision",
        "learning_worker_save_page",
        (Jsonb({"page_nr": 1, "text_md": "x", "source": "ocr", "confidence": 0.5}),),
    ),
    "save_text": ("vision", "learning_worker_save_text", ("A late text.", "ocr", 0.9, None)),
    "save_criterion": ("feedback", "learning_worker_save_criterion", ("c1", Jsonb(result_v2()))),
    "complete": (
        "feedback",
        "learning_worker_update_completed",
        (Jsonb(report_v2()), "Late.", "stub", Jsonb({})),
    ),
    "fail": ("feedback", "learning_worker_update_failed", ("feedback_failed", "model_timeout")),
    "nack": ("feedback", "learning_worker_nack_retry", ("model_timeout", 5.0)),
    "release": ("feedback", "learning_worker_release", (0.0,)),
    "endpoint_failed": (
        "feedback",
        "learning_worker_endpoint_failed",
        ("http://ollama:11434", "model_timeout", Jsonb({"base_s": 5, "least_s": 0})),
    ),
    "stored_report": ("feedback", "learning_worker_stored_report", ("a digest", "a version")),
}
READING = {"stored_report"}
BATCH = {
    "save_criterion": (
        "learning_worker_save_criterion_batch",
        {"criterion_id": "c1", "result": result_v2()},
        (),
    ),
    "renew": ("learning_worker_renew_batch", {}, (30,)),
    "complete": (
        "learning_worker_update_completed_batch",
        {"report": report_v2(), "feedback_md": "Late.", "source": "stub", "provenance": {}},
        (),
    ),
    "fail": (
        "learning_worker_update_failed_batch",
        {"error_code": "feedback_failed", "fault": "model_timeout"},
        (),
    ),
    "nack": ("learning_worker_nack_retry_batch", {"fault": "model_timeout", "wait_s": 5}, ()),
    "release": ("learning_worker_release_batch", {"wait_s": 0}, ()),
}


def expired(school, operator, job):
    school.expire(job)


def leased_by_another(school, operator, job):
    school.expire(job)
    assert school.lease(job["phase"], worker_id="w2")["job_id"] == job["job_id"]


def completed(school, operator, job):
    if job["phase"] == "vision":
        school.save_text(job)
        job = school.lease()
    school.complete(job)


def failed(school, operator, job):
    school.fail(job, f"{job['phase']}_failed")


def cancelled(school, operator, job):
    operator.execute("select * from learning_queue_cancel(%s)", [[job["job_id"]]])


def deleted(school, operator, job):
    school.as_person("teacher", "learning_remove", job["submission_id"])


STATES = [expired, leased_by_another, completed, failed, cancelled, deleted]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", SINGLE)
def test_a_worker_without_the_lease_is_refused_and_changes_nothing(school, operator, verb, state):
    phase, function, arguments = SINGLE[verb]
    job = school.leased(phase)
    state(school, operator, job)
    before = school.everything_of(job["submission_id"])

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call(function, job["job_id"], job["lease_key"], *arguments)

    assert refused.value.sqlstate == "LW001"
    assert school.everything_of(job["submission_id"]) == before


@pytest.mark.parametrize("verb", SINGLE)
@pytest.mark.parametrize("wrong", ["key", "job"])
def test_a_verb_needs_the_job_and_its_own_key(school, verb, wrong):
    phase, function, arguments = SINGLE[verb]
    job, other = school.leased(phase), school.leased(phase)
    job_id, key = (job["job_id"], uuid4()) if wrong == "key" else (other["job_id"], job["lease_key"])
    before = [school.everything_of(j["submission_id"]) for j in (job, other)]

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.call(function, job_id, key, *arguments)

    assert refused.value.sqlstate == "LW001"
    assert [school.everything_of(j["submission_id"]) for j in (job, other)] == before


@pytest.mark.parametrize("verb", SINGLE)
def test_the_holder_is_not_refused(school, verb):
    phase, function, arguments = SINGLE[verb]
    job = school.leased(phase)
    before = school.everything_of(job["submission_id"])

    school.call(function, job["job_id"], job["lease_key"], *arguments)

    assert (school.everything_of(job["submission_id"]) == before) is (verb in READING)


@pytest.mark.parametrize(
    ("verb", "given_back"), [("release_unheld", ["unheard"]), ("goodbye", ["known", "unheard"])]
)
def test_what_needs_no_key_gives_back_only_the_workers_own_leases(school, verb, given_back):
    jobs = {name: school.leased() for name in ("known", "unheard", "ended", "taken")}
    school.expire(jobs["taken"])
    jobs["taken"] = school.lease(worker_id="w2")
    school.submit()
    jobs["another's"] = school.lease(worker_id="w2")
    school.expire(jobs["ended"])
    before = {name: school.everything_of(job["submission_id"]) for name, job in jobs.items()}

    told = ([jobs["known"]["lease_key"]],) if verb == "release_unheld" else ()
    school.call(f"learning_worker_{verb}", "w1", *told)

    after = {name: school.everything_of(job["submission_id"]) for name, job in jobs.items()}
    assert [name for name in jobs if after[name] != before[name]] == given_back
    for name in given_back:
        job = school.job(jobs[name]["submission_id"])
        assert (job["status"], job["run_count"], job["crash_count"]) == ("queued", 0, 0)


# Each verb of a batch in each phase that it has.
BATCH_PHASES = [(verb, "feedback") for verb in BATCH] + [
    (verb, "vision") for verb in ("renew", "fail", "nack", "release")
]


def item(job, more):
    return {"job_id": str(job["job_id"]), "lease_key": str(job["lease_key"]), **more}


def batch(school, verb, jobs):
    function, more, arguments = BATCH[verb]
    rows = school.call(function, Jsonb([item(job, more) for job in jobs]), *arguments)
    return [(row["job_id"], row["outcome"]) for row in rows]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("verb", "phase"), BATCH_PHASES)
def test_a_stale_item_of_a_batch_is_told_and_the_rest_is_applied(school, operator, verb, phase, state):
    stale, *fresh = (school.leased(phase) for _ in range(3))
    state(school, operator, stale)
    before = school.everything_of(stale["submission_id"])
    before_fresh = [school.everything_of(job["submission_id"]) for job in fresh]

    outcomes = batch(school, verb, [fresh[0], stale, fresh[1]])

    assert outcomes == [
        (fresh[0]["job_id"], "applied"),
        (stale["job_id"], "lease_lost"),
        (fresh[1]["job_id"], "applied"),
    ]
    assert school.everything_of(stale["submission_id"]) == before
    assert all(
        school.everything_of(job["submission_id"]) != old
        for job, old in zip(fresh, before_fresh, strict=True)
    )


@pytest.mark.parametrize("verb", [verb for verb in BATCH if verb != "save_criterion"])
@pytest.mark.parametrize("spelling", ["lower", "upper"])
def test_the_same_item_twice_takes_effect_once(school, verb, spelling):
    school.submit()
    school.nack(school.lease())
    job = school.lease()
    again = {name: getattr(str(job[name]), spelling)() for name in ("job_id", "lease_key")}

    outcomes = batch(school, verb, [job, again])

    assert [outcome for _, outcome in outcomes] == ["applied", "lease_lost"]
    versions = school.one("select count(*) as n from learning_reports")["n"]
    assert versions == (1 if verb == "complete" else 0)
    if verb == "release":
        assert school.job(job["submission_id"])["run_count"] == 1


@pytest.mark.parametrize("verb", BATCH)
def test_an_old_key_is_not_told_applied_because_the_new_one_is(school, verb):
    old = school.leased()
    school.expire(old)
    new = school.lease(worker_id="w2")

    outcomes = batch(school, verb, [old, new])

    assert [outcome for _, outcome in outcomes] == ["lease_lost", "applied"]


def test_one_invalid_report_does_not_roll_the_others_back(school):
    good, bad, forged, long = (school.leased() for _ in range(4))
    more = BATCH["complete"][1]
    items = [
        item(bad, more | {"report": {"schema": "criteria.v9"}}),
        item(
            forged,
            more
            | {
                "report": report_v2(source="teacher"),
                "source": "teacher",
                "provenance": {"created_by": "teacher"},
            },
        ),
        item(long, more | {"provenance": {"model_digest": "x" * 201}}),
        item(good, more),
    ]

    rows = school.call("learning_worker_update_completed_batch", Jsonb(items))

    assert [row["outcome"] for row in rows] == ["invalid", "invalid", "invalid", "applied"]
    assert school.submission(good["submission_id"])["analysis_status"] == "completed"
    assert school.job(bad["submission_id"])["lease_key"] == bad["lease_key"]


def test_one_unknown_error_code_does_not_roll_the_others_back(school):
    good, bad, retrying = (school.leased() for _ in range(3))
    codes = [(bad, "whatever"), (retrying, "vision_retrying"), (good, "input_corrupt")]

    rows = school.call(
        "learning_worker_update_failed_batch", Jsonb([item(job, {"error_code": code}) for job, code in codes])
    )

    assert [row["outcome"] for row in rows] == ["invalid", "invalid", "applied"]
    assert school.submission(good["submission_id"])["error_code"] == "input_corrupt"


def test_vision_verbs_refuse_the_feedback_phase_and_the_other_way_round(school):
    reading, checking = school.leased("vision"), school.leased("feedback")

    for verb, job in [
        ("save_page", checking),
        ("save_text", checking),
        ("save_criterion", reading),
        ("complete", reading),
        ("stored_report", reading),
    ]:
        _, function, arguments = SINGLE[verb]
        with pytest.raises(psycopg.DatabaseError) as refused:
            school.call(function, job["job_id"], job["lease_key"], *arguments)
        assert refused.value.sqlstate == "LW001", verb
