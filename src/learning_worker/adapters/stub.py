"""Feedback without AI, for demos and for development: says so, and quotes real sentences all the same."""

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from typing import Literal

from learning_worker.domain.blank import is_blank
from learning_worker.domain.criteria import (
    TOP_LEVEL,
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    level_score,
)
from learning_worker.domain.feedback import WORD_LIMIT, feedback_md
from learning_worker.domain.phrases import phrases_for
from learning_worker.domain.quotes import MIN_QUOTE_LETTERS, sentences
from learning_worker.domain.submission import Task
from learning_worker.ports import Feedback, MadeWith

QUOTE_CHARS = 300
_WORD = re.compile(r"\w{4,}")


class StubFeedback:
    """The FeedbackAdapter of `AI_BACKEND=stub`: levels from a hash, so the same text gets the same result every time."""

    schema: Literal["criteria.v1", "criteria.v2"] = "criteria.v1"
    source = ReportSource.STUB

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        """A made-up level per criterion that `done` lacks, with the sentence that shares most words with it."""
        answered = {result.criterion_id for result in done}
        quotable = _quotable(text)
        for criterion in task.criteria:
            if criterion.id not in answered:
                yield _demo_result(text, quotable, criterion, task)

    async def made_with(self) -> MadeWith | None:
        """Nothing: its answers cost nothing."""
        return None

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        """The usual feedback under a first line that says what it is."""
        first_line = phrases_for(task).demo_line
        rest = feedback_md(results, task, word_limit=WORD_LIMIT - len(first_line.split()))
        return Feedback(feedback_md=f"{first_line}\n\n{rest}", source=self.source)

    async def aclose(self) -> None:
        """Nothing is held."""


def _demo_result(
    text: str, quotable: Sequence[Evidence], criterion: Criterion, task: Task
) -> CriterionResult:
    if is_blank(text):
        return CriterionResult(
            criterion_id=criterion.id,
            status=ResultStatus.NOT_ASSESSABLE,
            max_score=criterion.max_score,
            reason=Reason.BLANK,
        )
    digest = _digest(text, criterion)
    # Without a sentence to quote only "not yet" is honest.
    level = digest % (TOP_LEVEL + 1) if quotable else 0
    phrases = phrases_for(task)
    return CriterionResult(
        criterion_id=criterion.id,
        status=ResultStatus.SCORED,
        max_score=criterion.max_score,
        level=level,
        score=level_score(level, criterion.max_score),
        confidence=Confidence.LOW,
        explanation_md=phrases.demo_explanation,
        evidence=(_closest(quotable, criterion, digest),) if level else (),
        next_step_md=phrases.demo_step if level < TOP_LEVEL else None,
    )


def _digest(text: str, criterion: Criterion) -> int:
    content = "\0".join((criterion.id, criterion.text, text)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")


def _quotable(text: str) -> tuple[Evidence, ...]:
    """The sentences that can stand as a quote, long ones cut at a word."""
    spans = []
    for sentence in sentences(text):
        quote = sentence.quote
        if len(quote) > QUOTE_CHARS:
            quote = quote[:QUOTE_CHARS].rsplit(maxsplit=1)[0]
        if sum(map(str.isalnum, quote)) >= MIN_QUOTE_LETTERS:
            spans.append(Evidence(quote, sentence.start, sentence.start + len(quote)))
    return tuple(spans)


def _closest(quotable: Sequence[Evidence], criterion: Criterion, digest: int) -> Evidence:
    """The sentence with most words of the criterion; among equals the hash chooses."""
    wanted = _words(criterion.text)
    shared = [len(wanted & _words(span.quote)) for span in quotable]
    best = [span for span, count in zip(quotable, shared, strict=True) if count == max(shared)]
    return best[digest // (TOP_LEVEL + 1) % len(best)]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
