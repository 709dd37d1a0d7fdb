"""The feedback text in a model's words: what the linter lets through, and what becomes of the rest."""

import json

from learning_worker.domain.criteria import (
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ResultStatus,
    level_score,
)
from learning_worker.domain.submission import Language, Task
from learning_worker.domain.wording import worded

TEXT = "Plants need light because light gives them energy. They drink water."
TASK = Task(
    "Why do plants need light? Explain.",
    (Criterion("inputs", "Names light and water"), Criterion("why", "Gives a reason")),
    language=Language.ENGLISH,
    grade_level=7,
)


def results(*levels: int | None, task: Task = TASK) -> tuple[CriterionResult, ...]:
    """One result per criterion, quoting the start of the text; None: nobody assessed it."""
    return tuple(
        CriterionResult(criterion.id, ResultStatus.NEEDS_REVIEW, criterion.max_score, Reason.TIMEOUT)
        if level is None
        else CriterionResult(
            criterion.id,
            ResultStatus.SCORED,
            criterion.max_score,
            level=level,
            score=level_score(level, criterion.max_score),
            evidence=(Evidence(TEXT[:17], 0, 17),) if level else (),
        )
        for criterion, level in zip(task.criteria, levels, strict=True)
    )


def wording(works: dict[str, str], following: dict[str, str], try_now: str = "Read it aloud once.") -> str:
    """A model's answer; works and following: text by criterion."""
    return json.dumps(
        {
            "works": [{"criterion_id": key, "text": text} for key, text in works.items()],
            "next": [{"criterion_id": key, "text": text} for key, text in following.items()],
            "try_now": try_now,
        }
    )


def test_nothing_is_said_to_be_complete_while_a_criterion_is_not_assessed():
    praise = wording({"inputs": "The text names light and water."}, {})

    open_one = worded(praise, results(3, None), TASK, TEXT)
    all_met = worded(praise, results(3, 3), TASK, TEXT)

    assert open_one.problems == all_met.problems == ()
    assert "Nothing is missing" not in open_one.feedback_md
    assert "no feedback on 1 of 2" in open_one.feedback_md
    assert "Nothing is missing" in all_met.feedback_md
