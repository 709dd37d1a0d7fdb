"""The DSPy program: when it hands over to fixed prompts, and what it leaves behind."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dspy
import pytest
from fake_ollama import MODEL, Exchange, a_fake_ollama, good_answer

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.dspy_program import DspyProgram
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.criteria import Criterion, ReportSource, ResultStatus
from learning_worker.domain.submission import Language, Task
from learning_worker.observability import logs

CANARY = "Zebrafinch-4711"
TEXT = f"Plants need light, says {CANARY}. With light and water they make sugar."
TASK = Task(
    "Why do plants need light?",
    (Criterion("c1", "Names light and water"), Criterion("c2", "Says what plants make")),
    language=Language.ENGLISH,
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure(strict=True, stream=stream)
    yield stream
    logs.configure()


async def run(fake, program=None, **terms: float):
    adapter = LocalFeedback(
        OllamaClient(OllamaConfig(fake.url)), ModelTerms(MODEL, **terms), program or DspyProgram()
    )
    try:
        results = [result async for result in adapter.assess(TEXT, TASK, ())]
        return results, await adapter.summarise(TEXT, TASK, results)
    finally:
        await adapter.aclose()


async def test_the_schema_reaches_the_server_although_dspy_sends_none_for_local_models():
    async with a_fake_ollama() as fake:
        _, feedback = await run(fake)

    assert [list(body["format"]["properties"]) for body in fake.chats] == [
        ["judgement"],
        ["judgement"],
        ["wording"],
    ]
    assert all(body["options"]["temperature"] == 0 for body in fake.chats)
    assert str(feedback.provenance["program_version"]).startswith("dspy3.")


async def half_answer(exchange: Exchange) -> None:
    await exchange.chat(json.dumps(good_answer(exchange.body))[:-12] + CANARY)


async def test_an_answer_dspy_cannot_parse_hands_the_whole_run_over_with_one_warning(lines):
    async with a_fake_ollama(faults={1: half_answer}) as fake:
        results, feedback = await run(fake)

    (line,) = [json.loads(text) for text in lines.getvalue().splitlines()]
    assert (line["level"], line["event"], line["code"]) == ("warning", "feedback_fallback", "answer_invalid")
    assert CANARY not in lines.getvalue()
    assert feedback.source is ReportSource.FALLBACK
    assert str(feedback.provenance["program_version"]).startswith("fixed-")
    assert [r.status for r in results] == [ResultStatus.SCORED] * 2
    assert "judgement" not in json.dumps([body["format"] for body in fake.chats[1:]])


async def test_dspy_gets_sixty_percent_of_the_phase(lines):
    async def slow_dspy(exchange: Exchange) -> None:
        if "judgement" in exchange.body["format"]["properties"]:
            await hang(exchange)
        await fake.answer(exchange)

    async with a_fake_ollama(always=slow_dspy) as fake:
        results, feedback = await run(fake, phase_s=1.0, call_s=5.0)

    assert [json.loads(text)["code"] for text in lines.getvalue().splitlines()] == ["timeout"]
    assert feedback.source is ReportSource.FALLBACK
    assert [r.status for r in results] == [ResultStatus.SCORED] * 2


async def hang(exchange: Exchange) -> None:
    await asyncio.sleep(30)


async def test_a_program_that_is_not_configured_hands_over(monkeypatch, lines):
    monkeypatch.setattr(dspy, "LM", lambda *_, **__: (_ for _ in ()).throw(dspy.LMConfigurationError("no")))
    async with a_fake_ollama() as fake:
        results, feedback = await run(fake)

    assert [json.loads(text)["code"] for text in lines.getvalue().splitlines()] == ["configuration"]
    assert feedback.source is ReportSource.FALLBACK
    assert len(results) == 2


async def test_nothing_a_pupil_wrote_stays_in_histories():
    async with a_fake_ollama() as fake:
        await run(fake)

    from dspy.clients.base_lm import GLOBAL_HISTORY

    assert GLOBAL_HISTORY == []
    assert dspy.settings.trace in (None, [])
    assert (dspy.cache.enable_disk_cache, dspy.cache.enable_memory_cache) == (False, False)


_RUN = """
import asyncio, sys
reached = set()
def heard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        reached.add(str(args[-1]))
sys.addaudithook(heard)
sys.path[:0] = FOLDERS
from test_dspy_program import run
from fake_ollama import a_fake_ollama
async def main():
    async with a_fake_ollama() as fake:
        await run(fake)
        return fake.port
port = asyncio.run(main())
assert reached == {str(("127.0.0.1", port))}, reached
"""


def test_a_run_reaches_nobody_but_the_model_server_and_leaves_no_file(tmp_path):
    here = Path(__file__).resolve().parent
    code = _RUN.replace("FOLDERS", repr([str(here), str(here.parent)]))

    ended = subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


_WITHOUT_DSPY = """
import asyncio, os, sys
sys.modules["dspy"] = None
sys.path[:0] = FOLDERS
from fake_ollama import MODEL, a_fake_ollama
from learning_worker import wiring
from learning_worker.domain.criteria import Criterion
from learning_worker.domain.submission import Language, Task
from learning_worker.settings import Settings
async def main():
    async with a_fake_ollama() as fake:
        os.environ |= {"LEARNING_FEEDBACK_ADAPTER": "local", "AI_FEEDBACK_MODEL": MODEL, "OLLAMA_BASE_URL": fake.url}
        adapter = wiring.feedback_adapter(Settings.load())
        task, text = Task("Why?", (Criterion("c1", "Names light"),), Language.ENGLISH), "Plants need light."
        results = [result async for result in adapter.assess(text, task, ())]
        feedback = await adapter.summarise(text, task, results)
        await adapter.aclose()
    print(results[0].status.value, [quote.quote for quote in results[0].evidence], feedback.source.value)
asyncio.run(main())
"""


def test_without_dspy_an_answer_is_assessed_with_fixed_prompts():
    here = Path(__file__).resolve().parents[1]

    ended = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DSPY.replace("FOLDERS", repr([str(here)]))],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.stdout == "scored ['Plants need light.'] fallback\n", ended.stderr
    assert json.loads(ended.stderr.splitlines()[0])["event"] == "dspy_missing"


def test_without_dspy_the_rest_can_be_imported():
    code = (
        "import sys; sys.modules['dspy'] = None\n"
        "import learning_worker.adapters.local_feedback, learning_worker.wiring\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
