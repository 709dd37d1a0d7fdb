"""A small client of Ollama's protocol: every call ends by its deadline, with an answer or one of our own errors."""

import asyncio
import base64
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from learning_worker.domain.errors import AnalysisError, Fault, PermanentError, TransientError
from learning_worker.domain.model_server import host_and_port, is_allowed

MAX_BYTES = 2 * 1024 * 1024
REFUSAL_BYTES = 4096
CONNECT_S = 5.0
ASK_S = 10.0
MAX_WAIT_S = 900.0
_HEADERS = {"accept": "application/json", "accept-encoding": "identity"}


@dataclass(frozen=True)
class OllamaConfig:
    """Which server is asked. `keep_alive`: how long it keeps a model in memory after a call, in its own notation."""

    base_url: str
    allowed_hosts: Collection[str] = ()
    keep_alive: str = "15m"
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Message:
    """One turn of a conversation; `role` is system, user or assistant. `images`: whole files, PNG or JPEG."""

    role: str
    content: str = field(repr=False)
    images: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ChatRequest:
    """One question. `schema`: the JSON Schema of the answer; `think` None leaves it to the model; counts are tokens."""

    model: str
    messages: Sequence[Message]
    schema: Mapping[str, object] | None = None
    num_ctx: int = 8192
    num_predict: int = 700
    seed: int = 0
    think: bool | None = None


@dataclass(frozen=True)
class ChatAnswer:
    """What came back. Token counts are None where the server gave none; `done_reason` is "stop" for a whole answer."""

    content: str = field(repr=False)
    done_reason: str
    prompt_tokens: int | None
    output_tokens: int | None
    has_thinking: bool = False
    has_tool_calls: bool = False


@dataclass(frozen=True)
class ModelCard:
    """What the server says of a model; `context_tokens` None when it does not say."""

    capabilities: frozenset[str]
    context_tokens: int | None


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory; `vram_bytes` 0 means that the CPU does the work, less than `size_bytes` that it does a part.

    size_bytes: None where the server does not say.
    """

    name: str
    vram_bytes: int
    size_bytes: int | None = None


class _Reply(BaseModel):
    # Strict types: a count that arrives as "12" or NaN is no count.
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _ChatMessage(_Reply):
    content: str = ""
    thinking: str | None = None
    tool_calls: list[object] | None = None


class _Chat(_Reply):
    model: str
    message: _ChatMessage
    done: bool
    done_reason: str = "stop"
    prompt_eval_count: int | None = Field(default=None, ge=0)
    eval_count: int | None = Field(default=None, ge=0)


class _Tag(_Reply):
    name: str
    digest: str = Field(default="", max_length=200)
    size_vram: int = 0
    size: int | None = None
    remote_host: str | None = None


class _Tags(_Reply):
    models: list[_Tag]


class _Show(_Reply):
    capabilities: list[str] = []
    model_info: dict[str, object] = {}


class _Version(_Reply):
    version: str = Field(max_length=100)


Reply = TypeVar("Reply", bound=_Reply)


class OllamaClient:
    """Asks one server. Safe to share between tasks; `aclose` ends it."""

    def __init__(self, config: OllamaConfig) -> None:
        """Raises ValueError unless the server's address is allowed."""
        host, port = host_and_port(config.base_url)
        if not is_allowed(host, port, config.allowed_hosts):
            raise ValueError("the model server is not on the list of allowed hosts")
        self._config = config
        self._http = httpx2.AsyncClient(
            base_url=config.base_url,
            headers=_HEADERS,
            # A proxy or certificate from the environment would send pupils' texts elsewhere.
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_S),
        )

    async def chat(self, request: ChatRequest, *, deadline_s: float) -> ChatAnswer:
        """One answer, within deadline_s seconds.

        Raises TransientError (TIMEOUT, MODEL_UNREACHABLE, MODEL_BUSY, or ANSWER_INVALID when what came back is not an
        answer of this model) or PermanentError (MODEL_MISSING, PROMPT_TOO_LONG, REQUEST_REFUSED, MODEL_UNREACHABLE for a
        redirect).
        """
        reply = _parsed(_Chat, await self._post("/api/chat", _chat_body(request, self._config), deadline_s))
        if not reply.done or full_name(reply.model) != full_name(request.model):
            raise TransientError(Fault.ANSWER_INVALID)
        return ChatAnswer(
            content=reply.message.content,
            done_reason=reply.done_reason,
            prompt_tokens=reply.prompt_eval_count,
            output_tokens=reply.eval_count,
            has_thinking=bool(reply.message.thinking),
            has_tool_calls=bool(reply.message.tool_calls),
        )

    async def digest(self, model: str, *, deadline_s: float = ASK_S) -> str:
        """The digest of an installed model. Raises as `chat` does; PermanentError(MODEL_MISSING) when it is not there."""
        tags = _parsed(_Tags, await self._ask("GET", "/api/tags", None, deadline_s))
        for tag in tags.models:
            if full_name(tag.name) == full_name(model):
                return tag.digest
        raise PermanentError(Fault.MODEL_MISSING)

    async def names(self, *, deadline_s: float = ASK_S) -> tuple[str, ...]:
        """The models whose weights lie on the server, in its order; not those it hands on to a cloud. Raises as `chat`."""
        tags = _parsed(_Tags, await self._ask("GET", "/api/tags", None, deadline_s))
        return tuple(tag.name for tag in tags.models if _is_there(tag))

    async def card(self, model: str, *, deadline_s: float = ASK_S) -> ModelCard:
        """What the server knows of a model. Raises as `chat` does."""
        show = _parsed(_Show, await self._post("/api/show", {"model": model}, deadline_s))
        lengths = [
            n for key, n in show.model_info.items() if key.endswith(".context_length") and isinstance(n, int)
        ]
        return ModelCard(frozenset(show.capabilities), min(lengths, default=None))

    async def loaded(self, *, deadline_s: float = ASK_S) -> tuple[LoadedModel, ...]:
        """The models in memory. Raises as `chat` does."""
        tags = _parsed(_Tags, await self._ask("GET", "/api/ps", None, deadline_s))
        return tuple(LoadedModel(tag.name, tag.size_vram, tag.size) for tag in tags.models)

    async def version(self, *, deadline_s: float = ASK_S) -> str:
        """The server's version. Raises as `chat` does."""
        return _parsed(_Version, await self._ask("GET", "/api/version", None, deadline_s)).version

    async def aclose(self) -> None:
        """Close the connections; twice is fine."""
        await self._http.aclose()

    async def _post(self, path: str, body: Mapping[str, object], deadline_s: float) -> bytes:
        return await self._ask("POST", path, body, deadline_s)

    async def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None, deadline_s: float
    ) -> bytes:
        try:
            # httpx2's own timeouts count between two bytes; a server that drips would never end.
            async with asyncio.timeout(deadline_s):
                return await self._read(method, path, body)
        except (TimeoutError, httpx2.TimeoutException) as error:
            # A connection that cannot even be opened in time belongs to a server that is not there.
            is_connect = isinstance(error, httpx2.ConnectTimeout)
            raise TransientError(Fault.MODEL_UNREACHABLE if is_connect else Fault.TIMEOUT) from error
        except httpx2.TransportError as error:
            raise TransientError(Fault.MODEL_UNREACHABLE) from error

    async def _read(self, method: str, path: str, body: Mapping[str, object] | None) -> bytes:
        content = None if body is None else json.dumps(body, ensure_ascii=True).encode()
        headers = {"content-type": "application/json"}
        async with self._http.stream(method, path, content=content, headers=headers) as response:
            if response.status_code != 200:
                raise await _refusal(response)
            if response.headers.get("content-encoding", "identity") != "identity":
                raise TransientError(Fault.ANSWER_INVALID)
            received = bytearray()
            async for chunk in response.aiter_raw():
                received += chunk
                if len(received) > self._config.max_bytes:
                    raise TransientError(Fault.ANSWER_INVALID)
            return bytes(received)


