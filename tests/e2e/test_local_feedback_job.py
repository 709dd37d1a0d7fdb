"""Feedback from a model server, all the way into the database: checkpoints, provenance, and answers for a person."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from conftest import Database
from fake_ollama import MODEL, a_fake_ollama, good_answer
from fakes import FakeFeedback
from workbench import TASK, TEACHER, Bench, School, a_bench, a_school, lease

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.dspy_program import DspyProgram
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.criteria import Criterion
from learning_worker.worker import pipeline
from learning_worker.worker.pipeline import Outcome

TEXTS = [
    "Plants take in water 🌱 and light. They give off oxygen, because they split the water.",
    "Die Pflanze nimmt Wasser auf. Ünter Licht é entsteht Sauerstoff 👩‍🔬!",
    "שלום plants take in water. \u202eThey give off oxygen\u202c, because e\u0301.",
]


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


def bench_with(database: Database, school: School, adapter: object) -> Bench:
    bench = a_bench(database, school)
    return replace(bench, deps=replace(bench.deps, feedback=adapter))


def a_local_adapter(url: str, **changes: int) -> LocalFeedback:
    terms = replace(ModelTerms(MODEL, phase_s=20, call_s=5), **changes)
    return LocalFeedback(OllamaClient(OllamaConfig(url)), terms, DspyProgram())


async def run(bench: Bench, school: School) -> pipeline.Ended:
    (job,) = await lease(school)
    return await pipeline.process(job, time.monotonic(), bench.deps)


async def reassess(school: School, submission_id: object) -> None:
    """The teacher wants it assessed again, with the task as it is now."""
    async with school.app.acting_as(TEACHER) as connection:
        await connection.execute("select public.learning_reassess(%s)", (submission_id,))


async def test_the_same_text_task_model_and_program_ask_no_model_again(
    database: Database, school: School
) -> None:
    async with a_fake_ollama() as fake:
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench_with(database, school, a_local_adapter(fake.url)), school)
        first = await school.stored(submission_id)
        asked = len(fake.chats)
        await reassess(school, submission_id)
        # Another worker, which knows nothing of the first run.
        ended = await run(bench_with(database, school, a_local_adapter(fake.url)), school)

    again, row = await school.stored(submission_id), await report_row(school, submission_id)
    assert (ended.outcome, len(fake.chats)) == (Outcome.COMPLETED, asked)
    assert again["analysis_json"] == first["analysis_json"]
    assert again["feedback_md"] == first["feedback_md"]
    assert (row["usage"]["calls"], row["usage"]["taken_from_version"]) == (0, 1)
    assert (row["source"], row["model_digest"][:4]) == ("dspy", "5e1f")


@pytest.mark.parametrize("change", ["model", "settings", "task", "text"])
async def test_anything_else_is_asked_anew(database: Database, school: School, change: str) -> None:
    adapter = {"seed": 1} if change == "settings" else {}
    async with a_fake_ollama() as fake:
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench_with(database, school, a_local_adapter(fake.url)), school)
        asked = len(fake.chats)
        if change == "model":
            fake.digest = "ab" * 32
        if change == "task":
            async with school.owner.transaction() as connection:
                await connection.execute("update tasks set instruction_md = 'Why do plants need it?'")
        if change == "text":
            async with school.app.acting_as(TEACHER) as connection:
                await connection.execute(
                    "select public.learning_correct_text(%s, 1, %s)", (submission_id, TEXTS[0] + " Yes.")
                )
        else:
            await reassess(school, submission_id)
        ended = await run(bench_with(database, school, a_local_adapter(fake.url, **adapter)), school)

    assert (ended.outcome, len(fake.chats)) == (Outcome.COMPLETED, 2 * asked)


async def test_no_other_submission_is_answered_from_what_is_stored(
    database: Database, school: School
) -> None:
    async with a_fake_ollama() as fake:
        for _ in range(2):
            await school.hand_in_text(TEXTS[0])
            await run(bench_with(database, school, a_local_adapter(fake.url)), school)

    assert len(fake.chats) == 6


async def test_what_an_earlier_report_left_to_a_person_is_asked_once_more_and_the_rest_is_not(
    database: Database, school: School
) -> None:
    async def garbage(exchange) -> None:
        await exchange.chat("garbage")

    async with a_fake_ollama(faults=dict.fromkeys((2, 3), garbage)) as fake:
        adapter = LocalFeedback(OllamaClient(OllamaConfig(fake.url)), ModelTerms(MODEL, phase_s=20, call_s=5))
        bench = bench_with(database, school, adapter)
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench, school)
        await reassess(school, submission_id)
        await run(bench, school)

    found = await school.stored(submission_id)
    assert fake.criteria_asked == ["c1", "c2", "c2", "c2"]
    assert {r["status"] for r in found["analysis_json"]["criteria_results"]} == {"scored"}


async def test_a_model_that_is_changed_in_the_middle_answers_every_criterion_itself_and_once(
    database: Database, school: School
) -> None:
    async def busy(exchange) -> None:
        await exchange.reply("{}", "503 Service Unavailable", retry_after="1")

    async with a_fake_ollama(faults={2: busy, 4: busy}) as fake:
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench_with(database, school, a_local_adapter(fake.url)), school)
        fake.digest = "ab" * 32
        for _ in range(2):
            await school.change_jobs("visible_at = now()")
            await run(bench_with(database, school, a_local_adapter(fake.url)), school)

    row = await report_row(school, submission_id)
    assert fake.criteria_asked == ["c1", "c2", "c1", "c2", "c2"]
    assert row["model_digest"] == fake.digest


async def test_a_fallback_of_an_earlier_run_and_its_cost_stand_in_the_report(
    database: Database, school: School
) -> None:
    async def garbage(exchange) -> None:
        await exchange.chat("garbage")

    async def busy(exchange) -> None:
        await exchange.reply("{}", "503 Service Unavailable", retry_after="1")

    async with a_fake_ollama(faults={1: garbage, 3: busy}) as fake:
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench_with(database, school, a_local_adapter(fake.url)), school)
        await school.change_jobs("visible_at = now()")
        # Another worker, which knows nothing of the first run.
        await run(bench_with(database, school, a_local_adapter(fake.url)), school)

    row = await report_row(school, submission_id)
    assert fake.criteria_asked == ["c1", "c1", "c2", "c2"]
    assert (row["source"], row["program_version"][:6]) == ("fallback", "fixed-")
    # Both of the first criterion, one of the second, the text; the server that was busy answered nothing.
    assert (row["usage"]["calls"], row["usage"]["quotes_given"]) == (4, 2)


async def report_row(school: School, submission_id: object) -> dict[str, Any]:
    async with school.owner.transaction() as connection:
        cursor = await connection.execute(
            "select r.source, r.model_digest, r.program_version, r.usage, s.person_reads, s.feedback_md"
            "  from learning_reports r join learning_submissions s on s.id = r.submission_id"
            " where s.id = %s and r.version = s.report_version",
            (submission_id,),
        )
        row = await cursor.fetchone()
    assert row is not None
    return dict(row)


@pytest.mark.parametrize("text", TEXTS)
async def test_quotes_and_what_made_the_report_are_stored(database: Database, school: School, text) -> None:
    async with a_fake_ollama() as fake:
        bench = bench_with(database, school, a_local_adapter(fake.url))
        submission_id = await school.hand_in_text(text)
        ended = await run(bench, school)
        await bench.deps.feedback.aclose()

    found, row = await school.stored(submission_id), await report_row(school, submission_id)
    assert ended.outcome is Outcome.COMPLETED
    for result in found["analysis_json"]["criteria_results"]:
        (quote,) = result["evidence"]
        assert text[quote["start"] : quote["end"]] == quote["quote"]
    assert (row["source"], row["model_digest"][:4], row["program_version"][:6]) == ("dspy", "5e1f", "dspy3.")
    assert row["usage"]["calls"] == len(fake.chats) == 3
    assert row["person_reads"] is False


async def test_a_server_that_fails_in_the_middle_is_not_asked_again_for_what_it_answered(
    database: Database, school: School
) -> None:
    async def busy(exchange) -> None:
        await exchange.reply("{}", "503 Service Unavailable", retry_after="1")

    async with a_fake_ollama(faults={2: busy}) as fake:
        bench = bench_with(database, school, a_local_adapter(fake.url))
        await school.hand_in_text(TEXTS[0])
        first = await run(bench, school)
        await school.change_jobs("visible_at = now()")
        # Another worker, which knows nothing of the first run.
        second = await run(bench_with(database, school, a_local_adapter(fake.url)), school)

    assert (first.outcome, first.code, second.outcome) == (Outcome.RETRYING, "model_busy", Outcome.COMPLETED)
    assert fake.criteria_asked == ["c1", "c2", "c2"]


async def test_an_answer_that_a_person_must_read_reaches_no_model_and_the_teacher_first(
    database: Database, school: School
) -> None:
    bench = bench_with(database, school, FakeFeedback())
    submission_id = await school.hand_in_text("Plants need light. I don't want to live any more.")

    ended = await run(bench, school)

    found, row = await school.stored(submission_id), await report_row(school, submission_id)
    assert (ended.outcome, ended.code) == (Outcome.COMPLETED, None)
    assert (row["person_reads"], row["source"], row["model_digest"]) == (True, "none", None)
    assert {r["reason"] for r in found["analysis_json"]["criteria_results"]} == {"person_reads"}
    assert len(row["feedback_md"].split()) < 20
    assert bench.deps.feedback.asked == []


async def refuse(exchange) -> None:
    await exchange.chat("I'm sorry, but I can't help with that.")


async def refuse_in_the_form(exchange) -> None:
    good: Any = good_answer(exchange.body)
    good["wording"]["try_now"] = "I'm sorry, but I can't help with that."
    await exchange.chat(good)


@pytest.mark.parametrize(
    "faults",
    [{2: refuse, 3: refuse}, {3: refuse, 4: refuse}, {3: refuse_in_the_form}],
    ids=["a criterion", "the text", "the text, in its form"],
)
async def test_a_model_that_refuses_ends_in_the_same_way_and_keeps_nothing_it_said(
    database: Database, school: School, faults
) -> None:
    async with a_fake_ollama(faults=faults) as fake:
        bench = bench_with(database, school, a_local_adapter(fake.url))
        submission_id = await school.hand_in_text(TEXTS[0])
        await run(bench, school)

    found, row = await school.stored(submission_id), await report_row(school, submission_id)
    assert (row["person_reads"], row["source"]) == (True, "none")
    assert {r["reason"] for r in found["analysis_json"]["criteria_results"]} == {"person_reads"}
    assert len(fake.chats) == max(faults)


class StopsAfterKeeping:
    """Endings of a worker that dies between a checkpoint and the next question."""

    def __init__(self, endings: Any) -> None:
        self.endings, self.is_kept = endings, asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.endings, name)

    async def keep(self, job: Any, result: Any) -> None:
        await self.endings.keep(job, result)
        self.is_kept.set()
        await asyncio.Event().wait()


async def test_a_worker_that_dies_after_each_checkpoint_asks_no_criterion_twice(database: Database) -> None:
    criteria = tuple(Criterion(f"c{nr}", f"Point {nr} about water") for nr in range(5))
    async with a_fake_ollama() as fake, a_school(database, replace(TASK, criteria=criteria)) as school:
        submission_id = await school.hand_in_text(TEXTS[0])
        for _ in range(2):
            bench = bench_with(database, school, a_local_adapter(fake.url))
            endings = StopsAfterKeeping(bench.deps.endings)
            bench = replace(bench, deps=replace(bench.deps, endings=endings))
            worker = asyncio.create_task(run(bench, school))
            await endings.is_kept.wait()
            worker.cancel()
            await asyncio.wait([worker])
            await school.change_jobs("leased_until = now() - interval '1 second', visible_at = now()")
        ended = await run(bench_with(database, school, a_local_adapter(fake.url)), school)

        row = await report_row(school, submission_id)
    assert ended.outcome is Outcome.COMPLETED
    assert fake.criteria_asked == ["c0", "c1", "c2", "c3", "c4"]
    assert row["usage"]["calls"] == len(fake.chats) == 6
