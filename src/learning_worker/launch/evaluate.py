"""`learning-worker evaluate`: cases through the adapter of the settings, one after the other, and what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from learning_worker import wiring
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.domain.person_reads import PhraseList
from learning_worker.evaluation.cases import CaseFileError, CaseSet, read_cases
from learning_worker.evaluation.report import EvaluationReport, report
from learning_worker.evaluation.results import Results, ResultsFileError, Subject, results_at
from learning_worker.evaluation.run import answered
from learning_worker.launch.oneshot import LaunchError
from learning_worker.launch.show import as_json
from learning_worker.ports import FeedbackAdapter
from learning_worker.settings import FeedbackChoice, Settings

# Sets that come with the program, by name.
BUILT_IN = ("synthetic", "injections")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be evaluated. cases: a file, or the name of a built-in set; limit: the first clean cases only."""

    cases: str
    runs: int = 3
    limit: int | None = None
    resume: Path | None = None


def evaluate(settings: Settings, order: Order, progress: Progress) -> EvaluationReport:
    """Run what the results do not hold yet, and report on everything.

    progress: called with the number of answers so far and in the end. Ctrl-C ends the run early, and the report is on
    what there is. Raises LaunchError with one sentence per problem.
    """
    case_set = _case_set(order)
    try:
        subject = asyncio.run(_subject(settings, case_set))
        with results_at(order.resume, subject) as results:
            try:
                asyncio.run(_run(settings, case_set, order, results, progress))
            except KeyboardInterrupt:
                if not results.answers:
                    raise
            return report(subject, case_set, order.runs, results.answers)
    except ResultsFileError as error:
        raise LaunchError(str(error)) from error
    except AnalysisError as error:
        raise LaunchError(_sentence(error.code, settings, order)) from error
    except OSError as error:
        raise LaunchError(f"{order.resume} cannot be written; is the disk full?") from error


def write_report(found: EvaluationReport, path: Path) -> None:
    """All figures as one JSON document. Raises LaunchError when the file cannot be written."""
    try:
        with path.open("w", encoding="utf-8") as out:
            as_json(found.as_json(), out)
    except OSError:
        raise LaunchError(f"{path} cannot be written; the figures above are all there is.") from None


def _case_set(order: Order) -> CaseSet:
    path = Path(order.cases)
    name = path.name
    try:
        if order.cases in BUILT_IN and not path.exists():
            content = files("learning_worker.evaluation").joinpath("sets", f"{name}.jsonl").read_bytes()
        else:
            content = path.read_bytes()
    except OSError:
        raise LaunchError(
            f"{path} cannot be read; name a file of cases, or one of the built-in sets: {', '.join(BUILT_IN)}."
        ) from None
    try:
        case_set = read_cases(name, content)
    except CaseFileError as error:
        raise LaunchError("\n".join(f"{name}: {problem}" for problem in error.problems)) from error
    return case_set if order.limit is None else case_set.first(order.limit)


async def _subject(settings: Settings, case_set: CaseSet) -> Subject:
    model = digest = None
    if settings.feedback_adapter is FeedbackChoice.LOCAL:
        model = settings.ai_feedback_model or ""
        client = wiring.ollama_client(settings)
        try:
            digest = await client.digest(model)
        finally:
            await client.aclose()
    return Subject(
        product_version=version("learning-worker"),
        adapter=str(settings.feedback_adapter),
        model=model,
        model_digest=digest,
        case_set=case_set.name,
        case_set_sha256=case_set.sha256,
    )


async def _run(
    settings: Settings, case_set: CaseSet, order: Order, results: Results, progress: Progress
) -> None:
    phrases = wiring.person_reads(settings)
    async with aclosing(wiring.feedback_adapter(settings)) as adapter:
        await _answer_all(case_set, order.runs, results, progress, (adapter, phrases))


async def _answer_all(
    case_set: CaseSet,
    runs: int,
    results: Results,
    progress: Progress,
    asked: tuple[FeedbackAdapter, PhraseList],
) -> None:
    # Run by run, not case by case: what is interrupted has seen every case before any of them twice.
    whole = [(case, run) for run in range(1, runs + 1) for case in case_set.cases]
    for count, (case, run) in enumerate(whole):
        progress(count, len(whole))
        if (case.id, run) not in results.answers:
            results.add(await answered(case, run, *asked))
    progress(len(whole), len(whole))


def _sentence(code: str, settings: Settings, order: Order) -> str:
    url = settings.ollama_base_url
    again = (
        f"`--resume {order.resume}` goes on where this stopped."
        if order.resume
        else "`--resume FILE` would have kept what was answered so far."
    )
    if code == Fault.MODEL_MISSING:
        model = settings.ai_feedback_model
        return f"The model server at {url} does not have the model {model}; get it with `ollama pull {model}`. {again}"
    return f"The model server at {url} does not answer ({code}); check that it runs. {again}"
