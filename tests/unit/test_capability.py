"""The probe of a model: what it says, and that it asks once per digest."""

import pytest
from fake_ollama import DIGEST, MODEL, Exchange, a_fake_ollama

from learning_worker.adapters.capability import Prober
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.errors import Fault, TransientError


async def obeys_the_form(exchange: Exchange) -> None:
    await exchange.chat({"zq": "blue"})


async def obeys_the_prompt(exchange: Exchange) -> None:
    await exchange.chat("hello")


async def only_thinks(exchange: Exchange) -> None:
    await exchange.chat("", message={"role": "assistant", "content": "", "thinking": "hello"})


@pytest.mark.parametrize(
    ("manner", "enforces"), [(obeys_the_form, True), (obeys_the_prompt, False), (only_thinks, False)]
)
async def test_a_probe_says_whether_the_schema_is_enforced(manner, enforces):
    async with a_fake_ollama(always=manner, capabilities=("completion", "vision", "thinking")) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        found = await Prober(client).probe(MODEL)
        await client.aclose()

    assert (found.enforces_schema, found.can_think, found.sees_images) == (enforces, True, True)
    assert (found.digest, found.version, found.context_tokens, found.is_on_cpu) == (
        DIGEST,
        "0.40.0",
        32768,
        True,
    )


async def test_a_name_without_its_tag_is_found_in_memory_too():
    async with a_fake_ollama(always=obeys_the_form, name="school-model:latest") as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        found = await Prober(client).probe("school-model")
        await client.aclose()

    assert found.is_on_cpu is True


async def test_a_digest_is_probed_once():
    async with a_fake_ollama(always=obeys_the_form) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        prober = Prober(client)
        assert await prober.probe(MODEL) == await prober.probe(MODEL)
        await client.aclose()

    assert len(fake.chats) == 1


async def test_a_busy_server_is_not_taken_for_a_poor_model():
    async with a_fake_ollama(always=lambda e: e.reply("{}", "503 Service Unavailable")) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        with pytest.raises(TransientError) as raised:
            await Prober(client).probe(MODEL)
        await client.aclose()

    assert raised.value.code == Fault.MODEL_BUSY
