"""The program that asks first: DSPy signatures over an engine of our own. No other module imports dspy.

The engine sends everything through `Ask`, so that deadlines, counts and the JSON Schema are those of every other call.
Caches and histories are off: they would keep pupils' words.
"""

import json
from collections.abc import Mapping
from typing import Any

import dspy
from dspy.adapters.utils import parse_value
from dspy.lm15 import Message as WireMessage
from dspy.lm15 import Request, Response, Usage
from dspy.utils.exceptions import AdapterParseError, DSPyError
from pydantic import ValidationError

from learning_worker.adapters.asking import Ask, BadAnswer, ProgramFailed
from learning_worker.adapters.ollama import Message
from learning_worker.domain.criteria import Criterion, Reason
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.domain.judging import Judgement
from learning_worker.domain.prompts import CriterionPrompt, criterion_schema
from learning_worker.domain.sections import Search, SearchPrompt
from learning_worker.domain.wording import Wording

# Before anything reads dspy's cache, which by default is a directory in the home of whoever runs the worker.
dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)


class JudgeCriterion(dspy.Signature):  # type: ignore[misc]  # dspy publishes no types
    """Compare one answer with one criterion."""

    task: str = dspy.InputField(desc="the task")
    answer: str = dspy.InputField(desc="the pupil's answer, sentences numbered")
    criterion: str = dspy.InputField(desc="the criterion")
    judgement: Judgement = dspy.OutputField(desc="the judgement")


class SearchSection(dspy.Signature):  # type: ignore[misc]  # as above
    """Find the sentences that speak to the criteria."""

    task: str = dspy.InputField(desc="the task")
    section: str = dspy.InputField(desc="a section of the pupil's answer, sentences numbered")
    criteria: str = dspy.InputField(desc="the criteria")
    search: Search = dspy.OutputField(desc="what was found")


class WordFeedback(dspy.Signature):  # type: ignore[misc]  # as above
    """Write a feedback from checked results."""

    results: str = dspy.InputField(desc="the checked results")
    wording: Wording = dspy.OutputField(desc="the parts of the feedback")


class DspyProgram:
    """The `Program` of a default installation."""

    version = f"dspy{dspy.__version__}"

    async def judge(self, prompt: CriterionPrompt, criterion: Criterion, ask: Ask) -> str:
        """The model's judgement on one criterion as JSON text."""
        signature = JudgeCriterion.with_instructions(prompt.rules)
        inputs = {"task": prompt.task, "answer": prompt.answer, "criterion": prompt.criterion}
        engine = _Engine(ask, _wrapped("judgement", criterion_schema(criterion)))
        found = await _predicted(signature, inputs, engine)
        judgement: Judgement = found.judgement
        return judgement.model_dump_json()

    async def search(self, prompt: SearchPrompt, schema: Mapping[str, object], ask: Ask) -> str:
        """The sentences of one section that speak to the criteria, as JSON text."""
        inputs = {"task": prompt.task, "section": prompt.section, "criteria": prompt.criteria}
        engine = _Engine(ask, _wrapped("search", schema))
        found = await _predicted(SearchSection.with_instructions(prompt.rules), inputs, engine)
        search: Search = found.search
        return search.model_dump_json()

    async def word(self, rules: str, results: str, schema: Mapping[str, object], ask: Ask) -> str:
        """The parts of the feedback text as JSON text."""
        engine = _Engine(ask, _wrapped("wording", schema))
        found = await _predicted(WordFeedback.with_instructions(rules), {"results": results}, engine)
        wording: Wording = found.wording
        return wording.model_dump_json()


async def _predicted(signature: Any, inputs: dict[str, str], engine: "_Engine") -> Any:  # noqa: ANN401  # dspy has no types
    """One prediction. Raises ProgramFailed for what DSPy could not do, and bare what the next program would meet too."""
    try:
        lm = dspy.LM(
            "local/model",
            engine=_NoEngine(),
            async_engine=engine,
            cache=False,
            num_retries=0,
            temperature=0.0,
        )
        with dspy.context(lm=lm, adapter=_StrictJson(), disable_history=True, trace=[], callbacks=[]):
            return await dspy.Predict(signature).acall(**inputs)
    except (DSPyError, AdapterParseError, AnalysisError, BadAnswer, TypeError, ValueError) as error:
        # The engine's own error, not DSPy's wrapping of it.
        failure = _failure(engine.error or error)
    # Out here, where no other error stands behind it: theirs hold the model's whole answer, and `from None` only hides them.
    raise failure


def _failure(error: Exception) -> Exception:
    if isinstance(error, BadAnswer):
        is_final = error.reason is Reason.TEXT_TOO_LONG
        return error if is_final else ProgramFailed(error.reason)
    if isinstance(error, AnalysisError):
        return ProgramFailed(error.code) if error.code == Fault.TIMEOUT else error
    if isinstance(error, AdapterParseError | ValidationError):
        return ProgramFailed(Reason.ANSWER_INVALID)
    return ProgramFailed("configuration")


def _wrapped(name: str, schema: Mapping[str, object]) -> dict[str, object]:
    """The schema of DSPy's JSON answer: one object with the output field in it."""
    return {
        "type": "object",
        "properties": {name: schema},
        "required": [name],
        "additionalProperties": False,
    }


class _StrictJson(dspy.JSONAdapter):  # type: ignore[misc]  # dspy publishes no types
    """DSPy's JSON prompt, without its repair of broken answers: a quote cut in the middle must not pass for one."""

    def format_field_structure(self, signature: Any) -> str:  # noqa: ANN401  # dspy has no types
        # DSPy would write the whole schema here; the server enforces it, and an old machine reads 20 tokens a second.
        keys = ", ".join(f'"{name}"' for name in signature.output_fields)
        return f"Answer with one JSON object that has the key {keys} and nothing else."

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:  # noqa: ANN401  # dspy has no types
        try:
            fields = json.loads(completion)
            if not isinstance(fields, dict) or fields.keys() != signature.output_fields.keys():
                raise ValueError("not the output fields")
            return {
                name: parse_value(fields[name], field.annotation)
                for name, field in signature.output_fields.items()
            }
        except (ValueError, RecursionError):
            raise AdapterParseError("StrictJson", signature, "", parsed_result={}) from None


class _Engine:
    """DSPy's way to a model, for one prediction; `error` is what ended it."""

    def __init__(self, ask: Ask, schema: Mapping[str, object]) -> None:
        self._ask = ask
        self._schema = schema
        self.error: BadAnswer | AnalysisError | None = None

    async def complete(self, request: Request) -> Response:
        """The answer to one request of DSPy."""
        try:
            content = await self._ask(_messages(request), self._schema)
        except (BadAnswer, AnalysisError) as error:
            self.error = error
            raise
        return Response(
            id=None,
            model=request.model,
            message=WireMessage.assistant(content),
            finish_reason="stop",
            usage=Usage(),
        )

    async def aclose(self) -> None:
        """The client belongs to somebody else."""


class _NoEngine:
    """Stands where DSPy wants an engine for calls that block; we make none."""

    def complete(self, request: Request) -> Response:
        """Never called."""
        raise RuntimeError("only asynchronous calls are made")

    def close(self) -> None:
        """Nothing is held."""


def _messages(request: Request) -> list[Message]:
    found = [] if request.system is None else [Message("system", _text(request.system))]
    return found + [Message(message.role, _text(message.parts)) for message in request.messages]


def _text(parts: Any) -> str:  # noqa: ANN401  # a text, or dspy's tuple of parts
    return parts if isinstance(parts, str) else "".join(part.text for part in parts)
