"""Reading with a vision model against the exact fake server: what goes over the wire, and what is never taken for a page."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_ollama import MODEL, Exchange, FakeOllama, a_fake_ollama

from learning_worker.adapters.local_vision import LocalVision, VisionTerms
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.errors import AnalysisError, ErrorCode, Fault, InputError, PermanentError
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.ports import Page

TASK = Task("Erkläre, warum Pflanzen Licht brauchen.", ())
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PAGE = Page(1, None, PNG)
SEES = ("completion", "vision")
CALL_S = 0.5
LONG = "Wort für Wort steht hier etwas anderes als zuvor. "


@asynccontextmanager
async def a_reader(page_s: float = 20.0, **options: object) -> AsyncIterator[tuple[LocalVision, FakeOllama]]:
    async with a_fake_ollama(**{"capabilities": SEES, **options}) as fake:
        vision = LocalVision(OllamaClient(OllamaConfig(fake.url)), VisionTerms(MODEL, page_s))
        try:
            yield vision, fake
        finally:
            await vision.aclose()


def says(content: object, **changes: object):
    async def fault(exchange: Exchange) -> None:
        await exchange.chat(content, **changes)

    return fault


def copy(text: str, page: str = "text") -> dict[str, str]:
    return {"page": page, "text": text}


def sends(content: bytes | str, status: str = "200 OK", **headers: str):
    async def fault(exchange: Exchange) -> None:
        await exchange.reply(content, status, **headers)

    return fault


async def hangs(exchange: Exchange) -> None:
    await asyncio.Event().wait()


async def drips(exchange: Exchange) -> None:
    exchange.writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        exchange.writer.write(b" ")
        await exchange.writer.drain()
        await asyncio.sleep(0.05)


async def hangs_up(exchange: Exchange) -> None:
    exchange.writer.close()


async def stops_half_way(exchange: Exchange) -> None:
    exchange.writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{"model": "')
    await exchange.writer.drain()
    exchange.writer.close()


def message(**parts: object):
    return says("", message={"role": "assistant", **parts})


# Nothing of what these say is a pupil's text; each of them is met in the wild or a small step from it.
FAULTS = {
    "garbage": (says("%%%% x9 \ufffd\ufffd"), Fault.ANSWER_INVALID),
    "an empty content": (says(""), Fault.ANSWER_INVALID),
    "white space": (says("  \n\n "), Fault.ANSWER_INVALID),
    "an empty object": (says({}), Fault.ANSWER_INVALID),
    "a text page without text": (says(copy("  ")), Fault.ANSWER_INVALID),
    "a blank page with text": (says(copy("Doch etwas.", "blank")), Fault.ANSWER_INVALID),
    "a kind of page that does not exist": (says(copy("Etwas.", "photo")), Fault.ANSWER_INVALID),
    "prose around the copy": (says("Here is the text: Plants need light."), Fault.ANSWER_INVALID),
    "one field too many": (says({**copy("Etwas."), "grade": "A"}), Fault.ANSWER_INVALID),
    "a number for the text": (says({"page": "text", "text": 7}), Fault.ANSWER_INVALID),
    "JSON cut short": (says('{"page": "text", "text": "Pflanzen brau'), Fault.ANSWER_INVALID),
    "cut off by the token cap": (says(copy("Pflanzen brauchen"), done_reason="length"), Fault.ANSWER_INVALID),
    "not done": (says(copy("Pflanzen"), done=False), Fault.ANSWER_INVALID),
    "a loop of words": (says(copy("Pflanzen brauchen " * 200)), Fault.ANSWER_INVALID),
    "a loop of lines": (says(copy(LONG + "Das Licht scheint auf das Blatt.\n" * 40)), Fault.ANSWER_INVALID),
    "a loop of one letter": (says(copy("Da stand a" + "a" * 300)), Fault.ANSWER_INVALID),
    "a refusal": (says(copy("I'm sorry, but I can't assist with this image.")), Fault.MODEL_REFUSED),
    "a refusal in German": (
        says(copy("Es tut mir leid, aber ich kann den Inhalt dieses Bildes nicht lesen.")),
        Fault.MODEL_REFUSED,
    ),
    "a refusal without JSON": (says("I cannot transcribe the text in this image."), Fault.MODEL_REFUSED),
    "all text in thinking": (message(content="", thinking="The page says: plants."), Fault.ANSWER_INVALID),
    "a tool call": (
        message(content=json.dumps(copy("x")), tool_calls=[{"function": {}}]),
        Fault.ANSWER_INVALID,
    ),
    "another model's answer": (says(copy("Etwas."), model="other:1b"), Fault.ANSWER_INVALID),
    "a context filled to the brim": (says(copy("Etwas."), prompt_eval_count=8192), Fault.ANSWER_INVALID),
    "a web page": (sends("<html><body>Gateway</body></html>"), Fault.ANSWER_INVALID),
    "only control characters": (says(copy("\x00\x01\x02\x1b")), Fault.ANSWER_INVALID),
    "more text than a page holds": (says(copy("Wort " * 20_000)), Fault.ANSWER_INVALID),
    "25 MB": (sends(b'{"model": "' + b"x" * 25_000_000), Fault.ANSWER_INVALID),
    "a compressed body": (sends(b"\x1f\x8b\x08", content_encoding="gzip"), Fault.ANSWER_INVALID),
    "a body that drips": (drips, Fault.TIMEOUT),
    "no answer": (hangs, Fault.TIMEOUT),
    "a connection cut at once": (hangs_up, Fault.MODEL_UNREACHABLE),
    "a connection cut half way": (stops_half_way, Fault.MODEL_UNREACHABLE),
    "400": (sends("{}", "400 Bad Request"), Fault.REQUEST_REFUSED),
    "404": (sends("{}", "404 Not Found"), Fault.MODEL_MISSING),
    "429": (sends("{}", "429 Too Many Requests"), Fault.MODEL_BUSY),
    "500": (sends("{}", "500 Internal Server Error"), Fault.MODEL_UNREACHABLE),
    "503": (sends("{}", "503 Service Unavailable", retry_after="7"), Fault.MODEL_BUSY),
    "a redirect": (sends("", "302 Found", location="http://192.0.2.1/"), Fault.MODEL_UNREACHABLE),
}


@pytest.mark.parametrize(("fault", "code"), [pytest.param(f, c, id=name) for name, (f, c) in FAULTS.items()])
async def test_what_is_no_copy_of_the_page_is_never_taken_for_one(fault, code: Fault):
    async with a_reader(CALL_S, always=fault) as (vision, _):
        started_at = time.monotonic()

        with pytest.raises(AnalysisError) as raised:
            await vision.read(PAGE, TASK)

        assert raised.value.code == code
        assert time.monotonic() - started_at < CALL_S + 1.0


async def test_an_answer_that_is_no_copy_is_asked_for_once_more_with_another_seed():
    async with a_reader(faults={1: says(copy("ja " * 300))}) as (vision, fake):
        reading = await vision.read(PAGE, TASK)

        assert reading.text_md == "What was written."
        assert [chat["options"]["seed"] for chat in fake.chats] == [0, 1]


async def test_the_model_sees_the_page_and_neither_task_nor_criteria():
    async with a_reader(capabilities=(*SEES, "thinking")) as (vision, fake):
        await vision.read(PAGE, TASK)

        [chat] = fake.chats
        [picture] = chat["messages"][1]["images"]
        assert base64.b64decode(picture) == PNG
        assert TASK.instruction_md not in json.dumps(chat, ensure_ascii=False)
        assert "Never correct" in chat["messages"][0]["content"]
        assert (chat["think"], chat["options"]["temperature"]) == (False, 0)
        assert set(chat["format"]["properties"]) == {"page", "text"}


async def test_mistakes_and_mark_up_of_the_pupil_stay_as_the_model_copied_them():
    text = "# Versuch\n\nDie Blässchen wahren *größer*, nehmlich | 42 |.\n\n- erstens\n- zweitens [?]"
    async with a_reader(page_text=text) as (vision, _):
        assert (await vision.read(PAGE, TASK)).text_md == text


async def test_a_fence_around_the_whole_copy_and_control_characters_are_taken_off():
    async with a_reader(page_text="```markdown\nEin\u0000 Satz.\r\nNoch einer.\n```") as (vision, _):
        assert (await vision.read(PAGE, TASK)).text_md == "Ein Satz.\nNoch einer."


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Alles war gut zu lesen.", 1.0),
        ("Das [?] war gut zu lesen, das andere", 0.75),
        ("[?] [?] [?]", 0.0),
    ],
)
async def test_words_nobody_could_read_lower_the_confidence(text: str, confidence: float):
    async with a_reader(page_text=text) as (vision, _):
        reading = await vision.read(PAGE, TASK)

        assert reading == PageReading(1, text, TextSource.MODEL, confidence)


@pytest.mark.parametrize(
    ("kind", "code"), [("blank", Fault.PAGE_BLANK), ("illegible", ErrorCode.INPUT_UNREADABLE)]
)
async def test_a_page_without_anything_to_read_is_the_files_own_fault(kind: str, code: str):
    async with a_reader(always=says(copy("", kind))) as (vision, _):
        with pytest.raises(InputError) as raised:
            await vision.read(PAGE, TASK)

        assert (raised.value.final, raised.value.code) == (ErrorCode.INPUT_UNREADABLE, code)


async def test_a_model_that_takes_no_images_is_never_shown_a_page():
    async with a_reader(capabilities=("completion",)) as (vision, fake):
        with pytest.raises(PermanentError) as raised:
            await vision.read(PAGE, TASK)

        assert raised.value.code == Fault.MODEL_BLIND
        assert fake.chats == []


async def test_a_text_layer_never_reaches_the_model():
    async with a_reader() as (vision, fake):
        reading = await vision.read(Page(3, "Genau so.", None), TASK)

        assert reading == PageReading(3, "Genau so.", TextSource.LAYER)
        assert fake.requests == []


async def test_a_long_page_of_different_words_is_no_loop():
    text = " ".join(f"wort{n} und zahl {n * 7}" for n in range(300))
    async with a_reader(page_text=text) as (vision, _):
        assert (await vision.read(PAGE, TASK)).text_md == text


async def test_a_pupil_who_writes_about_helping_is_copied():
    text = "I'm sorry I could not help my brother see the picture, because it was dark."
    async with a_reader(page_text=text) as (vision, _):
        assert (await vision.read(PAGE, TASK)).text_md == text
