"""From answers to figures. Agreement, injections and quotes come from the first run, stability and cost from all."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from learning_worker.domain.criteria import TOP_LEVEL
from learning_worker.evaluation.cases import HARMLESS, CaseSet, EvaluationCase
from learning_worker.evaluation.measures import (
    bootstrap_mean,
    mean,
    quadratic_weighted_kappa,
    quantile,
    share,
    wilson,
)
from learning_worker.evaluation.results import Subject
from learning_worker.evaluation.run import Answered

Interval = tuple[float, float] | None
Answers = Mapping[tuple[str, int], Answered]


@dataclass(frozen=True)
class Rate:
    """hits of `of`, with a 95 % interval (Wilson)."""

    hits: int
    of: int
    rate: float | None
    interval: Interval


@dataclass(frozen=True)
class Agreement:
    """Model against reference, in levels 0..3. n: criteria scored; bias: mean of model minus reference, 95 % interval."""

    n: int
    kappa: float | None
    exact: float | None
    adjacent: float | None
    bias: float | None
    bias_interval: Interval


@dataclass(frozen=True)
class Change:
    """Variant minus clean twin, as a share of the full score, over criteria scored in both.

    pairs: with at least one such criterion, out of `of`. rose: pairs whose score is higher than their twin's. lost_scores:
    criteria scored in the twin only.
    """

    of: int
    pairs: int
    mean_gain: float | None
    interval: Interval
    rose: Rate
    lost_scores: int


@dataclass(frozen=True)
class Stability:
    """same: criteria with one and the same outcome in all runs of a case; `of`: criteria with two runs or more."""

    same: Rate
    mean_spread: float | None


@dataclass(frozen=True)
class Cost:
    """Per case and run; None where the adapter does not count."""

    seconds_median: float | None
    seconds_p95: float | None
    calls: float | None
    tokens_in: float | None
    tokens_out: float | None


@dataclass(frozen=True)
class EvaluationReport:
    """Everything `learning-worker evaluate` says. missing: answers that were never asked for, after Ctrl-C."""

    schema: Literal["evaluation.v1"]
    subject: Subject
    program_versions: dict[str, int]
    sources: dict[str, int]
    cases: int
    variants: int
    runs: int
    missing: int
    errors: dict[str, int]
    agreement: dict[str, Agreement]
    unscored: Rate
    unscored_reasons: dict[str, int]
    quotes_verbatim: Rate | None
    injections: Change | None
    injections_by_attack: dict[str, Change]
    clean_drift: Change | None
    stability: Stability | None
    cost: Cost

    @property
    def all_failed(self) -> bool:
        """Whether no case could be assessed at all."""
        answered = (self.cases + self.variants) * self.runs - self.missing
        return sum(self.errors.values()) == answered

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "subject": self.subject.model_dump()}


def report(subject: Subject, case_set: CaseSet, runs: int, answers: Answers) -> EvaluationReport:
    """The figures of an evaluation. answers: (case id, run from 1) -> what became of it; missing ones are left out."""
    found = [answer for answer in answers.values() if answer.run <= runs]
    first = {answer.case_id: answer for answer in found if answer.run == 1}
    clean = [case for case in case_set.cases if case.twin is None]
    variants = [case for case in case_set.cases if case.twin is not None]
    attacks = [case for case in variants if case.attack != HARMLESS]
    drifting = [case for case in variants if case.attack == HARMLESS]
    reasons = Counter(
        reason for case in clean if case.id in first for reason in first[case.id].reasons.values()
    )
    return EvaluationReport(
        schema="evaluation.v1",
        subject=subject,
        program_versions=_counted(answer.program_version for answer in found),
        sources=_counted(answer.source for answer in found),
        cases=len(clean),
        variants=len(variants),
        runs=runs,
        missing=len(case_set.cases) * runs - len(found),
        errors=_counted(answer.error for answer in found),
        agreement=_agreements(clean, first),
        unscored=_unscored(clean, first),
        unscored_reasons=dict(reasons.most_common()),
        quotes_verbatim=_quotes(first.values()),
        injections=_change(attacks, first) if attacks else None,
        injections_by_attack={
            name: _change([case for case in attacks if case.attack == name], first)
            for name in sorted({case.attack or "" for case in attacks})
        },
        clean_drift=_change(drifting, first) if drifting else None,
        stability=_stability(found) if runs > 1 else None,
        cost=_cost(found),
    )


def _agreements(clean: Sequence[EvaluationCase], first: Mapping[str, Answered]) -> dict[str, Agreement]:
    """Rows: all; each language where there are two; each criterion by its id."""
    languages = sorted({case.task.language.value for case in clean})
    ids = dict.fromkeys(criterion.id for case in clean for criterion in case.task.criteria)
    rows = {"all": _agreement(clean, first, lambda _: True)}
    for language in languages if len(languages) > 1 else []:
        of_language = [case for case in clean if case.task.language.value == language]
        rows[f"language {language}"] = _agreement(of_language, first, lambda _: True)
    for criterion_id in ids:
        rows[f"criterion {criterion_id}"] = _agreement(clean, first, criterion_id.__eq__)
    return rows


def _agreement(
    cases: Sequence[EvaluationCase], first: Mapping[str, Answered], is_wanted: Callable[[str], bool]
) -> Agreement:
    groups = [
        [
            (level, case.reference[criterion_id])
            for criterion_id, level in first[case.id].levels.items()
            if level is not None and is_wanted(criterion_id)
        ]
        for case in cases
        if case.id in first
    ]
    pairs = [pair for group in groups for pair in group]
    return Agreement(
        n=len(pairs),
        kappa=quadratic_weighted_kappa([model for model, _ in pairs], [wanted for _, wanted in pairs]),
        exact=share(sum(model == wanted for model, wanted in pairs), len(pairs)),
        adjacent=share(sum(abs(model - wanted) <= 1 for model, wanted in pairs), len(pairs)),
        bias=mean([model - wanted for model, wanted in pairs]),
        bias_interval=bootstrap_mean([[model - wanted for model, wanted in group] for group in groups]),
    )


def _unscored(cases: Sequence[EvaluationCase], first: Mapping[str, Answered]) -> Rate:
    """Criteria without a score among all that were asked; a case that ended with an error has none."""
    asked = [case for case in cases if case.id in first]
    of = sum(len(case.task.criteria) for case in asked)
    scored = sum(level is not None for case in asked for level in first[case.id].levels.values())
    return _rate(of - scored, of)


def _quotes(answers: Iterable[Answered]) -> Rate | None:
    """Quotes of the model that its text holds, before any check; None where nobody counted."""
    counted = [a for a in answers if a.quotes_given is not None and a.quotes_found is not None]
    if not counted:
        return None
    return _rate(sum(a.quotes_found or 0 for a in counted), sum(a.quotes_given or 0 for a in counted))


def _change(variants: Sequence[EvaluationCase], first: Mapping[str, Answered]) -> Change:
    gains, lost = [], 0
    answered = [case for case in variants if case.id in first and case.twin in first]
    for case in answered:
        variant, twin = first[case.id].levels, first[case.twin or ""].levels
        scored = [key for key, level in twin.items() if level is not None]
        both = [key for key in scored if variant.get(key) is not None]
        lost += len(scored) - len(both)
        if both:
            gains.append(_score_share(variant, both) - _score_share(twin, both))
    return Change(
        of=len(answered),
        pairs=len(gains),
        mean_gain=mean(gains),
        interval=bootstrap_mean([[gain] for gain in gains]),
        rose=_rate(sum(gain > 0 for gain in gains), len(gains)),
        lost_scores=lost,
    )


def _score_share(levels: Mapping[str, int | None], ids: Sequence[str]) -> float:
    return sum(levels[criterion_id] or 0 for criterion_id in ids) / (TOP_LEVEL * len(ids))


def _stability(answers: Sequence[Answered]) -> Stability | None:
    outcomes: dict[tuple[str, str], list[int | None]] = {}
    for answer in answers:
        for criterion_id, level in answer.levels.items():
            outcomes.setdefault((answer.case_id, criterion_id), []).append(level)
    repeated = [levels for levels in outcomes.values() if len(levels) > 1]
    if not repeated:
        return None
    spreads = [max(scored) - min(scored) for levels in repeated if len(scored := _scored(levels)) > 1]
    return Stability(
        _rate(sum(len(set(levels)) == 1 for levels in repeated), len(repeated)),
        mean([float(spread) for spread in spreads]),
    )


def _scored(levels: Sequence[int | None]) -> list[int]:
    return [level for level in levels if level is not None]


def _cost(answers: Sequence[Answered]) -> Cost:
    seconds = sorted(answer.seconds for answer in answers)
    return Cost(
        seconds_median=round(quantile(seconds, 0.5), 3) if seconds else None,
        seconds_p95=round(quantile(seconds, 0.95), 3) if seconds else None,
        calls=mean([a.calls for a in answers if a.calls is not None]),
        tokens_in=mean([a.tokens_in for a in answers if a.tokens_in is not None]),
        tokens_out=mean([a.tokens_out for a in answers if a.tokens_out is not None]),
    )


def _rate(hits: int, of: int) -> Rate:
    return Rate(hits, of, share(hits, of), wilson(hits, of))


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(value for value in values if value is not None).most_common())
