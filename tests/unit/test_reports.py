import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.criteria import (
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    level_score,
)
from learning_worker.domain.reports import (
    ReportError,
    ReportV1,
    ReportV2,
    as_v2,
    check_report,
    parse_report,
    report_from,
    report_json,
    results_of,
)

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Die Pflanze braucht Licht. 👍 Sie macht daraus Zucker."
CRITERIA = (Criterion("c1", "names the inputs"), Criterion("c2", "gives a reason", weight=3))
SCORED = CriterionResult(
    "c1",
    ResultStatus.SCORED,
    10,
    level=2,
    score=7,
    confidence=Confidence.HIGH,
    explanation_md="It names light.",
    evidence=(Evidence("macht daraus Zucker", 33, 52),),
    next_step_md="Name water too.",
)
FULL = CriterionResult(
    "c2", ResultStatus.SCORED, 10, level=3, score=10, evidence=(Evidence("braucht Licht", 12, 25),)
)
UNSCORED = CriterionResult("c2", ResultStatus.NEEDS_REVIEW, 10, reason=Reason.QUOTE_NOT_FOUND)

V1 = {
    "schema": "criteria.v1",
    "score": None,
    "criteria_results": [
        {
            "criterion": "names the inputs",
            "score": 8,
            "explanation_md": "…",
            "evidence": [{"quote": "Die Pflanze", "start": 0, "end": 11}],
        },
        {"criterion": "gives a reason", "score": None, "explanation_md": ""},
    ],
}
V2 = {
    "schema": "criteria.v2",
    "score": None,
    "source": "dspy",
    "assessed": 1,
    "total": 2,
    "criteria_results": [
        {
            "criterion_id": "c1",
            "criterion": "names the inputs",
            "status": "scored",
            "reason": None,
            "level": 2,
            "score": 7,
            "max_score": 10,
            "confidence": "high",
            "explanation_md": "It names light.",
            "evidence": [{"quote": "macht daraus Zucker", "start": 33, "end": 52}],
            "next_step_md": "Name water too.",
        },
        {
            "criterion_id": "c2",
            "criterion": "gives a reason",
            "status": "needs_review",
            "reason": "quote_not_found",
            "level": None,
            "score": None,
            "max_score": 10,
            "confidence": None,
            "explanation_md": "",
            "evidence": [],
            "next_step_md": None,
        },
    ],
}


def changed(report: dict, *path_and_value: object) -> dict:
    """A copy of a report with one value replaced, or a key added."""
    *path, key, value = path_and_value
    copy = json.loads(json.dumps(report))
    place = copy
    for part in path:
        place = place[part]
    place[key] = value
    return copy


def test_a_run_becomes_the_report_that_the_design_shows():
    report = report_from([SCORED, UNSCORED], CRITERIA, "criteria.v2", ReportSource.DSPY)

    assert json.loads(report_json(report)) == V2
    assert list(json.loads(report_json(report))) == list(V2)


def test_results_are_put_into_the_order_of_the_criteria():
    report = report_from([UNSCORED, SCORED], CRITERIA, "criteria.v2", ReportSource.DSPY)

    assert json.loads(report_json(report)) == V2


@pytest.mark.parametrize(
    "results",
    [
        [SCORED],
        [SCORED, SCORED],
        [SCORED, UNSCORED, UNSCORED],
        [SCORED, replace(UNSCORED, criterion_id="c3")],
        [SCORED, replace(UNSCORED, max_score=5)],
        [SCORED, replace(UNSCORED, reason=None)],
        [replace(SCORED, score=10), UNSCORED],
        [replace(SCORED, level=9), UNSCORED],
        [replace(SCORED, level=None), UNSCORED],
        [replace(SCORED, evidence=(Evidence("Zucker", 0, 3),)), UNSCORED],
    ],
)
def test_there_is_no_report_without_one_valid_result_per_criterion(results):
    with pytest.raises(ReportError):
        report_from(results, CRITERIA, "criteria.v2", ReportSource.DSPY)


def test_criteria_v1_holds_only_what_v1_knows():
    report = report_from([SCORED, FULL], CRITERIA, "criteria.v1", ReportSource.STUB)

    stored = json.loads(report_json(report))
    assert stored.keys() == {"schema", "score", "criteria_results"}
    assert stored["score"] == 5
    assert stored["criteria_results"][0].keys() == {"criterion", "score", "explanation_md", "evidence"}


def test_the_whole_score_follows_the_weights():
    results = [SCORED, replace(FULL, level=1, score=3)]

    assert report_from(results, CRITERIA, "criteria.v2", ReportSource.DSPY).score == 2


