"""Answers that no model is asked about."""

from learning_worker.domain.criteria import CriterionResult, Reason, ResultStatus
from learning_worker.domain.submission import Task


def is_blank(text: str) -> bool:
    """Whether there is nothing to assess: white space, punctuation and symbols, but no letter and no digit."""
    return not any(map(str.isalnum, text))


def unassessed(task: Task, status: ResultStatus, reason: Reason) -> tuple[CriterionResult, ...]:
    """One result without a score per criterion, all for the same reason.

    Raises ValueError for status scored: a score needs a judgement.
    """
    if status is ResultStatus.SCORED:
        raise ValueError("a scored result needs a level")
    return tuple(
        CriterionResult(
            criterion_id=criterion.id, status=status, max_score=criterion.max_score, reason=reason
        )
        for criterion in task.criteria
    )
