"""A whole worker whose model server misbehaves once over real HTTP: neither answer nor worker is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from conftest import Database
from fake_ollama import MODEL, Exchange, a_fake_ollama
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import Phase

pytestmark = pytest.mark.slow
CALL_S = 0.4


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


async def hangs(_: Exchange) -> None:
    await asyncio.Event().wait()


async def drips(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        exchange.writer.write(b" ")
        await exchange.writer.drain()
        await asyncio.sleep(CALL_S / 10)


async def answers_late(exchange: Exchange) -> None:
    await asyncio.sleep(CALL_S * 2)
    await exchange.chat({"too": "late"})


async def hangs_up(exchange: Exchange) -> None:
    exchange.writer.close()


FAULTS = {
    "hangs": hangs,
    "drips": drips,
    "answers late": answers_late,
    "hangs up": hangs_up,
    "500": lambda exchange: exchange.reply("{}", "500 Internal Server Error"),
    "503": lambda exchange: exchange.reply("{}", "503 Service Unavailable"),
    "garbage": lambda exchange: exchange.reply("<html>not Ollama"),
    "25 MB": lambda exchange: exchange.reply(b"x" * 25 * 2**20),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_misbehaviour_of_the_model_server_costs_neither_answer_nor_worker(
    database: Database, school: School, fault: str
):
    first, second = await school.hand_in_text(), await school.hand_in_text("Another answer. It names light.")
    async with a_fake_ollama(faults={1: FAULTS[fault]}) as server:
        feedback = LocalFeedback(
            OllamaClient(OllamaConfig(server.url)), ModelTerms(MODEL, phase_s=20, call_s=CALL_S), None
        )
        bench = a_bench(database, school, feedback=feedback)
        bench.deps = replace(
            bench.deps, retry=RetryPolicy(backoff_s=0.05), endpoints={Phase.FEEDBACK: server.url}
        )

        async with a_worker(bench):
            for submission_id in (first, second):
                await until(lambda: is_settled(school, submission_id))  # noqa: B023 - awaited before the next
        await feedback.aclose()

    stored = [await school.stored(submission_id) for submission_id in (first, second)]
    assert [one["status"] for one in stored] == ["completed", "completed"]
    results = [result for one in stored for result in one["analysis_json"]["criteria_results"]]
    assert all((result["status"] == "scored") == (result["score"] is not None) for result in results)
    assert sum(result["status"] == "scored" for result in results) >= 3
    # Two criteria of two answers, and what the fault cost: what was answered was not asked again.
    assert len(server.criteria_asked) <= 4 + 2


async def test_a_server_that_sends_the_text_elsewhere_is_not_followed_and_the_next_answer_completed(
    database: Database, school: School
):
    def elsewhere(exchange: Exchange):
        return exchange.reply("", "302 Found", location="http://192.0.2.1/")

    first, second = await school.hand_in_text(), await school.hand_in_text("Another answer. It names light.")
    async with a_fake_ollama(faults={1: elsewhere}) as server:
        feedback = LocalFeedback(OllamaClient(OllamaConfig(server.url)), ModelTerms(MODEL), None)
        bench = a_bench(database, school, feedback=feedback)

        async with a_worker(bench):
            for submission_id in (first, second):
                await until(lambda: is_settled(school, submission_id))  # noqa: B023 - awaited before the next
        await feedback.aclose()

    # Somebody's settings are wrong: trying again would not mend them, and the operator's list names the reason.
    ended = [(one["status"], one["error_code"]) for one in [await school.stored(n) for n in (first, second)]]
    assert sorted(ended, key=str) == [("completed", None), ("failed", "feedback_failed")]


async def is_settled(school: School, submission_id) -> bool:
    return await school.status(submission_id) in ("completed", "failed")
