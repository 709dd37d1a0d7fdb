"""`--ai`: which model is asked, and what is said where there is none."""

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from fake_ollama import DIGEST, MODEL, FakeOllama, a_fake_ollama

from learning_worker.launch.evaluate import Order, evaluate
from learning_worker.launch.local_ai import LOCAL_SERVER, LocalAi, local_ai, without_ai
from learning_worker.launch.oneshot import LaunchError
from learning_worker.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*(key.upper() for key in Settings.model_fields), "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def a_tag(name: str, size: int = 1, **more: object) -> dict[str, Any]:
    return {"name": name, "model": name, "digest": DIGEST, "size": size, **more}


async def chosen(fake: FakeOllama, monkeypatch: pytest.MonkeyPatch, **more: str) -> tuple[LocalAi, str]:
    """What --ai makes of a running server, and what it says; in a thread, as a command has no loop of its own."""
    for name, value in {"OLLAMA_BASE_URL": fake.url, **more}.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    found = await asyncio.to_thread(local_ai, Settings.load(ai=False), said.append)
    return found, "\n".join(said)


async def test_the_first_model_that_can_answer_and_lies_on_the_server_is_taken_and_named(monkeypatch):
    tags = [
        a_tag("gpt-oss:120b-cloud"),
        a_tag("far:1b", remote_host="https://elsewhere.example"),
        a_tag("listed:70b", size=0),
        a_tag("nomic:1b"),
        a_tag("good:7b"),
        a_tag("other:3b"),
    ]
    async with a_fake_ollama(tags=tags, capabilities_of={"nomic:1b": ("embedding",)}) as fake:
        found, said = await chosen(fake, monkeypatch)

    assert said.startswith(
        f"Feedback comes from the model good:7b on 127.0.0.1:{fake.port} (others there: other:3b;"
    )
    assert found.settings.ai_feedback_model == "good:7b"
    assert found.environment == {
        "LEARNING_FEEDBACK_ADAPTER": "local",
        "OLLAMA_BASE_URL": fake.url,
        "AI_FEEDBACK_MODEL": "good:7b",
    }


async def test_a_chosen_model_is_taken_whatever_else_is_there(monkeypatch):
    async with a_fake_ollama(tags=[a_tag("good:7b"), a_tag("mine:3b")]) as fake:
        found, said = await chosen(fake, monkeypatch, AI_FEEDBACK_MODEL="mine:3b")

    assert found.settings.ai_feedback_model == "mine:3b"
    assert said == f"Feedback comes from the model mine:3b on 127.0.0.1:{fake.port}."


async def test_a_model_that_is_not_there_is_told_with_the_cure_in_both_languages(monkeypatch):
    async with a_fake_ollama() as fake:
        with pytest.raises(LaunchError) as english:
            await chosen(fake, monkeypatch, AI_FEEDBACK_MODEL="none:1b")
        with pytest.raises(LaunchError) as german:
            await chosen(fake, monkeypatch, AI_FEEDBACK_MODEL="none:1b", LC_ALL="de_DE.UTF-8")

    assert "does not have the model none:1b; get it with `ollama pull none:1b`" in str(english.value)
    assert "hat das Modell none:1b nicht" in str(german.value)


@pytest.mark.parametrize("tags", [[], [a_tag("gpt-oss:120b-cloud")]])
async def test_a_server_without_a_model_of_its_own_is_told_how_to_get_one(monkeypatch, tags):
    async with a_fake_ollama(tags=tags) as fake:
        with pytest.raises(LaunchError) as raised:
            await chosen(fake, monkeypatch)

    assert "has no model of its own that can answer; get one with `ollama pull" in str(raised.value)


def test_without_a_server_one_sentence_says_what_to_do(monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OLLAMA_BASE_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")

        with pytest.raises(LaunchError) as raised:
            local_ai(Settings.load(ai=False), print)

    assert str(raised.value).startswith("No model server answers at http://127.0.0.1:")
    assert "`ollama serve`" in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_what_is_no_ollama_is_not_taken_for_one(monkeypatch):
    async with a_fake_ollama(tags=[{"nonsense": 1}]) as fake:
        with pytest.raises(LaunchError) as raised:
            await chosen(fake, monkeypatch)

    assert "does not speak Ollama's protocol" in str(raised.value)


def test_this_machine_is_asked_when_no_server_is_named(monkeypatch):
    asked: list[str] = []
    monkeypatch.setenv("AI_FEEDBACK_MODEL", "surely-not-there:1b")

    try:
        local_ai(Settings.load(ai=False), asked.append)
    except LaunchError as error:
        asked.append(str(error))

    assert LOCAL_SERVER in asked[0]


@pytest.mark.parametrize("url", ["http://ai.example.org:11434", "http://127.0.0.1:11434/v1"])
def test_no_host_is_asked_that_is_not_allowed(monkeypatch, url):
    monkeypatch.setenv("OLLAMA_BASE_URL", url)

    with pytest.raises(SettingsError):
        Settings.load(ai=False)


def test_without_the_option_nothing_changes():
    settings = Settings.load()

    found = without_ai(settings)

    assert found.settings is settings
    assert found.environment == {}


async def test_an_evaluation_names_model_digest_and_program_and_counts_quotes(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("LEARNING_DATA_DIR", str(tmp_path))
    async with a_fake_ollama() as fake:
        found, _ = await chosen(fake, monkeypatch)
        order = Order("injections", runs=1, limit=1, resume=tmp_path / "kept.jsonl")
        report = await asyncio.to_thread(evaluate, found.settings, order, lambda *_: None)

    assert (report.subject.model, report.subject.model_digest) == (MODEL, DIGEST)
    assert [name[:4] for name in report.program_versions] == ["dspy"]
    assert (report.cases, report.errors) == (1, {})
    assert report.injections is not None
    assert report.variants == report.injections.of > 0
    assert report.quotes_verbatim is not None
    assert (report.quotes_verbatim.rate, report.cost.calls) == (1.0, 4)
    lines = (tmp_path / "kept.jsonl").read_text().splitlines()
    assert len(lines) == 1 + report.cases + report.variants
    assert all(len(json.dumps(value)) < 100 for line in lines for value in json.loads(line).values() if value)
    assert os.environ["OLLAMA_BASE_URL"] == fake.url


async def test_an_evaluation_stops_with_the_way_on_when_the_server_goes_away(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("LEARNING_DATA_DIR", str(tmp_path))

    async def busy(exchange: Any) -> None:
        await exchange.reply("{}", "503 Service Unavailable")

    kept = tmp_path / "kept.jsonl"
    async with a_fake_ollama(faults=dict.fromkeys(range(6, 40), busy)) as fake:
        found, _ = await chosen(fake, monkeypatch)
        order = Order("synthetic", runs=1, limit=3, resume=kept)
        with pytest.raises(LaunchError) as raised:
            await asyncio.to_thread(evaluate, found.settings, order, lambda *_: None)
        fake.faults.clear()
        report = await asyncio.to_thread(evaluate, found.settings, order, lambda *_: None)

    assert f"`--resume {kept}` goes on where this stopped" in str(raised.value)
    assert (report.cases, report.errors, report.unscored.of) == (3, {}, 9)
