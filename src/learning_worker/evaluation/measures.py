"""Measures of agreement and of rates, with the source of each formula. Pure: numbers in, numbers out."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

import numpy

RESAMPLES = 2000
# Of fewer, the few means that can be drawn say nothing.
FEWEST_GROUPS = 5
Z_95 = 1.959963984540054


def quadratic_weighted_kappa(model: Sequence[int], reference: Sequence[int]) -> float | None:
    """Agreement of two raters on one ordered scale, corrected for chance.

    model, reference: n levels each, in the same order. 1 is perfect, 0 is chance, below 0 is worse than chance. None
    where it is undefined: without values, or when both raters gave one and the same level throughout.
    Source: Cohen 1968, Psychological Bulletin 70(4), with squared distances as weights of disagreement.
    """
    pairs = list(zip(model, reference, strict=True))
    if not pairs:
        return None
    observed = sum((m - r) ** 2 for m, r in pairs) / len(pairs)
    by_model, by_reference = Counter(model).items(), Counter(reference).items()
    expected = sum(n * k * (m - r) ** 2 for m, n in by_model for r, k in by_reference) / len(pairs) ** 2
    return 1 - observed / expected if expected else None


def share(hits: int, of: int) -> float | None:
    """hits / of, or None for nothing."""
    return hits / of if of else None


def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """95 % interval of a rate; None for nothing.

    Source: Wilson 1927, Journal of the American Statistical Association 22(158), score interval without correction.
    """
    if not of:
        return None
    rate, z2 = hits / of, Z_95**2
    middle = (rate + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z_95 * math.sqrt(rate * (1 - rate) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def bootstrap_mean(groups: Sequence[Sequence[float]], *, seed: int = 0) -> tuple[float, float] | None:
    """95 % interval of the mean over all values, drawing whole groups with replacement; None for fewer than five groups.

    groups: the values of one answer each, since the criteria of one answer are not independent of each other. The same
    seed gives the same interval.
    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile interval), 2,000 draws.
    """
    filled = [group for group in groups if group]
    if len(filled) < FEWEST_GROUPS:
        return None
    sums = numpy.array([math.fsum(group) for group in filled])
    counts = numpy.array([len(group) for group in filled])
    random = numpy.random.default_rng(seed)
    means = []
    for _ in range(RESAMPLES):
        drawn = random.integers(len(filled), size=len(filled))
        means.append(float(sums[drawn].sum() / counts[drawn].sum()))
    means.sort()
    return quantile(means, 0.025), quantile(means, 0.975)


def quantile(ordered: Sequence[float], share_below: float) -> float:
    """The value below which a share of the ordered values lies, linear between two of them.

    Source: Hyndman & Fan 1996, The American Statistician 50(4), definition 7. Raises ValueError for no values.
    """
    if not ordered:
        raise ValueError("no values")
    place = share_below * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None for nothing."""
    return fmean(values) if values else None
