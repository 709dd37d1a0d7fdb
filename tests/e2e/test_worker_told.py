"""What a worker tells of its work: one line and one count per job, gauges that are the database's own numbers."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from workbench import School, a_bench, a_school, a_worker, lease, until
from worker_process import TwoPages

from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.submission import Phase
from learning_worker.worker.schedule import Plan

ONE_EACH = {Phase.VISION: 1, Phase.FEEDBACK: 1}


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


async def test_every_run_ends_in_one_line_and_one_count_also_of_jobs_that_the_look_for_work_closed(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = {1: PermanentError(Fault.REPORT_INVALID), 2: TransientError(Fault.ANSWER_INVALID)}
    bench = a_bench(database, school, feedback=FakeFeedback(Script(errors=errors)))
    bench.deps = replace(bench.deps, decoder=TwoPages())
    spent, crashed = await school.hand_in_text("No run left."), await school.hand_in_text("Kills.")
    await school.change_jobs(f"run_count = 4 where submission_id = '{spent}'")
    await school.change_jobs(
        "status = 'leased', lease_key = gen_random_uuid(), leased_until = now(), crash_count = 2"
        f" where submission_id = '{crashed}'"
    )
    texts = [await school.hand_in_text(f"Answer {n}.") for n in range(3)]
    page = await school.hand_in_files(bench.blobs, b"page")

    async with a_worker(bench, Plan(ONE_EACH, poll_s=0.05, drain_s=0.0)) as runner:
        await until(lambda: _has_told(runner, 7))

    lines = [line for line in _lines(capsys) if line["event"] == "job_ended"]
    assert Counter((line["outcome"], line.get("error_code")) for line in lines) == {
        ("completed", None): 2,
        ("read", None): 1,
        ("retrying", None): 1,
        ("failed", "feedback_failed"): 2,
        ("failed", "worker_crashed"): 1,
    }
    assert Counter(line["submission_id"] for line in lines) == {
        **{str(one): 1 for one in (spent, crashed, *texts)},
        str(page): 2,
    }
    assert _value(runner, "ai_worker_processed_total", status="completed") == 2
    assert _value(runner, "ai_worker_processed_total", status="failed") == 3
    assert _value(runner, "ai_worker_failed_total", error_code="feedback_failed") == 2
    assert _value(runner, "ai_worker_failed_total", error_code="worker_crashed") == 1
    assert _value(runner, "ai_worker_retry_total", phase="feedback") == 1
    histograms = ("queue_wait", "vision", "feedback", "submission")
    # A job that was closed without a run took no time of any phase.
    assert [_value(runner, f"ai_worker_{name}_seconds_count") for name in histograms] == [5, 1, 4, 2]


async def test_ended_leases_breakers_and_slots_are_told_as_the_database_has_them(
    database: Database, school: School
) -> None:
    servers = {Phase.VISION: "http://one:11434", Phase.FEEDBACK: "http://two:11434"}
    await school.hand_in_text()
    (left,) = await lease(school)
    await school.change_jobs(f"leased_until = now() where id = '{left.job_id}'")
    # A paused phase: nobody takes the ended lease over.
    await school.owner.rows("select public.learning_queue_pause('feedback', true)")
    await school.owner.rows(
        "insert into public.learning_endpoints (endpoint, state, retry_at) values (%s, 'open', now() + interval '1 h')",
        (servers[Phase.FEEDBACK],),
    )
    plan = Plan({Phase.VISION: 1, Phase.FEEDBACK: 2}, poll_s=0.05, drain_s=0.0, endpoints=servers)
    told = []

    async with a_worker(a_bench(database, school), plan) as runner:
        for state in ("open", "half_open", "closed"):
            await school.owner.rows("update public.learning_endpoints set state = %s", (state,))
            await runner._gauge()
            told.append([_value(runner, "ai_worker_breaker_open", phase=phase) for phase in servers])
        expired = _value(runner, "analysis_jobs_leases_expired")
        slots = [_value(runner, "ai_worker_slots", phase=phase) for phase in servers]

    assert told == [[0, 1], [0, 0.5], [0, 0]]
    assert expired == 1
    assert slots == [1, 2]


def _value(runner, name: str, **labels: str) -> float:
    return runner.metrics.registry.get_sample_value(name, labels) or 0.0


async def _has_told(runner, runs: int) -> bool:
    ended = sum(_value(runner, "ai_worker_processed_total", status=one) for one in ("completed", "failed"))
    others = ("ai_worker_retry_total", {"phase": "feedback"}), ("ai_worker_vision_seconds_count", {})
    return ended + sum(_value(runner, name, **labels) for name, labels in others) == runs


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
