"""What a model on a server can do, found out by asking once. It informs people; it stops nothing."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from learning_worker.adapters.ollama import ChatRequest, Message, OllamaClient, full_name
from learning_worker.domain.errors import Fault, TransientError

PROBE_TOKENS = 24
PROBE_S = 60.0


@dataclass(frozen=True)
class Capability:
    """What one digest of a model can do on this server; None: the server did not say.

    enforces_schema: an answer has the form that was asked for although the prompt asks for another one.
    is_on_cpu: the model is in memory and none of it on a graphics card.
    """

    digest: str
    version: str
    enforces_schema: bool
    can_think: bool
    sees_images: bool
    context_tokens: int | None
    is_on_cpu: bool | None

    @property
    def code(self) -> str:
        """The same in one word, for logs and health: no name, no text."""
        facts = {
            "schema": self.enforces_schema,
            "think": self.can_think,
            "images": self.sees_images,
            "cpu": self.is_on_cpu,
        }
        words = [f"{name}={_WORDS[value]}" for name, value in facts.items()]
        return ",".join([*words, f"context={self.context_tokens or '?'}"])


_WORDS = {True: "yes", False: "no", None: "?"}


class Prober:
    """Probes models of one server; each digest once in the life of a process."""

    def __init__(self, client: OllamaClient) -> None:
        self._client = client
        self._known: dict[str, Capability] = {}

    async def probe(self, model: str) -> Capability:
        """What the model can do; one short call of it. Raises TransientError or PermanentError as the client does."""
        digest = await self._client.digest(model)
        if digest not in self._known:
            self._known[digest] = await self._asked(model, digest)
        return self._known[digest]

    async def _asked(self, model: str, digest: str) -> Capability:
        card = await self._client.card(model)
        can_think = "thinking" in card.capabilities
        enforces_schema = await self._enforces_schema(model, can_think)
        in_memory = {full_name(loaded.name): loaded for loaded in await self._client.loaded()}
        loaded = in_memory.get(full_name(model))
        return Capability(
            digest=digest,
            version=await self._client.version(),
            enforces_schema=enforces_schema,
            can_think=can_think,
            sees_images="vision" in card.capabilities,
            context_tokens=card.context_tokens,
            is_on_cpu=None if loaded is None else loaded.vram_bytes == 0,
        )

    async def _enforces_schema(self, model: str, can_think: bool) -> bool:
        request = ChatRequest(
            model=model,
            messages=(Message("user", "Reply with the single word hello."),),
            schema=_Word.model_json_schema(),
            num_ctx=2048,
            num_predict=PROBE_TOKENS,
            think=False if can_think else None,
        )
        try:
            answer = await self._client.chat(request, deadline_s=PROBE_S)
            _Word.model_validate_json(answer.content)
        except ValidationError:
            return False
        except TransientError as error:
            if error.code != Fault.ANSWER_INVALID:
                raise
            return False
        return True


class _Word(BaseModel):
    """A form nobody would choose for one word; the one value keeps a talkative model from running out of tokens."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    zq: Literal["blue"]
