"""A model in the whole program: worker process, database, model server. Its answers depend on the text, as they must."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_ollama import MODEL, Exchange, FakeOllama, a_fake_ollama, good_answer

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.submission import ConfirmText, Language, Task
from learning_worker.launch.oneshot import Analysis, Request, analyse

LEVELS = ("not_yet", "partly", "largely", "fully")
TASK = Task(
    "Why do plants need light?",
    (
        Criterion("inputs", "Names light, water and carbon dioxide"),
        Criterion("term", "Uses the word photosynthesis"),
    ),
    language=Language.ENGLISH,
    confirm_text=ConfirmText.NEVER,
    scores_visible=True,
)
RICH = "Plants need light, water and carbon dioxide. This is called photosynthesis."
POOR = "My bean likes the window. It has light there."


async def weighing(exchange: Exchange) -> None:
    """What a model says that reads: one level per word of the criterion that the answer holds."""
    good: Any = good_answer(exchange.body)
    judgement = good.get("judgement", good)
    if "level" in judgement:
        asked = re.findall(r"The criterion \w+: (.+)", exchange.prompt)[-1]
        answer = re.findall(r"\[\d+\] (.+)", exchange.prompt)
        words = {"light", "water", "carbon", "photosynthesis"} & set(re.findall(r"\w+", asked.lower()))
        held = words & set(re.findall(r"\w+", " ".join(answer).lower()))
        judgement["level"] = LEVELS[round(3 * len(held) / len(words))]
        judgement["evidence"] = judgement["evidence"] if held else []
    await exchange.chat(good)


def judged(analysis: Analysis) -> list[tuple[str, int, list[str]]]:
    """What the report says of each criterion: its id, level and quotes."""
    report: Any = analysis.analysis_json
    return [
        (result["criterion_id"], result["level"], [quote["quote"] for quote in result["evidence"]])
        for result in report["criteria_results"]
    ]


@pytest.mark.slow
async def test_swapping_two_answers_swaps_their_evaluations() -> None:
    async with a_fake_ollama(always=weighing) as fake:
        settings = {
            "LEARNING_FEEDBACK_ADAPTER": "local",
            "OLLAMA_BASE_URL": fake.url,
            "AI_FEEDBACK_MODEL": MODEL,
        }
        requests = [Request((text.encode(),), TASK) for text in (RICH, POOR, POOR, RICH)]
        found = await asyncio.to_thread(analyse, requests, lambda *_: None, more=settings)

    assert [analysis.status for analysis in found] == ["completed"] * 4
    rich, poor, poor_again, rich_again = map(judged, found)
    assert (rich, poor) == (rich_again, poor_again)
    assert [level for _, level, _ in rich] == [3, 3]
    assert [level for _, level, _ in poor] == [1, 0]
    assert found[0].feedback_md != found[1].feedback_md
    assert [quote for _, _, quotes in poor for quote in quotes] == ["It has light there."]


async def ran_with(fake: FakeOllama, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command as a process that finds this model server."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "learning_worker", *arguments],
        cwd=folder,
        env={**os.environ, "OLLAMA_BASE_URL": fake.url, "LEARNING_DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
async def test_feedback_with_ai_asks_the_running_server_and_says_which_model(tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text(RICH)
    (tmp_path / "criteria.yaml").write_text(
        "language: en\ncriteria:\n  - Names light, water and carbon dioxide\n"
    )
    command = ["feedback", "answer.txt", "--criteria", "criteria.yaml", "--ai", "--json"]

    async with a_fake_ollama(always=weighing) as fake:
        ran = await ran_with(fake, tmp_path, *command)

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.startswith(f"Feedback comes from the model {MODEL} on 127.0.0.1:{fake.port}.")
    report = json.loads(ran.stdout)["analysis_json"]
    found = report["schema"], report["source"], report["criteria_results"][0]["level"]
    assert found == ("criteria.v2", "dspy", 3)


@pytest.mark.slow
async def test_demo_with_ai_has_its_samples_assessed_by_the_running_server(tmp_path: Path) -> None:
    async with a_fake_ollama() as fake:
        ran = await ran_with(fake, tmp_path, "demo", "--once", "--ai", "--json")

    assert ran.returncode == 0, ran.stderr
    assert f"Feedback comes from the model {MODEL} on 127.0.0.1:{fake.port}." in ran.stderr
    samples = json.loads(ran.stdout)
    assert [sample["status"] for sample in samples] == ["completed"] * 3
    assert {sample["analysis_json"]["source"] for sample in samples} == {"dspy"}
    assert len(fake.criteria_asked) >= 3


@pytest.mark.slow
def test_demo_with_ai_and_no_server_ends_in_one_sentence_before_anything_starts(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "OLLAMA_BASE_URL": "http://127.0.0.1:9",
        "LEARNING_DATA_DIR": str(tmp_path / "data"),
    }

    ran = subprocess.run(
        [sys.executable, "-m", "learning_worker", "demo", "--ai"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == 1
    assert ran.stderr.startswith(
        "No model server answers at http://127.0.0.1:9; start one with `ollama serve`"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
async def test_evaluate_with_ai_measures_the_running_server(tmp_path: Path) -> None:
    async with a_fake_ollama() as fake:
        ran = await ran_with(fake, tmp_path, "evaluate", "synthetic", "--ai", "--limit", "3")

    assert ran.returncode == 0, ran.stderr
    assert f"Feedback comes from the model {MODEL}" in ran.stderr
    assert "kappa" in ran.stdout
    assert len(fake.criteria_asked) > 3
