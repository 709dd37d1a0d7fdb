"""A model server on a loopback port that speaks Ollama's protocol to the letter and misbehaves when told to.

Normal answers are computed from the prompt: the sentence that shares most words with the criterion is quoted. Each call
to /api/chat can be given a fault instead. Every request is kept, so that a test can say what went over the wire.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

MODEL = "school-model:7b"
DIGEST = "5e1f" * 16
# llama.cpp makes a grammar of a schema, and takes no rule that may repeat this often.
GRAMMAR_BOUND = 2000
_NUMBERED = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


@dataclass
class Exchange:
    """One request, as it came in, and the way to answer it."""

    path: str
    body: dict[str, Any]
    writer: asyncio.StreamWriter

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.body["messages"])

    async def reply(
        self, content: bytes | str, status: str = "200 OK", kind="application/json", **headers: str
    ) -> None:
        payload = content.encode() if isinstance(content, str) else content
        lines = [
            f"HTTP/1.1 {status}",
            f"content-type: {kind}",
            f"content-length: {len(payload)}",
            "connection: close",
        ]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        await self.writer.drain()

    async def chat(self, content: object, **changes: object) -> None:
        """A regular answer of /api/chat around this content; changes replace or (None) remove keys."""
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        whole: dict[str, object] = {
            "model": self.body["model"],
            "created_at": "2026-11-01T08:00:00.000000Z",
            "message": {"role": "assistant", "content": text},
            "done": True,
            "done_reason": "stop",
            "total_duration": 5_000_000,
            "prompt_eval_count": tokens(self.prompt),
            "eval_count": tokens(text),
        }
        whole.update(changes)
        await self.reply(json.dumps({key: value for key, value in whole.items() if value is not None}))


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class FakeOllama:
    """The server. faults: call number of /api/chat (from 1) -> what happens instead; always: at every other call."""

    faults: dict[int, Fault] = field(default_factory=dict)
    always: Fault | None = None
    shared: dict[str, Any] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ("completion",)
    # What /api/tags lists instead of the one model; what /api/show says of single ones.
    tags: list[dict[str, Any]] | None = None
    capabilities_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # What /api/ps says of the model: its bytes, and those of them on a card; whether it is in memory before it is asked.
    memory: tuple[int, int] = (1, 0)
    is_loaded: bool = True
    # Whether /api/show answers.
    has_card: bool = True
    page_text: str = "What was written."
    context_tokens: int = 32768
    digest: str = DIGEST
    name: str = MODEL
    read_tokens_per_s: float = 0.0
    write_tokens_per_s: float = 0.0
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    port: int = 0
    _last_prompt: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of all calls of /api/chat."""
        return [body for path, body in self.requests if path == "/api/chat"]

    @property
    def criteria_asked(self) -> list[str]:
        """The criterion of each call that asked for a judgement, in order."""
        ids = [(_judgement_schema(body.get("format", {})) or {}).get("criterion_id") for body in self.chats]
        return [entry["enum"][0] for entry in ids if entry]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                content = await reader.readexactly(int(length.group(1)) if length else 0)
                await self._answer(head.split()[1].decode(), content, writer)
                if not writer.is_closing():
                    writer.close()
                return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, content: bytes, writer: asyncio.StreamWriter) -> None:
        body = json.loads(content) if content else {}
        self.requests.append((path, body))
        exchange = Exchange(path, body, writer)
        if path == "/api/chat":
            if _most_repetitions(body.get("format")) >= GRAMMAR_BOUND:
                await exchange.reply('{"error": "failed to parse grammar"}', "400 Bad Request")
                return
            fault = self.faults.get(len(self.chats), self.always)
            await (fault or self.answer)(exchange)
            return
        await self._about(exchange)

    async def _about(self, exchange: Exchange) -> None:
        if exchange.path == "/api/show" and not self.has_card:
            await exchange.reply("{}", "503 Service Unavailable")
            return
        tag = {"name": self.name, "model": self.name, "digest": self.digest, "size": 1}
        in_memory = {**tag, "size": self.memory[0], "size_vram": self.memory[1]}
        answers: Mapping[str, object] = {
            "/api/tags": {"models": [tag] if self.tags is None else self.tags},
            "/api/ps": {"models": [in_memory] if self.is_loaded or self.chats else []},
            "/api/version": {"version": "0.40.0"},
            "/api/show": {
                "capabilities": list(
                    self.capabilities_of.get(exchange.body.get("model", ""), self.capabilities)
                ),
                "model_info": {"general.architecture": "llama", "llama.context_length": self.context_tokens},
            },
        }
        if exchange.path not in answers:
            await exchange.reply('{"error": "not found"}', "404 Not Found")
            return
        await exchange.reply(json.dumps(answers[exchange.path]))

    async def answer(self, exchange: Exchange) -> None:
        """What a good model would say; at its pace, with what the last prompt had in common read already."""
        shown = any(message.get("images") for message in exchange.body["messages"])
        good = {"page": "text", "text": self.page_text} if shown else good_answer(exchange.body)
        text = json.dumps(good, ensure_ascii=False)
        if self.read_tokens_per_s:
            common = shared_prefix(self._last_prompt, exchange.prompt)
            await asyncio.sleep(tokens(exchange.prompt[common:]) / self.read_tokens_per_s)
        if self.write_tokens_per_s:
            await asyncio.sleep(tokens(text) / self.write_tokens_per_s)
        self._last_prompt = exchange.prompt
        await exchange.chat(text)


