"""Answers that do not fit into a model's context: every sentence is read once, and nothing is judged on a part."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from fake_ollama import MODEL, Exchange, FakeOllama, a_fake_ollama, good_answer, tokens
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.dspy_program import DspyProgram
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.criteria import Criterion, CriterionResult, Evidence, Reason, ResultStatus
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.prompts import Case, sentence_line
from learning_worker.domain.quotes import sentences
from learning_worker.domain.sections import searched, sections
from learning_worker.domain.submission import Language, Task
from learning_worker.domain.tokens import most_tokens

FILLER = " ".join(f"In part {nr} of my story the old ship sails on and on." for nr in range(1, 400))
LAST = "At the very end I explain photosynthesis with light."
TEXT = f"Plants like the garden.\n\n{FILLER}\n\n{LAST}"
TASK = Task(
    "Why do plants need light?",
    (Criterion("c1", "Explains photosynthesis"), Criterion("c2", "Mentions plants in a garden")),
    language=Language.ENGLISH,
)
TERMS = ModelTerms(MODEL, phase_s=20, call_s=5, num_ctx=4096)
both_ways = pytest.mark.parametrize("program", [None, DspyProgram()], ids=["fixed", "dspy"])


@asynccontextmanager
async def an_adapter(
    terms: ModelTerms = TERMS, program: Any = None, **options: Any
) -> AsyncIterator[tuple[LocalFeedback, FakeOllama]]:
    async with a_fake_ollama(**options) as fake:
        adapter = LocalFeedback(OllamaClient(OllamaConfig(fake.url)), terms, program)
        yield adapter, fake
        await adapter.aclose()


async def assessed(adapter: LocalFeedback, text: str = TEXT, task: Task = TASK) -> list[CriterionResult]:
    return [result async for result in adapter.assess(text, task, ())]


def prompt_of(body: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in body["messages"])


def is_search(body: dict[str, Any]) -> bool:
    return "found" in json.dumps(body["format"])


@both_ways
async def test_every_sentence_is_searched_once_and_what_stands_in_the_last_section_counts(program):
    async with an_adapter(program=program) as (adapter, fake):
        results = await assessed(adapter)
        feedback = await adapter.summarise(TEXT, TASK, results)

    searches = [body for body in fake.chats if is_search(body)]
    usage: Any = feedback.provenance["usage"]
    sys.stdout.write(
        f"{tokens(TEXT)} tokens in a context of {TERMS.num_ctx}: {len(searches)} sections, {usage['calls']} calls, "
        f"{usage['tokens_in']} tokens read\n"
    )
    assert [(r.status, [e.quote for e in r.evidence]) for r in results] == [
        (ResultStatus.SCORED, [LAST]),
        (ResultStatus.SCORED, ["Plants like the garden."]),
    ]
    shown = [nr for body in searches for nr in re.findall(r"^\[(\d+)\] ", prompt_of(body), re.MULTILINE)]
    assert shown == [str(nr) for nr in range(1, len(sentences(TEXT)) + 1)]
    assert usage["sections"] == len(searches) >= 3
    assert usage["calls"] == len(fake.chats) == len(searches) + len(TASK.criteria) + 1
    assert feedback.source == adapter.source


@both_ways
async def test_no_prompt_of_a_long_answer_can_overflow_the_context(program):
    async with an_adapter(program=program) as (adapter, fake):
        await assessed(adapter)

    assert max(most_tokens(prompt_of(body)) for body in fake.chats) + TERMS.num_predict <= TERMS.num_ctx


async def test_the_judge_sees_what_was_found_with_its_own_numbers_and_is_told_that_the_rest_is_left_out():
    async with an_adapter() as (adapter, fake):
        await assessed(adapter)

    prompt = prompt_of(next(body for body in fake.chats if not is_search(body)))
    assert f"[{len(sentences(TEXT))}] {LAST}" in prompt
    assert "part 7 of my story" not in prompt
    assert "the others are left out" in prompt


async def test_many_criteria_are_searched_for_a_few_at_a_time():
    criteria = tuple(Criterion(f"c{nr}", f"Explains photosynthesis in point {nr}") for nr in range(8))
    task = replace(TASK, criteria=criteria)
    async with an_adapter() as (adapter, fake):
        results = await assessed(adapter, task=task)

    searches = [body for body in fake.chats if is_search(body)]
    first = json.dumps(searches[0]["format"]), json.dumps(searches[1]["format"])
    assert ('"c5"' in first[0], '"c6"' in first[0], '"c6"' in first[1]) == (True, False, True)
    assert {r.status for r in results} == {ResultStatus.SCORED}


async def cut_by_the_server(exchange: Exchange) -> None:
    await exchange.chat({"found": []}, prompt_eval_count=40)


async def garbage(exchange: Exchange) -> None:
    await exchange.chat('{"found": [{"criterion_id": "c9", "sentences": [1]}]}')


async def refusal(exchange: Exchange) -> None:
    await exchange.chat("I'm sorry, but I can't help with that.")


@pytest.mark.parametrize(
    ("fault", "reason", "calls"),
    [
        (cut_by_the_server, Reason.TEXT_TOO_LONG, 1),
        (garbage, Reason.ANSWER_INVALID, 2),
        (refusal, Reason.REFUSED, 1),
    ],
)
async def test_a_section_that_cannot_be_searched_leaves_every_criterion_to_a_person(fault, reason, calls):
    async with an_adapter(faults={2: fault, 3: fault}) as (adapter, fake):
        results = await assessed(adapter)

    assert {(r.status, r.reason, r.score) for r in results} == {(ResultStatus.NEEDS_REVIEW, reason, None)}
    assert len(fake.chats) == 1 + calls
    assert all(is_search(body) for body in fake.chats)


async def test_a_single_sentence_that_does_not_fit_asks_no_model():
    text = "word and " * 4000
    async with an_adapter() as (adapter, fake):
        results = await assessed(adapter, text)

    assert fake.chats == []
    assert {r.reason for r in results} == {Reason.TEXT_TOO_LONG}


async def test_nothing_found_in_any_section_is_for_a_person_and_never_a_zero():
    async with an_adapter() as (adapter, fake):
        results = await assessed(adapter, FILLER)

    assert {(r.status, r.reason, r.score) for r in results} == {
        (ResultStatus.NEEDS_REVIEW, Reason.UNKNOWN, None)
    }
    assert all(is_search(body) for body in fake.chats)


async def test_a_run_that_ends_early_leaves_numbers_for_the_next_and_no_text():
    async def hang(exchange: Exchange) -> None:
        await asyncio.sleep(60)

    async with an_adapter(replace(TERMS, call_s=0.5), faults={3: hang}) as (adapter, fake):
        with pytest.raises(TransientError) as raised:
            await assessed(adapter)
        kept = repr(vars(adapter._long))
        await assessed(adapter)

    searches = [prompt_of(body) for body in fake.chats if is_search(body)]
    assert raised.value.code == Fault.TIMEOUT
    assert len(searches) == len(set(searches)) + 1
    assert searches[2] == searches[3]
    assert "garden" not in kept


def test_digits_and_marks_may_be_tokens_of_their_own():
    assert most_tokens("1234567890" * 10) == 100
    assert most_tokens("{[(+*)]}=?" * 10) == 100


async def collect(adapter: LocalFeedback, text: str, done: list[CriterionResult]) -> None:
    """One run: what it answers is kept as it comes, as a worker keeps it."""
    async for result in adapter.assess(text, TASK, tuple(done)):
        done.append(result)  # noqa: PERF401 - the run may end in the middle


SLOW_TEXT = " ".join(FILLER.split()[:1001]) + f" {LAST}"


@both_ways
async def test_an_answer_too_long_for_one_call_of_a_slow_machine_is_finished_later(program):
    # Paced at 100 times 20 and 4 tokens a second, with a hundredth of the default deadlines.
    terms = ModelTerms(MODEL, phase_s=6.0, call_s=0.8)
    done: list[CriterionResult] = []
    async with an_adapter(terms, program, read_tokens_per_s=2000, write_tokens_per_s=400) as (adapter, fake):
        runs = 0
        while len(done) < len(TASK.criteria):
            runs += 1
            with suppress(TransientError):
                await collect(adapter, SLOW_TEXT, done)

    sys.stdout.write(f"{len(SLOW_TEXT.split())} words: {runs} runs, {len(fake.chats)} calls\n")
    assert 1 < runs <= 4
    assert [e.quote for e in done[0].evidence] == [LAST]
    assert any(is_search(body) for body in fake.chats)


@both_ways
async def test_a_loop_that_outlasts_a_call_is_cut_in_the_next_run_and_leaves_one_criterion_to_a_person(
    program,
):
    async def loops(exchange: Exchange) -> None:
        if '"enum": ["c2"]' not in json.dumps(exchange.body["format"]):
            await exchange.chat(good_answer(exchange.body))
            return
        most = exchange.body["options"]["num_predict"]
        await asyncio.sleep(most / 640)
        await exchange.chat('{"evidence": [', done_reason="length")

    async with an_adapter(ModelTerms(MODEL, phase_s=20, call_s=0.6), program, always=loops) as (adapter, _):
        done: list[CriterionResult] = []
        with pytest.raises(TransientError):
            await collect(adapter, "Plants like light.", done)
        await collect(adapter, "Plants like light.", done)

    assert [result.reason for result in done] == [None, Reason.TRUNCATED]


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=40),
    room=st.integers(10, 120),
    umlauts=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_sections_hold_every_sentence_once_and_none_is_above_its_room(lengths, room, umlauts):
    text = " ".join(("ä" if umlauts else "a") * n + "." for n in lengths)
    spans = tuple(Evidence(part, 0, 1) for part in text.split())
    case = Case(TASK, text, spans)

    parts = sections(case, room)

    costs = {nr: most_tokens(sentence_line(nr, span) + "\n") for nr, span in enumerate(spans, 1)}
    if parts is None:
        assert max(costs.values()) > room
        return
    assert [nr for part in parts for nr in part] == list(costs)
    assert all(sum(costs[nr] for nr in part) <= room for part in parts)


@given(
    content=st.text(max_size=200)
    | st.lists(st.integers(-5, 99), max_size=9).map(
        lambda numbers: json.dumps({"found": [{"criterion_id": "c1", "sentences": numbers}]})
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_search_says_only_sentences_of_its_section_are_taken(content):
    found = searched(content, range(3, 8), TASK.criteria[:1])

    assert found is None or set(found["c1"]) <= set(range(3, 8))