@pytest.mark.parametrize("form", [V1, V2, json.dumps(V1), json.dumps(V2).encode()])
def test_both_schemas_are_read_from_text_and_from_a_json_column(form):
    report = parse_report(form)

    assert isinstance(report, ReportV1 | ReportV2)
    assert parse_report(report_json(report)) == report


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "nonsense",
        "[]",
        None,
        object(),
        {},
        changed(V2, "schema", "criteria.v3"),
        changed(V2, "extra", 1),
        changed(V2, "score", 0),
        changed(V2, "score", 6),
        changed(V2, "assessed", 2),
        changed(V2, "total", 3),
        changed(V2, "source", "gpt"),
        changed(V2, "source", "none"),
        changed(V2, "criteria_results", []),
        changed(V2, "criteria_results", 0, "score", 10),
        changed(V2, "criteria_results", 0, "score", 7.5),
        changed(V2, "criteria_results", 0, "score", "7"),
        changed(V2, "criteria_results", 0, "score", True),
        changed(V2, "criteria_results", 0, "score", -1),
        changed(V2, "criteria_results", 0, "score", None),
        changed(V2, "criteria_results", 0, "level", 4),
        changed(V2, "criteria_results", 0, "reason", "unknown"),
        changed(V2, "criteria_results", 0, "max_score", 6),
        changed(V2, "criteria_results", 0, "status", "fine"),
        changed(V2, "criteria_results", 0, "criterion_id", "c2"),
        changed(V2, "criteria_results", 0, "evidence", 0, "start", -1),
        changed(V2, "criteria_results", 0, "evidence", 0, "end", 51),
        changed(V2, "criteria_results", 0, "evidence", 0, "quote", ""),
        changed(V2, "criteria_results", 1, "reason", None),
        changed(V2, "criteria_results", 1, "reason", "mood"),
        changed(V2, "criteria_results", 1, "score", 0),
        changed(V2, "criteria_results", 1, "level", 0),
        changed(V1, "score", 3),
        changed(V1, "source", "stub"),
        changed(V1, "criteria_results", 0, "level", 2),
        changed(V1, "criteria_results", 1, "score", 0),
    ],
)
def test_a_report_that_is_not_valid_is_refused(broken):
    with pytest.raises(ReportError):
        parse_report(broken)


def test_a_refusal_never_repeats_what_the_report_held():
    secret = "Mein Hund heisst Bello"
    broken = changed(V2, "criteria_results", 0, "score", secret)

    with pytest.raises(ReportError) as caught:
        parse_report(changed(broken, secret, secret))

    assert str(caught.value) == "int_type at criteria_results.0.score"
    assert caught.value.__cause__ is None
    with pytest.raises(ReportError) as caught:
        parse_report(changed(V2, secret, 1))
    assert "Bello" not in str(caught.value)


def test_a_teacher_gives_points_between_the_levels():
    report = changed(V2, "source", "teacher")
    report = changed(report, "criteria_results", 0, "score", 8)

    assert parse_report(changed(report, "criteria_results", 0, "level", None)).score is None
    assert parse_report(report).criteria_results[0].score == 8
    with pytest.raises(ReportError):
        parse_report(changed(report, "criteria_results", 0, "score", 11))


def test_v1_reads_as_v2_from_the_stub_with_missing_scores_for_review():
    whole = as_v2(parse_report(V1), CRITERIA)

    assert (whole.source, whole.assessed, whole.total, whole.score) == (ReportSource.STUB, 1, 2, None)
    first, second = whole.criteria_results
    assert (first.criterion_id, first.score, first.max_score, first.level) == ("c1", 8, 10, None)
    assert (second.status, second.reason) == (ResultStatus.NEEDS_REVIEW, Reason.UNKNOWN)


def test_v2_reads_as_itself():
    report = parse_report(V2)

    assert as_v2(report, CRITERIA) is report


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 100)), min_size=1, max_size=6))
def test_what_the_stub_stored_reads_back_with_the_same_points(levels):
    criteria = [Criterion(f"c{nr}", f"text {nr}", top) for nr, (_, top) in enumerate(levels)]
    results = [
        CriterionResult(c.id, ResultStatus.SCORED, top, level=level, score=level_score(level, top))
        for c, (level, top) in zip(criteria, levels, strict=True)
    ]

    stored = report_json(report_from(results, criteria, "criteria.v1", ReportSource.STUB))

    report = parse_report(stored)
    check_report(report, criteria, "")
    assert [r.score for r in results_of(report, criteria)] == [r.score for r in results]


@pytest.mark.parametrize("report", [V1, V2])
def test_a_report_that_fits_its_task_and_text_passes(report):
    check_report(parse_report(report), CRITERIA, TEXT)


@pytest.mark.parametrize(
    ("report", "criteria", "text"),
    [
        (V2, CRITERIA, TEXT.replace("Zucker", "Stärke")),
        (V1, CRITERIA, TEXT[1:]),
        (V2, CRITERIA, ""),
        (V2, CRITERIA[:1], TEXT),
        (V2, (CRITERIA[1], CRITERIA[0]), TEXT),
        (V1, (CRITERIA[1], CRITERIA[0]), TEXT),
        (V2, (CRITERIA[0], Criterion("c3", "gives a reason")), TEXT),
        (V2, (CRITERIA[0], Criterion("c2", "gives a reason", 5)), TEXT),
        (V1, (Criterion("c1", "names the inputs", 5), CRITERIA[1]), TEXT),
    ],
)
def test_a_report_of_another_task_or_text_is_refused(report, criteria, text):
    with pytest.raises(ReportError):
        check_report(parse_report(report), criteria, text)


def test_a_whole_score_that_does_not_follow_is_refused():
    good = report_from([SCORED, FULL], CRITERIA, "criteria.v2", ReportSource.DSPY)
    check_report(good, CRITERIA, TEXT)

    with pytest.raises(ReportError, match="score"):
        check_report(good.model_copy(update={"score": 4}), CRITERIA, TEXT)


def test_the_published_schemas_are_those_of_the_code():
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
