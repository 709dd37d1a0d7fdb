"""What the database makes of a model server's failures: how long nobody asks it, and what counts against a job."""

from psycopg.types.json import Jsonb
from school import result_v2

SERVER = "http://ollama:11434"


def fails(school, job, least_s=0.0):
    """The server failed this job, and asked for so many seconds of rest; what the database decided."""
    wait = Jsonb({"base_s": 5, "least_s": least_s})
    arguments = [job["job_id"], job["lease_key"], SERVER, "model_busy", wait]
    return school.call("learning_worker_endpoint_failed", *arguments)[0]["learning_worker_endpoint_failed"]


def endpoint(school):
    return school.one(
        "select state, extract(epoch from retry_at - now())::float8 as retry_s, recoveries from learning_endpoints"
    )


def waits_s(school, job):
    found = school.one(
        "select extract(epoch from visible_at - now())::float8 as wait_s from learning_submission_jobs where id = %s",
        job["job_id"],
    )
    return found["wait_s"]


def test_a_server_that_asks_for_rest_is_left_alone_for_as_long_as_it_said(school):
    job = school.leased()

    fails(school, job, least_s=120)

    found = endpoint(school)
    assert found["state"] == "open"
    assert 118 < found["retry_s"] <= 120
    assert 118 < waits_s(school, job) <= 120


def test_a_server_that_asked_for_rest_once_and_fails_its_probe_is_left_alone_again(school):
    fails(school, school.leased(), least_s=60)
    school.submit()
    school.make_due()
    school.owner.execute("update learning_endpoints set retry_at = now()")
    want = Jsonb([{"phase": "feedback", "slots": 1, "endpoint": SERVER}])
    limits = Jsonb({"max_runs": 4, "max_crashes": 3})
    (probe,) = school.call("learning_worker_lease_work", "w1", want, 30, limits)

    fails(school, probe)

    found = endpoint(school)
    assert (found["state"], 4 < found["retry_s"] <= 5) == ("open", True)
    assert school.call("learning_worker_lease_work", "w1", want, 30, limits) == []


def test_of_several_rests_asked_for_the_longest_holds(school):
    for _ in range(4):
        school.submit()
    first, second, third, fourth = school.lease_all(limit=4)
    fails(school, first, least_s=60)

    fails(school, second, least_s=300)
    fails(school, third, least_s=30)
    fails(school, fourth)

    assert 298 < endpoint(school)["retry_s"] <= 300
    assert 28 < waits_s(school, third) <= 30


def outages(school, job):
    row = school.one("select outage_count from learning_submission_jobs where id = %s", job["job_id"])
    return row["outage_count"]


def fails_while_others_are_answered(school, times):
    """An answer that was released so often; its last lease."""
    job = school.leased()
    for _ in range(times - 1):
        assert fails(school, job) == "released"
        school.call("learning_worker_endpoint_worked", SERVER)
        school.make_due()
        job = school.lease()
    return job


def test_a_job_that_the_server_cannot_bear_is_charged_at_the_third_time(school):
    job = fails_while_others_are_answered(school, 3)

    assert fails(school, job) == "charge"


def test_an_answer_to_the_job_itself_wipes_out_what_counted_against_it(school):
    job = fails_while_others_are_answered(school, 3)
    result = result_v2(0)
    school.call(
        "learning_worker_save_criterion",
        job["job_id"],
        job["lease_key"],
        result["criterion_id"],
        Jsonb(result),
    )

    assert fails(school, job) == "released"
    assert outages(school, job) == 1


def test_a_text_that_was_read_begins_its_feedback_with_nothing_against_it(school):
    job = school.leased("vision")
    assert fails(school, job) == "released"
    school.make_due()
    job = school.lease("vision")

    school.save_text(job)

    assert outages(school, job) == 0


def test_a_job_that_an_operator_queues_again_has_nothing_against_it(school, operator):
    job = fails_while_others_are_answered(school, 3)
    fails(school, job)
    school.fail(job)

    school.call("learning_queue_retry", [job["job_id"]], connection=operator)

    assert outages(school, job) == 0


def test_a_new_analysis_has_nothing_against_it(school):
    job = fails_while_others_are_answered(school, 3)
    school.owner.execute("select learning_requeue(%s, 'feedback', 'bulk')", [job["submission_id"]])

    assert outages(school, job) == 0


def test_every_job_that_waits_can_try_the_server_and_who_has_tried_it_comes_last(school):
    tried = school.leased()
    for _ in range(3):
        fails(school, tried)
        school.make_due()
        tried = school.lease()
    fails(school, tried)
    school.make_due()
    school.owner.execute("update learning_submission_jobs set fair_at = fair_at - interval '1 h'")
    bulk = school.submit(lane="bulk")["submission_id"]
    of_a_dead_worker, waiting = (school.submit()["submission_id"] for _ in range(2))
    school.owner.execute(
        "update learning_submission_jobs set status = 'leased', lease_key = gen_random_uuid(),"
        " leased_until = now() - interval '1 s' where submission_id = %s",
        [of_a_dead_worker],
    )

    probes = [probe(school) for _ in range(5)]

    assert probes == [[of_a_dead_worker], [waiting], [bulk], [tried["submission_id"]], []]


def probe(school):
    """Whom a worker is given when it is time to try the server."""
    school.owner.execute(
        "update learning_endpoints set state = 'open', probe_job_id = null, retry_at = now() - interval '1 s'"
    )
    wants = Jsonb([{"phase": "feedback", "slots": 3, "endpoint": SERVER}])
    return [job["submission_id"] for job in school.call("learning_worker_lease_work", "w1", wants)]
