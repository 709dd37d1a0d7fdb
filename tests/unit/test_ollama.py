"""The client of the model server: what goes over the wire, and how every bad day ends."""

import asyncio
import json
import time

import pytest
from fake_ollama import DIGEST, MODEL, Exchange, a_fake_ollama

from learning_worker.adapters.ollama import ChatRequest, Message, OllamaClient, OllamaConfig
from learning_worker.domain.errors import AnalysisError, Fault, PermanentError, TransientError

SCHEMA = {"type": "object", "properties": {"try_now": {"type": "string"}, "next": {"type": "array"}}}
REQUEST = ChatRequest(MODEL, (Message("system", "rules"), Message("user", "answer")), SCHEMA, num_ctx=4096)


async def test_the_wire_carries_everything_that_makes_an_answer_repeatable():
    async with a_fake_ollama() as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        answer = await client.chat(REQUEST, deadline_s=5)
        await client.aclose()

    (body,) = fake.chats
    assert body["format"] == SCHEMA
    assert body["options"] == {"temperature": 0, "seed": 0, "num_ctx": 4096, "num_predict": 700}
    assert (body["stream"], body["truncate"], body["shift"], body["keep_alive"]) == (
        False,
        False,
        False,
        "15m",
    )
    assert "think" not in body
    assert (answer.done_reason, answer.prompt_tokens, answer.has_thinking) == ("stop", 2, False)


async def test_model_digest_card_memory_and_version_can_be_asked():
    async with a_fake_ollama(capabilities=("completion", "thinking")) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        card = await client.card(MODEL)

        assert await client.digest(MODEL) == DIGEST
        assert (card.capabilities, card.context_tokens) == ({"completion", "thinking"}, 32768)
        assert [(m.name, m.vram_bytes, m.size_bytes) for m in await client.loaded()] == [(MODEL, 0, 1)]
        assert await client.version() == "0.40.0"
        with pytest.raises(PermanentError) as missing:
            await client.digest("another")
        await client.aclose()

    assert missing.value.code == Fault.MODEL_MISSING


@pytest.mark.parametrize("url", ["http://ai.school.example:11434", "http://10.0.0.7:11434"])
def test_a_host_that_nobody_allowed_is_refused_before_any_connection(url):
    with pytest.raises(ValueError):
        OllamaClient(OllamaConfig(url))
    OllamaClient(OllamaConfig(url, allowed_hosts=(url.removeprefix("http://"),)))


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with a_fake_ollama() as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        assert await client.version() == "0.40.0"
        await client.aclose()


async def status(exchange: Exchange, line: str, **headers: str) -> None:
    await exchange.reply('{"error": "a pupil wrote this"}', line, **headers)


async def drip(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        exchange.writer.write(b" ")
        await exchange.writer.drain()
        await asyncio.sleep(0.05)


async def huge(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    for _ in range(25):
        exchange.writer.write(b"x" * 2**20)
        await exchange.writer.drain()


async def endless_refusal(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    while True:
        exchange.writer.write(b"x" * 2**12)
        await exchange.writer.drain()


async def hang(_: Exchange) -> None:
    await asyncio.sleep(60)


async def cut_off(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{")
    await exchange.writer.drain()


FAULTS = {
    "404": (lambda e: status(e, "404 Not Found"), PermanentError, Fault.MODEL_MISSING),
    "400": (lambda e: status(e, "400 Bad Request"), PermanentError, Fault.REQUEST_REFUSED),
    "400, too long": (
        lambda e: e.reply('{"error": "the input length exceeds the context length"}', "400 Bad Request"),
        PermanentError,
        Fault.PROMPT_TOO_LONG,
    ),
    "400, too long for llama.cpp": (
        lambda e: e.reply(
            '{"error":{"code":400,"message":"request (4476 tokens) exceeds the available context size (4096 tokens)"}}',
            "400 Bad Request",
        ),
        PermanentError,
        Fault.PROMPT_TOO_LONG,
    ),
    "400 without end": (endless_refusal, PermanentError, Fault.REQUEST_REFUSED),
    "401": (lambda e: status(e, "401 Unauthorized"), PermanentError, Fault.MODEL_UNREACHABLE),
    "500": (lambda e: status(e, "500 Internal Server Error"), TransientError, Fault.MODEL_UNREACHABLE),
    "503": (lambda e: status(e, "503 Service Unavailable"), TransientError, Fault.MODEL_BUSY),
    "redirect": (
        lambda e: status(e, "307 Temporary Redirect", location="http://127.0.0.1:1/"),
        PermanentError,
        Fault.MODEL_UNREACHABLE,
    ),
    "garbage": (lambda e: e.reply(b"\xff\x00garbage"), TransientError, Fault.ANSWER_INVALID),
    "empty": (lambda e: e.reply(b""), TransientError, Fault.ANSWER_INVALID),
    "html": (lambda e: e.reply("<html>", kind="text/html"), TransientError, Fault.ANSWER_INVALID),
    "gzip": (lambda e: e.reply(b"\x1f\x8b", content_encoding="gzip"), TransientError, Fault.ANSWER_INVALID),
    "wrong model": (lambda e: e.chat("{}", model="other:1b"), TransientError, Fault.ANSWER_INVALID),
    "not done": (lambda e: e.chat("{}", done=False), TransientError, Fault.ANSWER_INVALID),
    "NaN count": (lambda e: e.chat("{}", eval_count=float("nan")), TransientError, Fault.ANSWER_INVALID),
    "huge": (huge, TransientError, Fault.ANSWER_INVALID),
    "drip": (drip, TransientError, Fault.TIMEOUT),
    "hang": (hang, TransientError, Fault.TIMEOUT),
    "cut off": (cut_off, TransientError, Fault.MODEL_UNREACHABLE),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_of_the_server_ends_in_time_with_our_error(name):
    fault, kind, code = FAULTS[name]
    async with a_fake_ollama(always=fault) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        started_at = time.monotonic()
        with pytest.raises(AnalysisError) as raised:
            await client.chat(REQUEST, deadline_s=0.4)
        took_s = time.monotonic() - started_at
        await client.aclose()

    assert (type(raised.value), raised.value.code) == (kind, code)
    assert took_s < 1.4
    assert "pupil" not in str(raised.value)


@pytest.mark.parametrize(("header", "wait_s"), [("17", 17.0), ("99999", 900.0), ("soon", None), ("-1", None)])
async def test_a_busy_server_may_say_how_long_to_wait(header, wait_s):
    async with a_fake_ollama(always=lambda e: status(e, "503 Busy", retry_after=header)) as fake:
        client = OllamaClient(OllamaConfig(fake.url))
        with pytest.raises(TransientError) as raised:
            await client.chat(REQUEST, deadline_s=2)
        await client.aclose()

    assert raised.value.retry_after_s == wait_s


async def test_a_server_that_is_not_there_is_unreachable():
    client = OllamaClient(OllamaConfig("http://127.0.0.1:9"))
    with pytest.raises(TransientError) as raised:
        await client.version()
    await client.aclose()

    assert raised.value.code == Fault.MODEL_UNREACHABLE


def test_prompts_do_not_appear_in_a_repr():
    assert "answer" not in repr(REQUEST)
    assert json.dumps("rules") not in repr(REQUEST)
