"""Questions to the model within one run: deadlines, token counts, and what makes an answer unusable."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from learning_worker.adapters.ollama import ChatAnswer, ChatRequest, Message, OllamaClient
from learning_worker.domain.criteria import Criterion, Reason
from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.prompts import CriterionPrompt, criterion_schema
from learning_worker.domain.sections import SearchPrompt
from learning_worker.domain.tokens import fewest_tokens, most_tokens

# What a program puts around our parts of a prompt, and the note of a second try: at most this much.
FRAME_TOKENS = 400
Ask = Callable[[Sequence[Message], Mapping[str, object]], Awaitable[str]]


@dataclass(frozen=True)
class ModelTerms:
    """How a model is asked. Seconds are deadlines of a whole phase and of one call; counts are tokens."""

    model: str
    phase_s: float = 600.0
    call_s: float = 120.0
    num_ctx: int = 8192
    num_predict: int = 512
    seed: int = 0
    program_share: float = 0.6


class BadAnswer(Exception):
    """A reachable model gave nothing that can be used, or did not read the whole prompt."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class ProgramFailed(Exception):
    """A program could not get an answer out of the model; `code` says why, without any text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Usage:
    """What was spent since the last checkpoint, and how many of the quotes that were given stand in the text."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    retries: int = 0
    quotes_given: int = 0
    quotes_found: int = 0
    seconds: float = 0.0


@dataclass
class Run:
    """One run over one answer: its clock, its cost, and what is known of the model."""

    started_at: float
    usage: Usage = field(default_factory=Usage)
    model_digest: str = ""
    num_ctx: int = 0
    num_predict: int = 0
    # How often what is shown at once is halved, and how many calls of this run used up their time.
    halvings: int = 0
    timeouts: int = 0
    think: bool | None = None
    fell_back: bool = False
    worded_by: str = "template"
    sections: int = 1
    unsearchable: Reason | None = None
    spent_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Time counts from the start."""
        self.spent_at = self.started_at

    def spent(self, now: float) -> dict[str, float]:
        """What was spent since the last call of this, for whoever keeps it; the count begins anew."""
        usage, self.usage = self.usage, Usage()
        usage.seconds, self.spent_at = now - self.spent_at, now
        return vars(usage)


class Program(Protocol):
    """A way to put the three questions. Raises ProgramFailed, BadAnswer, TransientError or PermanentError."""

    version: str

    async def judge(self, prompt: CriterionPrompt, criterion: Criterion, ask: Ask) -> str:
        """The model's judgement on one criterion as JSON text."""
        ...

    async def search(self, prompt: SearchPrompt, schema: Mapping[str, object], ask: Ask) -> str:
        """The sentences of one section that speak to the criteria, as JSON text."""
        ...

    async def word(self, rules: str, results: str, schema: Mapping[str, object], ask: Ask) -> str:
        """The parts of the feedback text as JSON text."""
        ...


class FixedPrompts:
    """The deterministic program: our own prompt, nothing in between."""

    version = "fixed"

    async def judge(self, prompt: CriterionPrompt, criterion: Criterion, ask: Ask) -> str:
        """The model's judgement on one criterion as JSON text."""
        messages = (Message("system", prompt.system()), Message("user", prompt.user()))
        return await ask(messages, criterion_schema(criterion))

    async def search(self, prompt: SearchPrompt, schema: Mapping[str, object], ask: Ask) -> str:
        """The sentences of one section that speak to the criteria, as JSON text."""
        return await ask((Message("system", prompt.system()), Message("user", prompt.user())), schema)

    async def word(self, rules: str, results: str, schema: Mapping[str, object], ask: Ask) -> str:
        """The parts of the feedback text as JSON text."""
        return await ask((Message("system", rules), Message("user", results)), schema)


class Asker:
    """Puts questions to one model for one run."""

    def __init__(self, client: OllamaClient, terms: ModelTerms, run: Run) -> None:
        self._client = client
        self._terms = terms
        self.run = run

    def left_s(self, share: float = 1.0) -> float:
        """Seconds until the phase, or a share of it, is over."""
        return self.run.started_at + share * self._terms.phase_s - time.monotonic()

    def room_tokens(self, prompt: str) -> int:
        """How many tokens may come on top of a prompt, whatever program frames it; below 0: it does not fit."""
        shown = (self.run.num_ctx - self.run.num_predict) >> self.run.halvings
        return shown - FRAME_TOKENS - most_tokens(prompt)

    def asking(self, attempt: int) -> Ask:
        """A question as `Program` wants it. attempt: 0, then 1 for the one retry, which gets a seed of its own."""

        async def ask(messages: Sequence[Message], schema: Mapping[str, object]) -> str:
            return await self._ask(messages, schema, attempt)

        return ask

    async def _ask(self, messages: Sequence[Message], schema: Mapping[str, object], attempt: int) -> str:
        run, terms = self.run, self._terms
        prompt = "\n".join(message.content for message in messages)
        if most_tokens(prompt) + run.num_predict > run.num_ctx:
            raise BadAnswer(Reason.TEXT_TOO_LONG)
        deadline_s = min(terms.call_s, self.left_s())
        if deadline_s <= 0:
            raise TransientError(Fault.TIMEOUT)
        request = ChatRequest(
            model=terms.model,
            messages=messages,
            schema=schema,
            num_ctx=run.num_ctx,
            num_predict=run.num_predict,
            seed=terms.seed + attempt,
            think=run.think,
        )
        run.usage.calls += 1
        try:
            answer = await self._client.chat(request, deadline_s=deadline_s)
        except TransientError as error:
            run.timeouts += error.code == Fault.TIMEOUT and deadline_s == terms.call_s
            # The server is there and its answer is no answer: that is for the criterion to bear, not for the queue.
            if error.code == Fault.ANSWER_INVALID:
                raise BadAnswer(Reason.ANSWER_INVALID) from None
            raise
        except PermanentError as error:
            # Its vocabulary needed more tokens than ours allowed for; the server and its model are well.
            if error.code == Fault.PROMPT_TOO_LONG:
                raise BadAnswer(Reason.TEXT_TOO_LONG) from None
            raise
        run.usage.tokens_in += answer.prompt_tokens or 0
        run.usage.tokens_out += answer.output_tokens or 0
        return _whole(answer, prompt, run.num_ctx)


def _whole(answer: ChatAnswer, prompt: str, num_ctx: int) -> str:
    """The content of an answer that is complete and was made from the whole prompt. Raises BadAnswer."""
    counted = answer.prompt_tokens
    # A server that cuts fills half of its context or all of it, and says nothing but this number.
    if counted is not None and (counted < fewest_tokens(prompt) or counted >= num_ctx):
        raise BadAnswer(Reason.TEXT_TOO_LONG)
    if answer.done_reason != "stop":
        raise BadAnswer(Reason.TRUNCATED)
    if answer.has_tool_calls or not answer.content.strip():
        raise BadAnswer(Reason.ANSWER_INVALID)
    return answer.content