def _chat_body(request: ChatRequest, config: OllamaConfig) -> dict[str, object]:
    body: dict[str, object] = {
        "model": request.model,
        "messages": [_turn(message) for message in request.messages],
        "stream": False,
        "keep_alive": config.keep_alive,
        # A prompt that does not fit is to be refused; by default the server cuts it and answers as if nothing were.
        "truncate": False,
        "shift": False,
        "options": {
            "temperature": 0,
            "seed": request.seed,
            "num_ctx": request.num_ctx,
            "num_predict": request.num_predict,
        },
    }
    if request.schema is not None:
        body["format"] = request.schema
    if request.think is not None:
        body["think"] = request.think
    return body


def _turn(message: Message) -> dict[str, object]:
    turn: dict[str, object] = {"role": message.role, "content": message.content}
    if message.images:
        turn["images"] = [base64.b64encode(image).decode("ascii") for image in message.images]
    return turn


async def _refusal(response: httpx2.Response) -> AnalysisError:
    """Our error for a status that is no answer. Nothing of a body is kept: it can repeat the prompt."""
    status = response.status_code
    if status in {400, 413, 422}:
        is_too_long = _TOO_LONG.search(await _start_of(response)) is not None
        return PermanentError(Fault.PROMPT_TOO_LONG if is_too_long else Fault.REQUEST_REFUSED)
    if status in {429, 503}:
        return TransientError(
            Fault.MODEL_BUSY, retry_after_s=_retry_after_s(response.headers.get("retry-after"))
        )
    if status == 404:
        return PermanentError(Fault.MODEL_MISSING)
    if status >= 500:
        return TransientError(Fault.MODEL_UNREACHABLE)
    return PermanentError(Fault.MODEL_UNREACHABLE)


# Ollama: "the input length exceeds the context length"; llama.cpp: "exceeds the available context size".
_TOO_LONG = re.compile(
    rb"exceed\w*[^\n]{0,40}\bcontext|\bcontext[^\n]{0,40}exceed|prompt (?:is )?too long", re.IGNORECASE
)


async def _start_of(response: httpx2.Response) -> bytes:
    received = bytearray()
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) >= REFUSAL_BYTES:
            break
    return bytes(received[:REFUSAL_BYTES])


def _retry_after_s(header: str | None) -> float | None:
    # Only the form in seconds: a date needs a clock, and Ollama sends none.
    if header is None or not re.fullmatch(r"[0-9]{1,6}", header.strip()):
        return None
    return min(float(header), MAX_WAIT_S)


def _parsed(kind: type[Reply], content: bytes) -> Reply:
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        # `from None`: the validation error quotes what it was given.
        raise TransientError(Fault.ANSWER_INVALID) from None


def _is_there(tag: _Tag) -> bool:
    return not tag.remote_host and tag.size != 0 and re.search(r"[:-]cloud$", tag.name) is None


def full_name(model: str) -> str:
    """The name with its tag, as a server lists it."""
    return model if ":" in model.rsplit("/", 1)[-1] else f"{model}:latest"
