"""`learning-worker queue`: what an operator sees and does, as the operator's login."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import Database
from workbench import School, a_school, lease

pytestmark = pytest.mark.slow

Queue = Callable[..., "asyncio.Future[subprocess.CompletedProcess[str]]"]


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.fixture
def queue(database: Database, tmp_path: Path) -> Queue:
    """Runs the command in a process of its own."""
    environment = {
        **os.environ,
        "GUSTAV_ENV": "test",
        "OPERATOR_DATABASE_URL": database.dsns.operator,
        "LEARNING_DATA_DIR": str(tmp_path),
    }

    def run(*arguments: str) -> "asyncio.Future[subprocess.CompletedProcess[str]]":
        command = [sys.executable, "-m", "learning_worker", "queue", *arguments]
        return asyncio.get_running_loop().run_in_executor(
            None, lambda: subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        )

    return run


async def fail_all(school: School, code: str = "feedback_failed") -> None:
    async with school.owner.transaction() as connection:
        await connection.execute(
            "select public.learning_worker_close_job(id, %s, 'timeout', null) from public.learning_submission_jobs"
            " where status <> 'failed'",
            (code,),
        )


async def audit(school: School) -> list[tuple[str, str]]:
    async with school.owner.transaction() as connection:
        rows = await connection.execute(
            "select actor, action from public.learning_audit where action <> 'submitted' order by id"
        )
        return [(row["actor"], row["action"]) for row in await rows.fetchall()]


async def test_list_and_show_tell_ids_and_codes_and_no_word_of_a_pupil(school: School, queue: Queue) -> None:
    submission_id = await school.hand_in_text("CANARY words.")

    listed, shown = await asyncio.gather(queue("list", "--json"), queue("show", str(submission_id)))

    (job,) = json.loads(listed.stdout)
    assert (job["submission_id"], job["status"], job["phase"]) == (str(submission_id), "queued", "feedback")
    assert json.loads(shown.stdout) == job
    assert "CANARY" not in listed.stdout + shown.stdout
    assert "pupil-1" not in listed.stdout + shown.stdout


async def test_list_tells_of_a_state_or_a_code_alone_and_of_so_many_jobs_in_the_order_of_their_lease(
    school: School, queue: Queue
) -> None:
    crashed = await school.hand_in_text("First.")
    await fail_all(school, "worker_crashed")
    timed_out = await school.hand_in_text("Second.")
    await fail_all(school)
    waiting, last = await school.hand_in_text("Third."), await school.hand_in_text("Fourth.")

    listed = await asyncio.gather(
        queue("list", "--status", "failed", "--json"),
        queue("list", "--status", "queued,failed", "--error-code", "worker_crashed", "--json"),
        queue("list", "--status", "queued", "--limit", "1", "--json"),
        queue("list", "--status", "queued"),
        queue("list", "--limit", "0"),
    )

    answers = [[job["submission_id"] for job in json.loads(ran.stdout)] for ran in listed[:3]]
    assert set(answers[0]) == {str(crashed), str(timed_out)}
    assert answers[1:] == [[str(crashed)], [str(waiting)]]
    jobs = [await school.job(one) for one in (waiting, last)]
    assert [line.split()[0] for line in listed[3].stdout.splitlines()] == [
        str(job["id"]) for job in jobs if job
    ]
    assert listed[3].stderr == "2 jobs\n"
    assert listed[4].returncode == 2


async def test_retry_by_error_code_queues_those_alone_and_is_audited(school: School, queue: Queue) -> None:
    timed_out = await school.hand_in_text()
    await fail_all(school)
    crashed = await school.hand_in_text()
    await fail_all(school, "worker_crashed")

    ran = await queue("retry", "--error-code", "feedback_failed")
    none_left = await queue("retry", "--error-code", "feedback_failed")

    assert (ran.returncode, ran.stderr) == (0, "1 changed\n")
    assert (none_left.returncode, none_left.stdout, none_left.stderr) == (0, "", "0 changed\n")
    assert [await school.status(one) for one in (timed_out, crashed)] == ["pending", "failed"]
    assert await audit(school) == [("gustav_operator_login", "retried")]
    assert len(await lease(school, limit=5)) == 1


async def test_retry_and_cancel_all_and_by_id(school: School, queue: Queue) -> None:
    first, second = await school.hand_in_text(), await school.hand_in_text()
    await fail_all(school)

    retried = await queue("retry", "--all")
    cancelled = await queue("cancel", str(first))

    assert len(retried.stdout.split()) == 2
    assert (retried.returncode, cancelled.returncode) == (0, 0)
    assert (await school.stored(first))["error_code"] == "cancelled"
    assert await school.status(second) == "pending"


async def test_cancel_by_error_code_and_all_end_what_waits_and_what_runs_and_are_audited(
    school: School, queue: Queue
) -> None:
    retrying, waiting, running = [await school.hand_in_text(f"Answer {nr}.") for nr in range(3)]
    async with school.owner.transaction() as connection:
        await connection.execute(
            "update public.learning_submissions set error_code = 'feedback_retrying' where id = %s",
            (retrying,),
        )
    await school.change_jobs(f"visible_at = now() + interval '1 hour' where submission_id <> '{running}'")
    assert len(await lease(school, limit=5)) == 1

    by_code = await queue("cancel", "--error-code", "feedback_retrying")
    after_code = [(await school.stored(one))["error_code"] for one in (retrying, waiting, running)]
    rest = await queue("cancel", "--all")

    assert after_code == ["cancelled", None, None]
    assert [len(ran.stdout.split()) for ran in (by_code, rest)] == [1, 2]
    assert {(await school.stored(one))["error_code"] for one in (waiting, running)} == {"cancelled"}
    assert await audit(school) == [("gustav_operator_login", "cancelled")] * 3


async def test_a_paused_phase_hands_out_nothing_until_it_is_resumed(school: School, queue: Queue) -> None:
    await school.hand_in_text()

    assert (await queue("pause", "feedback")).returncode == 0
    assert await lease(school) == []
    assert (await queue("resume")).returncode == 0

    assert len(await lease(school)) == 1
    assert await audit(school) == [
        ("gustav_operator_login", "paused"),
        *[("gustav_operator_login", "resumed")] * 2,
    ]


async def test_wrong_use_and_unknown_jobs_end_in_one_sentence_and_change_nothing(
    school: School, queue: Queue
) -> None:
    answer = await school.hand_in_text()
    both, nothing, unknown, gone = await asyncio.gather(
        queue("retry", "--all", "--error-code", "x"),
        queue("cancel"),
        queue("retry", str(uuid4())),
        queue("show", str(uuid4())),
    )

    assert [ran.returncode for ran in (both, nothing, unknown, gone)] == [2, 2, 1, 1]
    assert unknown.stderr == "0 of 1 changed; the others are gone or not in a state for this.\n"
    assert gone.stderr == "There is no such job; a finished one has left the queue.\n"
    assert all("Traceback" not in ran.stderr for ran in (both, nothing, unknown, gone))
    assert (await school.status(answer), await audit(school)) == ("pending", [])
