"""One case through an adapter, the way a worker does it, without a database."""

import time
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from learning_worker.domain.blank import is_blank, unassessed
from learning_worker.domain.criteria import CriterionResult, Reason, ReportSource, ResultStatus
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.domain.feedback import feedback_md
from learning_worker.domain.person_reads import PhraseList
from learning_worker.domain.quotes import verified
from learning_worker.domain.reports import ReportError, check_report, report_from
from learning_worker.evaluation.cases import EvaluationCase
from learning_worker.ports import Feedback, FeedbackAdapter

# With these the next case would fare no better; a time-out can be the fault of one case.
STOPS = frozenset({Fault.MODEL_UNREACHABLE, Fault.MODEL_BUSY, Fault.MODEL_MISSING})


class Answered(BaseModel):
    """What became of one case in one run: levels, codes and counts, no text.

    levels: criterion id -> 0..3, or None with a code in `reasons`. error: the code that ended the whole case; then there
    are no levels. Counts are None where the adapter does not count.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    case_id: str
    run: int = Field(ge=1)
    seconds: float = Field(ge=0)
    error: str | None = None
    levels: dict[str, int | None] = {}
    reasons: dict[str, str] = {}
    source: str | None = None
    model_digest: str | None = None
    program_version: str | None = None
    calls: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    quotes_given: int | None = None
    quotes_found: int | None = None


async def answered(case: EvaluationCase, run: int, adapter: FeedbackAdapter, phrases: PhraseList) -> Answered:
    """Assess one case. run: counts from 1.

    Raises AnalysisError with a code of STOPS when the model server is not there; any other fault is noted in the result.
    """
    started_at = time.monotonic()
    try:
        results, feedback = await _assessed(case, adapter, phrases)
    except (AnalysisError, ReportError) as error:
        code = error.code if isinstance(error, AnalysisError) else Fault.REPORT_INVALID.value
        if code in STOPS:
            raise
        return Answered(case_id=case.id, run=run, seconds=_since(started_at), error=code)
    usage = feedback.provenance.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    return Answered(
        case_id=case.id,
        run=run,
        seconds=_since(started_at),
        levels={result.criterion_id: result.level for result in results},
        reasons={result.criterion_id: result.reason.value for result in results if result.reason},
        source=feedback.source.value,
        model_digest=_text(feedback.provenance.get("model_digest")),
        program_version=_text(feedback.provenance.get("program_version")),
        calls=_count(counts, "calls"),
        tokens_in=_count(counts, "tokens_in"),
        tokens_out=_count(counts, "tokens_out"),
        quotes_given=_count(counts, "quotes_given"),
        quotes_found=_count(counts, "quotes_found"),
    )


async def _assessed(
    case: EvaluationCase, adapter: FeedbackAdapter, phrases: PhraseList
) -> tuple[Sequence[CriterionResult], Feedback]:
    task, text = case.task, case.answer
    if phrases.finds(text):
        return _unasked(case, ResultStatus.NEEDS_REVIEW, Reason.PERSON_READS)
    if is_blank(text):
        return _unasked(case, ResultStatus.NOT_ASSESSABLE, Reason.BLANK)
    results = [verified(result, text) async for result in adapter.assess(text, task, ())]
    feedback = await adapter.summarise(text, task, results)
    if feedback.is_refused or any(result.reason is Reason.REFUSED for result in results):
        # As in a worker: one refusal, and a person reads the whole answer.
        results = list(unassessed(task, ResultStatus.NEEDS_REVIEW, Reason.REFUSED))
    # What a database would refuse to store must not count as assessed.
    check_report(report_from(results, task.criteria, adapter.schema, feedback.source), task.criteria, text)
    return results, feedback


def _unasked(
    case: EvaluationCase, status: ResultStatus, reason: Reason
) -> tuple[Sequence[CriterionResult], Feedback]:
    results = unassessed(case.task, status, reason)
    return results, Feedback(feedback_md(results, case.task), ReportSource.NONE)


def _since(started_at: float) -> float:
    return round(time.monotonic() - started_at, 3)


def _count(counts: Mapping[str, object], key: str) -> int | None:
    found = counts.get(key)
    return found if isinstance(found, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
