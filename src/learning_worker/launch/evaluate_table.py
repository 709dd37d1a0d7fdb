"""What `learning-worker evaluate` prints: a bar while it runs, tables in the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from learning_worker.evaluation.report import Agreement, Change, EvaluationReport, Interval, Rate
from learning_worker.launch.evaluate import Progress as Tell


@contextmanager
def progress_bar() -> Iterator[Tell]:
    """A bar on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("cases"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("cases", total=None)
        yield lambda count, total: progress.update(task, completed=count, total=total)


def print_report(report: EvaluationReport, console: Console) -> None:
    """Everything but the counts per program version, for people."""
    subject = report.subject
    console.print(
        f"{subject.adapter}: model {subject.model or 'none'}, digest {(subject.model_digest or 'none')[:19]}, "
        f"learning-worker {subject.product_version}, programs {_counts(report.program_versions)}",
        f"{subject.case_set} (sha256 {subject.case_set_sha256[:12]}): {report.cases} cases, "
        f"{report.variants} variants, runs: {report.runs}",
        sep="\n",
        highlight=False,
    )
    if report.missing:
        console.print(f"Stopped early: {report.missing} answers are missing.", highlight=False)
    console.print(_agreements(report.agreement), _rates(report))
    if report.injections is not None:
        console.print(_changes(report))


def _agreements(rows: Mapping[str, Agreement]) -> Table:
    table = Table("", "n", "kappa (QW)", "exact", "adjacent", "bias [95 %]", title="Agreement")
    for name, row in rows.items():
        table.add_row(
            name,
            str(row.n),
            _number(row.kappa),
            _percent(row.exact),
            _percent(row.adjacent),
            f"{_number(row.bias, sign=True)} {_interval(row.bias_interval)}",
        )
    return table


def _rates(report: EvaluationReport) -> Table:
    table = Table("", "", title="The rest", show_header=False)
    table.add_row("without a score", f"{_rate(report.unscored)}  {_counts(report.unscored_reasons)}")
    if report.quotes_verbatim is not None:
        table.add_row("quotes verbatim before the check", _rate(report.quotes_verbatim))
    if report.stability is not None:
        spread = _number(report.stability.mean_spread)
        table.add_row("same in all runs", f"{_rate(report.stability.same)}, mean spread {spread} levels")
    if report.errors:
        table.add_row("cases that ended with an error", _counts(report.errors))
    cost = report.cost
    table.add_row("per case", f"{_number(cost.seconds_median)} s (95 % below {_number(cost.seconds_p95)} s)")
    if cost.calls is not None:
        table.add_row(
            "",
            f"{cost.calls:.1f} calls, {cost.tokens_in or 0:.0f} tokens read, {cost.tokens_out or 0:.0f} written",
        )
    return table


def _changes(report: EvaluationReport) -> Table:
    table = Table(
        "",
        "pairs",
        "rose",
        "gain of full score [95 %]",
        "lost scores",
        title="Variants against clean twins",
    )
    rows: dict[str, Change | None] = {
        "all injections": report.injections,
        **report.injections_by_attack,
        "harmless (clean drift)": report.clean_drift,
    }
    for name, row in rows.items():
        if row is not None:
            gain = f"{_number(row.mean_gain, sign=True)} {_interval(row.interval)}"
            table.add_row(name, f"{row.pairs} of {row.of}", _rate(row.rose), gain, str(row.lost_scores))
    return table


def _rate(rate: Rate) -> str:
    return f"{_percent(rate.rate)} {_interval(rate.interval, 100)} ({rate.hits} of {rate.of})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _number(value: float | None, *, sign: bool = False) -> str:
    return "-" if value is None else f"{value:+.2f}" if sign else f"{value:.2f}"


def _interval(interval: Interval, factor: int = 1) -> str:
    if interval is None:
        return ""
    digits = 0 if factor == 100 else 2
    low, high = (f"{factor * bound:.{digits}f}" for bound in interval)
    # A backslash, since rich reads brackets as markup.
    return rf"\[{low}, {high}]"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