@asynccontextmanager
async def a_fake_ollama(**options: Any) -> AsyncIterator[FakeOllama]:
    """A running server on a free loopback port; connections that still hang are cut at the end."""
    fake = FakeOllama(**options)
    running: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(fake.handle(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**24)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _most_repetitions(schema: object) -> int:
    """The largest bound on a length or a count anywhere in a schema, 0 for none."""
    if isinstance(schema, list):
        return max(map(_most_repetitions, schema), default=0)
    if not isinstance(schema, dict):
        return 0
    names = ("minLength", "maxLength", "minItems", "maxItems")
    own = [bound for name in names if isinstance(bound := schema.get(name), int)]
    return max([*own, *map(_most_repetitions, schema.values())], default=0)


def tokens(text: str) -> int:
    """A stand-in for a vocabulary: words and marks."""
    return len(re.findall(r"\w{1,8}|[^\w\s]", text))


def shared_prefix(first: str, second: str) -> int:
    """How many characters two prompts have in common at the start."""
    return next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )


def _judgement_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The properties of the judgement within a schema, at the top or one level down."""
    properties = schema.get("properties", {})
    if "evidence" in properties:
        return dict(properties)
    for inner in properties.values():
        resolved = _resolved(inner, schema)
        if "evidence" in resolved.get("properties", {}):
            return dict(resolved["properties"])
    return None


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref", "")
    return schema.get("$defs", {}).get(reference.rsplit("/", 1)[-1], {}) if reference else part


def good_answer(body: Mapping[str, Any]) -> object:
    """The answer that fits the request's schema, wrapped as the schema wraps it."""
    schema = body.get("format") or {}
    if set(schema.get("properties", {})) == {"zq"}:
        return {"zq": "blue"}  # the probe of what the model can do
    prompt = "\n".join(message["content"] for message in body["messages"])
    if wanted := _wanted(schema):
        inner: object = _search(wanted, prompt)
    else:
        inner = _judgement(schema, prompt) if _judgement_schema(schema) else _wording(prompt)
    keys = list(schema.get("properties", {}))
    return inner if len(keys) != 1 or keys == ["found"] else {keys[0]: inner}


def _wanted(schema: Mapping[str, Any]) -> list[str]:
    """The criteria of a search in one section of a long answer; none for another question."""
    for part in (schema, schema.get("properties", {}).get("search", {})):
        entry = part.get("properties", {}).get("found", {}).get("items", {})
        if entry:
            return list(entry["properties"]["criterion_id"]["enum"])
    return []


def _search(wanted: list[str], prompt: str) -> dict[str, object]:
    """Per criterion the sentences that share a word of six letters with it."""
    found = []
    for criterion_id in wanted:
        asked = re.search(rf"^- {re.escape(criterion_id)}: (.+)", prompt, re.MULTILINE)
        words = set(re.findall(r"\w{6,}", asked.group(1).lower())) if asked else set()
        numbers = [
            int(nr)
            for nr, line in _NUMBERED.findall(prompt)
            if words & set(re.findall(r"\w{6,}", line.lower()))
        ]
        found.append({"criterion_id": criterion_id, "sentences": numbers[:5]})
    return {"found": found}


def _judgement(schema: Mapping[str, Any], prompt: str) -> dict[str, object]:
    properties = _judgement_schema(schema) or {}
    criterion_id = properties["criterion_id"].get("enum", ["?"])[0]
    asked = re.search(rf"The criterion {re.escape(criterion_id)}: (.+)", prompt)
    wanted = set(re.findall(r"\w{4,}", asked.group(1).lower())) if asked else set()
    answer = re.search(r"<answer (\w+)>\n(.*?)\n</answer \1>", prompt, re.DOTALL)
    numbered = _NUMBERED.findall(answer.group(2)) if answer else []
    number, quote = max(
        numbered,
        key=lambda found: len(wanted & set(re.findall(r"\w{4,}", found[1].lower()))),
        default=("0", ""),
    )
    is_german = "German" in prompt
    return {
        "criterion_id": criterion_id,
        "evidence": [{"sentence": int(number), "quote": quote}] if quote else [],
        "status": "judged",
        "level": "largely" if quote else "not_yet",
        "confidence": "medium",
        "reason": "Der Satz nennt das schon." if is_german else "The sentence says so.",
        "next_step": "Schreib dazu noch einen Satz." if is_german else "Add one more sentence.",
    }


def _wording(prompt: str) -> dict[str, object]:
    results = [json.loads(line) for line in prompt.splitlines() if line.startswith('{"criterion_id"')]
    is_german = "German" in prompt
    strong = [r for r in results if r["level"] in {"largely", "fully"}]
    weak = [r for r in results if r["level"] != "fully"]
    works, step = (
        ("Das steht klar im Text.", "Schreib dazu noch einen Satz.")
        if is_german
        else ("The text says this clearly.", "Add one more sentence.")
    )
    polite = '"Sie"' in prompt
    if polite:
        step = "Schreiben Sie dazu noch einen Satz."
    return {
        "works": [{"criterion_id": r["criterion_id"], "text": works} for r in strong[:2]],
        "next": [{"criterion_id": r["criterion_id"], "text": step} for r in weak[:3]],
        "try_now": step,
    }
