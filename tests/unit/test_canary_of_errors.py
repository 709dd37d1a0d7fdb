"""What a pupil wrote or a model said is in no error that leaves the client or DSPy, in none behind it, in no log line."""

import io
import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from fake_ollama import MODEL, Exchange, a_fake_ollama

from learning_worker.adapters.asking import ModelTerms, ProgramFailed
from learning_worker.adapters.dspy_program import DspyProgram
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import ChatRequest, Message, OllamaClient, OllamaConfig
from learning_worker.domain.criteria import Criterion
from learning_worker.domain.errors import AnalysisError, TransientError
from learning_worker.domain.prompts import Case, criterion_prompt
from learning_worker.domain.quotes import sentences
from learning_worker.domain.submission import Language, Task
from learning_worker.observability import logs
from learning_worker.observability.logs import logger

CANARY = "Zebrafinch-4711"
TEXT = f"Plants need light, says {CANARY}. With light and water they make sugar."
CRITERION = Criterion("c1", "Names light and water")
TASK = Task("Why do plants need light?", (CRITERION,), language=Language.ENGLISH)
PROMPT = criterion_prompt(Case(TASK, TEXT, sentences(TEXT)), CRITERION)
GOOD: dict[str, Any] = {
    "criterion_id": "c1",
    "evidence": [{"sentence": 1, "quote": CANARY}],
    "status": "judged",
    "level": "largely",
    "confidence": "low",
    "reason": CANARY,
    "next_step": CANARY,
}
ANSWERS = {
    "prose": f"The pupil {CANARY} did well.",
    "cut": json.dumps({"judgement": GOOD})[:-5],
    "a value": json.dumps({"judgement": {**GOOD, "level": CANARY}}),
    "a type": json.dumps({"judgement": {**GOOD, "evidence": CANARY}}),
    "a key": json.dumps({"judgement": {**GOOD, CANARY: 1}}),
    "a field": json.dumps({CANARY: GOOD}),
    "a list": json.dumps([CANARY]),
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure(strict=True, stream=stream)
    yield stream
    logs.configure()


def words_of(error: BaseException) -> str:
    """The error and all behind it in full, those that `from None` hides, too."""
    left, seen, found = [error], set[int](), ""
    while left:
        part = left.pop()
        if id(part) not in seen:
            seen.add(id(part))
            found += "".join(traceback.format_exception(part, chain=False)) + repr(part) + repr(part.__dict__)
            left += [other for other in (part.__cause__, part.__context__) if other is not None]
    return found


def check(error: BaseException, lines: io.StringIO) -> None:
    logger(__name__).error("job_crashed", exc_info=error)
    assert lines.getvalue().count("job_crashed") == 1
    assert CANARY not in lines.getvalue()
    assert CANARY not in words_of(error)


def test_a_word_behind_a_hidden_error_would_be_found():
    hiding = TypeError()
    hiding.__context__, hiding.__suppress_context__ = ValueError(CANARY), True

    assert CANARY in words_of(hiding)


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_that_dspy_cannot_use_is_in_no_error(name, lines):
    async def ask(messages, schema):
        assert any(CANARY in message.content for message in messages)
        return ANSWERS[name]

    with pytest.raises(ProgramFailed) as raised:
        await DspyProgram().judge(PROMPT, CRITERION, ask)

    check(raised.value, lines)


@pytest.mark.parametrize(
    "body",
    [f'{{"{CANARY}": ', f'{{"model": "{CANARY}"}}', f'{{"message": "{CANARY}", "{CANARY}": 1}}', CANARY],
)
async def test_a_reply_that_is_none_is_in_no_error_of_the_client(body, lines):
    async with a_fake_ollama(always=lambda exchange: exchange.reply(body)) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        with pytest.raises(TransientError) as raised:
            await client.chat(ChatRequest(MODEL, (Message("user", TEXT),)), deadline_s=5)
        await client.aclose()

    check(raised.value, lines)


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "404 Not Found", "500 Internal Server Error", "hangs up"]
)
@pytest.mark.parametrize("program", [None, DspyProgram()], ids=["fixed", "dspy"])
@pytest.mark.parametrize("is_second", [False, True], ids=["at once", "behind an unusable answer"])
async def test_what_reaches_the_pipeline_holds_no_word(status, program, is_second, lines):
    async def repeats_the_prompt(exchange: Exchange) -> None:
        assert CANARY in exchange.prompt
        if status == "hangs up":
            exchange.writer.write(
                f"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{exchange.prompt[:90]}".encode()
            )
        else:
            await exchange.reply(json.dumps({"error": exchange.prompt}), status)

    async def unusable(exchange: Exchange) -> None:
        await exchange.chat(ANSWERS["a key"])

    faults = {1: unusable} if is_second else {}
    async with a_fake_ollama(faults=faults, always=repeats_the_prompt) as fake:
        adapter = LocalFeedback(
            OllamaClient(OllamaConfig(fake.url)), ModelTerms(MODEL, phase_s=20, call_s=5), program
        )
        with pytest.raises(AnalysisError) as raised:
            _ = [result async for result in adapter.assess(TEXT, TASK, ())]
        await adapter.aclose()

    check(raised.value, lines)
