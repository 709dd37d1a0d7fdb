"""The score of the whole is the same number in Python and in the database, whatever the weights."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from learning_worker.domain.criteria import (
    CriterionResult,
    ResultStatus,
    criteria_json,
    parse_criteria,
    whole_score,
)

WEIGHTS = st.one_of(st.integers(1, 1000), st.floats(1e-9, 1000), st.sampled_from([0.1, 0.3, 1 / 3, 999.999]))
SCORED = st.integers(1, 100).flatmap(lambda top: st.tuples(st.just(top), st.integers(0, top), WEIGHTS))
UNSCORED = st.tuples(st.integers(1, 100), st.none(), WEIGHTS)
# Halves are where rounding shows: of these weights and maxima every second mean ends on one.
ON_THE_EDGE = st.tuples(st.just(10), st.integers(0, 10), st.sampled_from([0.1, 0.2, 0.5, 1]))


def in_python(given_results):
    criteria = parse_criteria(
        [{"text": "x", "max_score": top, "weight": weight} for top, _, weight in given_results]
    )
    results = [
        CriterionResult(
            criterion.id,
            ResultStatus.NEEDS_REVIEW if score is None else ResultStatus.SCORED,
            top,
            score=score,
        )
        for criterion, (top, score, _) in zip(criteria, given_results, strict=True)
    ]
    return criteria, whole_score(results, criteria)


def test_python_and_sql_round_the_weighted_mean_to_the_same_whole_score(school):
    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(
        st.one_of(
            st.lists(SCORED, min_size=1, max_size=30),
            st.lists(ON_THE_EDGE, min_size=2, max_size=4),
            st.lists(st.one_of(SCORED, UNSCORED), min_size=1, max_size=5),
        )
    )
    def agree(given_results):
        criteria, expected = in_python(given_results)
        results = [{"score": score} for _, score, _ in given_results]

        found = school.one(
            "select learning_whole_score(%s, %s) as score",
            Jsonb(results),
            Jsonb(json.loads(criteria_json(criteria))),
        )

        assert found["score"] == expected

    agree()
