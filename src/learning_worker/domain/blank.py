"""Answers that no model is asked about."""

import re

from learning_worker.domain.criteria import CriterionResult, Reason, ResultStatus
from learning_worker.domain.submission import Task


def is_blank(text: str) -> bool:
    """Whether there is nothing to assess: white space, punctuation and symbols, but no letter and no digit."""
    return not any(map(str.isalnum, text))


def is_nonsense(text: str) -> bool:
    """Whether a text of some length is plainly no language: one or two letters over and over, or no vowel anywhere.

    Only Latin letters are judged, and nothing with a digit: formulas and other scripts are left to a reader.
    """
    letters = [char for char in text.lower() if char.isalpha()]
    if len(letters) < _NONSENSE_LETTERS or any(map(str.isdigit, text)):
        return False
    if not all(char < "\u0250" for char in letters):
        return False
    return len(set(letters)) <= 2 or _VOWEL.search(text) is None


_NONSENSE_LETTERS = 8
_VOWEL = re.compile("[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]", re.IGNORECASE)


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
