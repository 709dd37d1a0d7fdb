import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.criteria import (
    CriteriaError,
    Criterion,
    CriterionResult,
    ResultStatus,
    criteria_json,
    level_score,
    nearest_level,
    parse_criteria,
    whole_score,
)

LEVELS = ["not yet", "partly", "largely", "fully"]


def scored(criterion: Criterion, score: int | None) -> CriterionResult:
    status = ResultStatus.NEEDS_REVIEW if score is None else ResultStatus.SCORED
    return CriterionResult(criterion.id, status, criterion.max_score, score=score)


def test_a_plain_text_is_shorthand_for_a_criterion():
    assert parse_criteria(["  names the inputs "]) == (Criterion("c1", "names the inputs"),)


def test_an_object_keeps_what_it_says():
    raw = [{"id": "why", "text": "gives a reason", "max_score": 5, "weight": 2.5, "levels": LEVELS}]

    assert parse_criteria(raw) == (Criterion("why", "gives a reason", 5, 2.5, tuple(LEVELS)),)


def test_a_default_id_gives_way_to_an_id_that_was_given_later():
    criteria = parse_criteria(["first", {"id": "c1", "text": "second"}, "third"])

    assert [c.id for c in criteria] == ["c2", "c1", "c3"]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("text", "list"),
        (None, "list"),
        ([], "1 to 30"),
        (["x"] * 31, "1 to 30"),
        ([7], "Criterion 1"),
        (["ok", " "], "Criterion 2: text"),
        (["x" * 2001], "Criterion 1: text"),
        (["a\x00b"], "Criterion 1: text"),
        (["a\ud800b"], "Criterion 1: text"),
        ([{"id": "a"}], "Criterion 1: text"),
        ([{"text": "a", "points": 3}], "points"),
        ([{"text": "a", "id": ""}], "Criterion 1: id"),
        ([{"text": "a", "id": "i" * 65}], "Criterion 1: id"),
        ([{"text": "a", "id": "a\nb"}], "Criterion 1: id"),
        ([{"text": "a", "id": "x"}, {"text": "b", "id": "x"}], "Criterion 2"),
        ([{"text": "a", "max_score": 0}], "max_score"),
        ([{"text": "a", "max_score": 101}], "max_score"),
        ([{"text": "a", "max_score": True}], "max_score"),
        ([{"text": "a", "max_score": 2.5}], "max_score"),
        ([{"text": "a", "weight": 0}], "weight"),
        ([{"text": "a", "weight": float("nan")}], "weight"),
        ([{"text": "a", "weight": float("inf")}], "weight"),
        ([{"text": "a", "levels": LEVELS[:3]}], "levels"),
        ([{"text": "a", "levels": [*LEVELS[:3], ""]}], "level 3"),
        ([{"text": "a", "levels": "four"}], "levels"),
    ],
)
def test_criteria_that_cannot_be_used_are_refused_with_their_place(raw, place):
    with pytest.raises(CriteriaError, match=place) as refused:
        parse_criteria(raw)

    assert refused.value.sentence.german.startswith(("Kriteri", "Eine Aufgabe"))


def test_the_limits_themselves_are_allowed():
    raw = [{"text": "x" * 2000, "id": "i" * 64, "max_score": 100, "weight": 0.01}] + ["y"] * 29

    assert len(parse_criteria(raw)) == 30


def test_canonical_json_reads_back_as_the_same_criteria():
    criteria = parse_criteria(["größer", {"text": "b", "weight": 1.5, "levels": LEVELS}])

    text = criteria_json(criteria)

    assert parse_criteria(json.loads(text)) == criteria
    assert text.startswith('[{"id":"c1","text":"größer","max_score":10,"weight":1,"levels":[]}')


def test_levels_become_points_rounded_half_up():
    assert [level_score(level, 10) for level in range(4)] == [0, 3, 7, 10]
    assert [level_score(level, 1) for level in range(4)] == [0, 0, 1, 1]
    assert [level_score(level, 100) for level in range(4)] == [0, 33, 67, 100]


@pytest.mark.parametrize("level", [-1, 4, 9])
def test_a_level_outside_the_scale_has_no_points(level):
    with pytest.raises(ValueError, match="level"):
        level_score(level, 10)


@given(st.integers(0, 3), st.integers(3, 100))
def test_points_lead_back_to_their_level(level, max_score):
    assert nearest_level(level_score(level, max_score), max_score) == level


def test_points_between_two_levels_read_as_the_higher():
    assert [nearest_level(score, 10) for score in (0, 1, 2, 5, 8, 9, 10)] == [0, 0, 1, 2, 2, 3, 3]


def test_the_whole_score_is_weighted_and_rounded_half_up():
    light, heavy = Criterion("a", "a"), Criterion("b", "b", weight=3)

    assert whole_score([scored(light, 10), scored(heavy, 0)], [light, heavy]) == 1
    assert whole_score([scored(light, 0), scored(heavy, 10)], [light, heavy]) == 4
    assert whole_score([scored(light, 5)], [light]) == 3


def test_the_whole_score_counts_shares_of_each_maximum_in_exact_decimals():
    # 5 * (0.1 * 1 + 0.2 * 2/5) / 0.3 is exactly 3; 0.35 of the weight halves a point exactly.
    criteria = [Criterion("a", "a", 10, 0.1), Criterion("b", "b", 5, 0.2)]
    assert whole_score([scored(criteria[0], 10), scored(criteria[1], 2)], criteria) == 3
    half = [Criterion("a", "a", 10, 0.7), Criterion("b", "b", 10, 0.3)]
    assert whole_score([scored(half[0], 7), scored(half[1], 0)], half) == 2
    assert whole_score([scored(half[0], 10), scored(half[1], 0)], half) == 4


def test_one_unscored_criterion_leaves_the_whole_without_a_score():
    criteria = parse_criteria(["a", "b"])

    assert whole_score([scored(criteria[0], 10), scored(criteria[1], None)], criteria) is None
