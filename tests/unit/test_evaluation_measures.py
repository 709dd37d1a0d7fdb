"""Measures of agreement, held against values computed by other means."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.evaluation.measures import bootstrap_mean, quadratic_weighted_kappa, quantile, wilson

LEVELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def kappa_by_table(pairs: list[tuple[int, int]]) -> float | None:
    """The textbook form, with a table of weights, of counts and of what chance would give."""
    n, size = len(pairs), 4
    weight = [[(i - j) ** 2 / (size - 1) ** 2 for j in range(size)] for i in range(size)]
    rows = [sum(m == i for m, _ in pairs) for i in range(size)]
    columns = [sum(r == j for _, r in pairs) for j in range(size)]
    observed = sum(weight[m][r] for m, r in pairs)
    expected = sum(weight[i][j] * rows[i] * columns[j] / n for i in range(size) for j in range(size))
    return None if expected == 0 else 1 - observed / expected


@given(LEVELS)
def test_kappa_is_that_of_the_textbook_table(pairs):
    kappa = quadratic_weighted_kappa([m for m, _ in pairs], [r for _, r in pairs])

    wanted = kappa_by_table(pairs)
    assert kappa == wanted if wanted is None else kappa == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("model", "reference", "kappa"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0),
        ([3, 2, 1, 0], [0, 1, 2, 3], -1.0),
        ([1, 1, 1, 1], [0, 1, 2, 3], 0.0),
        ([2, 2], [2, 2], None),
        ([], [], None),
    ],
)
def test_kappa_is_one_for_equals_zero_for_chance_and_undefined_without_spread(model, reference, kappa):
    assert quadratic_weighted_kappa(model, reference) == kappa


def test_raters_of_different_lists_are_refused():
    with pytest.raises(ValueError):
        quadratic_weighted_kappa([1, 2], [1])


@pytest.mark.parametrize(
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_rate_is_the_published_one(hits, of, low, high):
    found = wilson(hits, of)

    assert found is not None
    assert found == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_mean_holds_the_true_mean_about_as_often_as_it_says():
    random, held = Random(1), 0
    for _ in range(40):
        groups = [[random.gauss(0.5, 1)] for _ in range(40)]
        low, high = bootstrap_mean(groups) or (0.0, 0.0)
        held += low <= 0.5 <= high

    assert 33 <= held <= 40


def test_criteria_of_one_answer_do_not_count_as_independent_answers():
    single = bootstrap_mean([[0.0], [1.0]] * 10)
    repeated = bootstrap_mean([[0.0] * 3, [1.0] * 3] * 10)

    assert single == repeated


def test_no_interval_is_made_up_for_one_answer():
    assert bootstrap_mean([[1.0, 2.0], []]) is None
    assert wilson(0, 0) is None


def test_a_quantile_lies_between_its_neighbours():
    assert quantile([1.0, 2.0, 4.0], 0.75) == 3.0
    assert math.isclose(quantile([5.0], 0.95), 5.0)
