"""The lease stays one index scan, however long the queue is and however much was finished."""

import re
import time

import pytest

WAITING, BACKING_OFF, FINISHED = 50_000, 10_000, 50_000
CALLS, P95_MS = 200, 20.0

_FILL = """
with answers as (
    insert into learning_submissions (
        course_id, task_id, snapshot_id, student_sub, attempt_nr, kind, idempotency_key, request_digest, text_body,
        text_version, text_source, analysis_status, completed_at, analysis_json, report_version)
    select %(course)s, %(task)s, %(snapshot)s, 'pupil', 10 + i, 'text', 'k' || i, sha256('x'), 'Some words.', 1, 'typed',
           case when i > %(open)s then 'completed' else 'pending' end, now(), '{}', 1
      from generate_series(1, %(all)s) i
    returning id, attempt_nr - 10 as i, analysis_status
)
insert into learning_submission_jobs (submission_id, course_id, student_sub, phase, status, fair_at, visible_at)
select id, %(course)s, 'pupil', 'feedback',
       case when analysis_status = 'completed' then 'failed' else 'queued' end,
       now() - interval '1 day' + i * interval '1 s',
       -- The backing-off ones stand first in fair order: the worst case for the scan.
       case when i <= %(backing_off)s then now() + interval '10 min' else now() - interval '1 min' end
  from answers
"""


@pytest.fixture
def long_queue(school):
    """50,000 waiting, 10,000 backing off before them, 50,000 finished, half of these with the row that a failure leaves."""
    school.submit()
    snapshot = school.one("select id from task_snapshots")["id"]
    with school.owner.transaction():
        school.owner.execute("set local session_replication_role = replica")
        school.owner.execute(
            _FILL,
            {
                "course": school.course,
                "task": school.task,
                "snapshot": snapshot,
                "backing_off": BACKING_OFF,
                "open": BACKING_OFF + WAITING,
                "all": BACKING_OFF + WAITING + FINISHED,
            },
        )
        school.owner.execute(
            "delete from learning_submission_jobs where status = 'failed' and submission_id::text < '8'"
        )
    school.owner.execute("vacuum analyze learning_submission_jobs, learning_submissions")
    return school


def inner_select(school):
    """The statement that looks for waiting jobs, as the function runs it."""
    source = school.one("select prosrc from pg_proc where proname = 'learning_worker_pick'")["prosrc"]
    (query,) = re.findall(
        r"select j\.id(?:(?!select).)*?j\.status = 'queued'.*?skip locked", source, re.DOTALL
    )
    for name, value in {
        "p_phase": "'feedback'",
        "v_lane": "'interactive'",
        "p_limit - cardinality(v_ids)": "10",
    }.items():
        assert name in query
        query = query.replace(name, value)
    return query


def test_the_lease_is_one_scan_of_its_index_and_takes_milliseconds(long_queue, record_property):
    rows = long_queue.owner.execute("explain (costs off) " + inner_select(long_queue)).fetchall()
    taken_ms = [milliseconds(lambda: long_queue.lease_all(limit=10)) for _ in range(CALLS)]

    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Index Scan using learning_submission_jobs_ready" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan
    p95_ms = sorted(taken_ms)[int(0.95 * CALLS)]
    record_property("lease_p95_ms", round(p95_ms, 2))
    assert p95_ms < P95_MS


def milliseconds(lease):
    started = time.perf_counter()
    assert len(lease()) == 10
    return 1000 * (time.perf_counter() - started)
