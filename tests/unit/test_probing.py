"""What models can do reaches the worker's log, the health page and the doctor, and stops none of them."""

import asyncio

import pytest
from fake_ollama import MODEL, Exchange, a_fake_ollama

from learning_worker import wiring
from learning_worker.launch.doctor_models import model_server
from learning_worker.settings import Settings
from learning_worker.wiring.probing import Probes, log_capabilities

CAN = "schema=yes,think=no,images=yes,cpu=yes,context=32768"
SEES = ("completion", "vision")


async def ignores_forms(exchange: Exchange) -> None:
    await exchange.chat("hello")


def settings_for(monkeypatch: pytest.MonkeyPatch, url: str) -> Settings:
    values = {
        "AI_BACKEND": "local",
        "AI_FEEDBACK_MODEL": MODEL,
        "AI_VISION_MODEL": MODEL,
        "OLLAMA_BASE_URL": url,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


async def model_server_detail(settings: Settings, probes: Probes) -> str:
    model_server_check, _ = wiring.health_checks(settings, probes)
    return (await model_server_check()).detail


async def test_health_answers_at_once_and_knows_the_model_soon_asking_once(monkeypatch):
    async with a_fake_ollama(capabilities=SEES) as server:
        settings = settings_for(monkeypatch, server.url)
        probes = Probes(settings)

        first = await model_server_detail(settings, probes)
        async with asyncio.timeout(10):
            while (later := await model_server_detail(settings, probes)) == first:  # noqa: ASYNC110 - the page is asked, as a person reloads it
                await asyncio.sleep(0.01)
        await model_server_detail(settings, probes)
        await probes.aclose()

    assert (first, later) == ("models=1 probing", f"models=1 {CAN}")
    assert len(server.chats) == 1


async def test_a_probe_that_hangs_neither_delays_health_nor_the_end(monkeypatch):
    async def hangs(exchange: Exchange) -> None:
        await asyncio.Event().wait()

    async with a_fake_ollama(always=hangs, capabilities=SEES) as server:
        settings = settings_for(monkeypatch, server.url)
        probes = Probes(settings)

        async with asyncio.timeout(3):
            detail = await model_server_detail(settings, probes)
            await probes.aclose()

    assert detail == "models=1 probing"


async def test_a_worker_logs_each_model_once_as_codes(monkeypatch, capsys):
    async with a_fake_ollama(capabilities=SEES) as server:
        await log_capabilities(settings_for(monkeypatch, server.url))

    lines = capsys.readouterr()
    assert (lines.out + lines.err).count("model_probed") == 1
    assert CAN in lines.out + lines.err


async def test_a_server_that_is_not_there_is_a_line_in_the_log_and_nothing_else(monkeypatch, capsys):
    await log_capabilities(settings_for(monkeypatch, "http://127.0.0.1:1"))

    lines = capsys.readouterr()
    assert "model_not_probed" in lines.out + lines.err


@pytest.mark.parametrize(
    ("manner", "is_quick", "code"),
    [
        (None, False, "model_keeps_form"),
        (ignores_forms, False, "model_ignores_form"),
        (ignores_forms, True, None),
    ],
)
async def test_the_doctor_tries_the_model_out_unless_it_is_in_a_hurry(monkeypatch, manner, is_quick, code):
    async with a_fake_ollama(always=manner, capabilities=SEES) as server:
        found = await model_server(settings_for(monkeypatch, server.url), is_quick=is_quick)

    forms = [finding for finding in found if "form" in finding.code]
    assert [finding.code for finding in forms] == ([code] if code else [])
    assert all("32768" in finding.sentences("de")[0] for finding in forms)
