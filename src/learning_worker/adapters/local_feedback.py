"""Feedback from a local model: one question per criterion, checked by code, then a text from the checked results.

A program (DSPy) asks first. When it fails, the run says so once and goes on with fixed prompts.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Literal

from learning_worker.adapters.asking import (
    Ask,
    Asker,
    BadAnswer,
    FixedPrompts,
    ModelTerms,
    Program,
    ProgramFailed,
    Run,
)
from learning_worker.adapters.fingerprint import fingerprint
from learning_worker.adapters.long_answers import LongAnswer, LongAnswers, SlowAnswers
from learning_worker.adapters.ollama import OllamaClient
from learning_worker.domain.blank import is_blank, is_nonsense, unassessed
from learning_worker.domain.criteria import Criterion, CriterionResult, Reason, ReportSource, ResultStatus
from learning_worker.domain.errors import AnalysisError, Fault, TransientError
from learning_worker.domain.feedback import feedback_md
from learning_worker.domain.judging import Rejected, cited, judged, rejected
from learning_worker.domain.prompts import Case, criterion_prompt
from learning_worker.domain.quotes import locate, sentences
from learning_worker.domain.refusals import refuses
from learning_worker.domain.sections import CRITERIA_PER_SEARCH, SearchPrompt, search_prompt, sections
from learning_worker.domain.submission import Task
from learning_worker.domain.wording import (
    worded,
    wording_note,
    wording_results,
    wording_rules,
    wording_schema,
)
from learning_worker.observability.logs import logger
from learning_worker.ports import Feedback, MadeWith

# Below this a text from the model would risk the deadline of results that are finished already.
WORDING_NEEDS_S = 5.0
# A judgement has 60 to 130 tokens; with fewer than this a good one would be cut.
LEAST_PREDICT = 192
# After these another try would end the same way.
_FINAL = frozenset({Reason.TEXT_TOO_LONG})
log = logger(__name__)


@dataclass(frozen=True)
class _Model:
    """What is known of a model; asked of the server once per digest."""

    digest: str
    context_tokens: int | None
    can_think: bool


class LocalFeedback:
    """The FeedbackAdapter of `AI_BACKEND=local`."""

    schema: Literal["criteria.v1", "criteria.v2"] = "criteria.v2"

    def __init__(self, client: OllamaClient, terms: ModelTerms, program: Program | None = None) -> None:
        """program: asked first; None for fixed prompts alone."""
        self._client = client
        self._terms = terms
        self._program = program
        self._fixed = FixedPrompts()
        self._fingerprint = fingerprint(terms)
        self._model: _Model | None = None
        # The port hands over no job: both halves of a run find each other in the task that makes both calls, so that two
        # pupils with the same words do not share one.
        self._run: ContextVar[tuple[str, Run] | None] = ContextVar("run", default=None)
        self._long = LongAnswers()
        self._slow = SlowAnswers()
        self.source = ReportSource.FALLBACK if program is None else ReportSource.DSPY

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        """One checked result per criterion that `done` lacks, each from a call of its own, in the task's order.

        Raises TransientError when the model cannot be reached in time, PermanentError when it is not there. Answers that
        do not hold end as needs_review with a reason, after one more try.
        """
        run = self._start(text, task)
        # An answer of which the first program had its share already goes on as it was left.
        run.fell_back = any(result.is_fallback for result in done)
        answered = {result.criterion_id for result in done}
        reason = _reason_not_to_ask(text, done)
        if reason is not None:
            for result in unassessed(task, _status(reason), reason):
                if result.criterion_id not in answered:
                    yield result
            return
        case, asker = Case(task, text, sentences(text)), Asker(self._client, self._terms, run)
        for criterion in task.criteria:
            if criterion.id in answered:
                continue
            if reason is None:
                wanted = [other for other in task.criteria if other.id not in answered]
                try:
                    await self._prepare(run)
                    result = self._signed(await self._judge(asker, case, criterion, wanted), run)
                except TransientError as error:
                    self._note_slowness(_key(text, task), run, error)
                    raise
            else:
                result = _unscored(criterion, reason)
            # A refusal means that a person reads the whole answer: no further question is worth its time.
            if result.reason is Reason.REFUSED:
                reason = Reason.REFUSED
            yield result

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        """The text for the pupil from verified results only: in the model's words when they pass the linter, else ours.

        A refusal to write it says so, like one to judge.
        """
        run = self._started(text, task)
        run.fell_back |= any(result.is_fallback for result in results)
        self._long.forget(_key(text, task, run))
        self._slow.forget(_key(text, task))
        feedback, is_refused = None, False
        if _is_worth_wording(results):
            asker = Asker(self._client, self._terms, run)
            try:
                await self._prepare(run)
                feedback = await self._worded(asker, text, task, results)
            except (AnalysisError, BadAnswer) as error:
                is_refused = isinstance(error, BadAnswer) and error.reason is Reason.REFUSED
                # The results are finished; a missing sentence is no reason to let the pupil wait for another run.
                log.warning("wording_failed", code=_code(error), model=self._terms.model)
        run.worded_by = "template" if feedback is None else "model"
        return Feedback(
            feedback_md=feedback_md(results, task) if feedback is None else feedback,
            source=ReportSource.FALLBACK if run.fell_back else self.source,
            is_refused=is_refused,
            provenance=self._provenance(run, results),
        )

    async def made_with(self) -> MadeWith:
        """The model and the program of the answers it gives now. Raises as the client does when there is none."""
        fallback = None if self._program is None else self._version(self._fixed)
        digest = await self._client.digest(self._terms.model)
        return MadeWith(digest, self._version(self._program or self._fixed), fallback)

    def _answering(self, run: Run) -> Program:
        return self._fixed if self._program is None or run.fell_back else self._program

    def _signed(self, result: CriterionResult, run: Run) -> CriterionResult:
        """The result with who gave it and what it took."""
        made_with = MadeWith(run.model_digest, self._version(self._answering(run)))
        return replace(
            result, made_by=made_with.key, is_fallback=run.fell_back, cost=run.spent(time.monotonic())
        )

    def _version(self, program: Program) -> str:
        return f"{program.version}-{self._fingerprint}"

    async def aclose(self) -> None:
        """Close the connections to the model server."""
        await self._client.aclose()

    def _start(self, text: str, task: Task) -> Run:
        run, key = self._new_run(), _key(text, task)
        run.halvings = self._slow.halvings(key)
        run.num_predict = max(
            self._terms.num_predict >> run.halvings, min(self._terms.num_predict, LEAST_PREDICT)
        )
        self._run.set((key, run))
        return run

    def _note_slowness(self, key: str, run: Run, error: TransientError) -> None:
        if error.code == Fault.TIMEOUT and run.timeouts:
            self._slow.timed_out(key, run.timeouts)
            log.warning("model_slow", code=error.code, model=self._terms.model, count=run.timeouts)

    def _started(self, text: str, task: Task) -> Run:
        """The run that assessed this answer in this task of asyncio, else a new one."""
        key, run = self._run.get() or ("", None)
        return run if run is not None and key == _key(text, task) else self._new_run()

    def _new_run(self) -> Run:
        return Run(time.monotonic(), num_ctx=self._terms.num_ctx, num_predict=self._terms.num_predict)

    async def _prepare(self, run: Run) -> None:
        """Note in the run which model answers it. Raises as the client does when there is none."""
        if run.model_digest:
            return
        digest = await self._client.digest(self._terms.model)
        if self._model is None or self._model.digest != digest:
            self._model = await self._known(digest)
        run.model_digest = digest
        if self._model is not None:
            run.think = False if self._model.can_think else None
            run.num_ctx = min(self._terms.num_ctx, self._model.context_tokens or self._terms.num_ctx)

    async def _known(self, digest: str) -> _Model | None:
        """What the server says of the model; None when it does not answer: the next run asks again."""
        try:
            card = await self._client.card(self._terms.model)
        except AnalysisError as error:
            # What a model can do informs; not knowing it stops nothing.
            log.warning("model_card_missing", model=self._terms.model, code=error.code)
            return None
        return _Model(digest, card.context_tokens, "thinking" in card.capabilities)

    async def _judge(
        self, asker: Asker, case: Case, criterion: Criterion, wanted: Sequence[Criterion]
    ) -> CriterionResult:
        try:
            numbers = await self._numbers(asker, case, criterion, wanted)
        except BadAnswer as bad:
            # Nobody knows what stands in a section that could not be searched: nothing is judged on the rest.
            asker.run.unsearchable = bad.reason
            return _unscored(criterion, bad.reason)
        if numbers is not None and not numbers:
            # That nothing was found in pieces is too little to tell a pupil that it is missing.
            return _unscored(criterion, Reason.UNKNOWN)
        found = await self._attempt(asker, case, criterion, (numbers, ""))
        if isinstance(found, Rejected) and found.reason not in _FINAL:
            asker.run.usage.retries += 1
            found = await self._attempt(asker, case, criterion, (numbers, found.note))
        return _unscored(criterion, found.reason) if isinstance(found, Rejected) else found

    async def _numbers(
        self, asker: Asker, case: Case, criterion: Criterion, wanted: Sequence[Criterion]
    ) -> tuple[int, ...] | None:
        """The sentences to show for a criterion where the whole answer does not fit; None where it does.

        Raises BadAnswer when it cannot be read in sections either.
        """
        whole = criterion_prompt(case, criterion)
        if asker.room_tokens(f"{whole.system()}\n{whole.user()}") >= 0:
            return None
        if asker.run.unsearchable is not None:
            raise BadAnswer(asker.run.unsearchable)
        # The criteria of one search are at most those of the longest one.
        around = search_prompt(case, (), sorted(wanted, key=_length, reverse=True)[:CRITERIA_PER_SEARCH])
        key = _key(case.text, case.task, asker.run)
        parts = self._long.sections_of(key) or sections(
            case, asker.room_tokens(f"{around.system()}\n{around.user()}")
        )
        if parts is None:
            raise BadAnswer(Reason.TEXT_TOO_LONG)
        asker.run.sections = len(parts)

        async def put(prompt: SearchPrompt, schema: Mapping[str, object], attempt: int) -> str:
            return await self._content(
                asker, lambda program, ask: program.search(prompt, schema, ask), asker.asking(attempt)
            )

        return (await self._long.extract(LongAnswer(key, case, parts), wanted, put))[criterion.id]

    async def _attempt(
        self, asker: Asker, case: Case, criterion: Criterion, shown: tuple[Sequence[int] | None, str]
    ) -> CriterionResult | Rejected:
        """One question. shown: the sentence numbers, None for all; what the model is told of an earlier reply."""
        numbers, note = shown
        prompt = criterion_prompt(case, criterion, note, numbers)
        try:
            content = await self._content(
                asker,
                lambda program, put: program.judge(prompt, criterion, put),
                asker.asking(int(note != "")),
            )
        except BadAnswer as bad:
            return rejected(bad.reason)
        quotes = cited(content)
        asker.run.usage.quotes_given += len(quotes)
        asker.run.usage.quotes_found += sum(locate(quote, case.text) is not None for quote in quotes)
        return judged(content, criterion, case)

    async def _worded(
        self, asker: Asker, text: str, task: Task, results: Sequence[CriterionResult]
    ) -> str | None:
        """The model's text, after one request for a better one; None when it still breaks a rule.

        Raises BadAnswer(REFUSED), and as `_content` does.
        """
        rules, schema, note = wording_rules(task), wording_schema(task), ""
        for attempt in range(2):
            if asker.left_s() < WORDING_NEEDS_S:
                return None
            block = wording_results(results, task, note)
            content = await self._content(
                asker,
                lambda program, put, block=block: program.word(rules, block, schema, put),  # type: ignore[misc]
                asker.asking(attempt),
            )
            if refuses(content):
                raise BadAnswer(Reason.REFUSED)
            found = worded(content, results, task, text)
            if not found.problems:
                return found.feedback_md
            note = wording_note(found.problems)
        return None

    async def _content(
        self, asker: Asker, question: Callable[[Program, Ask], Awaitable[str]], ask: Ask
    ) -> str:
        """The answer to a question: from the program while it works, from fixed prompts after it failed in this run."""
        if self._program is not None and not asker.run.fell_back:
            try:
                async with asyncio.timeout(max(0.0, asker.left_s(self._terms.program_share))):
                    return await question(self._program, ask)
            except TimeoutError:
                self._fall_back(asker.run, Fault.TIMEOUT)
            except ProgramFailed as error:
                self._fall_back(asker.run, error.code)
        return await question(self._fixed, ask)

    def _fall_back(self, run: Run, code: str) -> None:
        run.fell_back = True
        log.warning("feedback_fallback", code=code, model=self._terms.model)

    def _provenance(self, run: Run, results: Sequence[CriterionResult]) -> dict[str, object]:
        """What the report was made with and what it cost, the answers of earlier runs included."""
        costs = [run.spent(time.monotonic()), *(result.cost for result in results)]
        whole = {name: sum(cost.get(name, 0) for cost in costs) for name in costs[0]}
        return {
            "model_digest": run.model_digest or None,
            "program_version": self._version(self._answering(run)),
            "usage": {
                "model": self._terms.model,
                **whole,
                "seconds": round(whole["seconds"], 1),
                "worded_by": run.worded_by,
                "sections": run.sections,
                "settings": {
                    "seed": self._terms.seed,
                    "temperature": 0,
                    "num_ctx": run.num_ctx,
                    "num_predict": run.num_predict,
                },
            },
        }


def _reason_not_to_ask(text: str, done: Sequence[CriterionResult]) -> Reason | None:
    if is_blank(text):
        return Reason.BLANK
    if is_nonsense(text):
        return Reason.NONSENSE
    if any(result.reason is Reason.REFUSED for result in done):
        return Reason.REFUSED
    return None


def _status(reason: Reason) -> ResultStatus:
    is_text_itself = reason in {Reason.BLANK, Reason.NONSENSE}
    return ResultStatus.NOT_ASSESSABLE if is_text_itself else ResultStatus.NEEDS_REVIEW


def _unscored(criterion: Criterion, reason: Reason) -> CriterionResult:
    return CriterionResult(
        criterion_id=criterion.id, status=_status(reason), max_score=criterion.max_score, reason=reason
    )


def _is_worth_wording(results: Sequence[CriterionResult]) -> bool:
    is_any_scored = any(result.status is ResultStatus.SCORED for result in results)
    return is_any_scored and not any(
        result.reason in {Reason.REFUSED, Reason.PERSON_READS, Reason.AI_NOT_ALLOWED} for result in results
    )


def _code(error: AnalysisError | BadAnswer) -> str:
    return error.code if isinstance(error, AnalysisError) else error.reason


def _key(text: str, task: Task, run: Run | None = None) -> str:
    """The same for the same answer and task; with a run also for the model and its context."""
    parts = (task.instruction_md, *(c.id for c in task.criteria), *(c.text for c in task.criteria), text)
    made_with = () if run is None else (run.model_digest, str(run.num_ctx))
    joined = "\0".join((*made_with, *parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).hexdigest()


def _length(criterion: Criterion) -> int:
    return len(criterion.id) + len(criterion.text)
