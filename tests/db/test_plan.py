"""The lease stays one index scan, however long the queue is and however much was finished.

The long run: `pytest tests/db/test_plan.py --finished 1000000 -o log_cli=true --log-cli-level=INFO`.
"""

import logging
import re
import time

import pytest

WAITING, BACKING_OFF = 50_000, 10_000
ROUNDS, CALLS, P95_MS = 3, 100, 20.0

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
def long_queue(school, request):
    """50,000 waiting, 10,000 backing off before them, 50,000 finished; half of these left the row of a failed job."""
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
                "all": BACKING_OFF + WAITING + request.config.getoption("--finished"),
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


def test_the_lease_is_one_scan_of_its_index_and_takes_milliseconds(long_queue):
    rows = long_queue.owner.execute("explain (costs off) " + inner_select(long_queue)).fetchall()
    # The best of three rounds: what the neighbours on this machine do is not the lease's time.
    p50_ms, p95_ms = min((lease_times(long_queue) for _ in range(ROUNDS)), key=lambda times: times[1])

    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Index Scan using learning_submission_jobs_ready" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan
    logging.getLogger(__name__).info("lease of 10 jobs: p50 %.1f ms, p95 %.1f ms", p50_ms, p95_ms)
    assert p95_ms < P95_MS


def lease_times(school):
    """p50 and p95 in milliseconds of leases of ten jobs, as the worker's login."""
    taken_ms = []
    for _ in range(CALLS):
        started = time.perf_counter()
        jobs = school.lease_all(limit=10)
        taken_ms.append(1000 * (time.perf_counter() - started))
        assert len(jobs) == 10
    return sorted(taken_ms)[CALLS // 2], sorted(taken_ms)[int(0.95 * CALLS)]
