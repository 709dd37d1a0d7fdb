"""The command `learning-worker`: parses, calls wiring and launch, exits."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from learning_worker import wiring
from learning_worker.db import migrate as migrations
from learning_worker.db.embedded import EmbeddedError
from learning_worker.db.migrate import MigrationError
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.db.safe_login import EXIT_UNSAFE_LOGIN, UnsafeLogin
from learning_worker.domain.sentences import Sentence
from learning_worker.launch import (
    children,
    course_commands,
    doctor,
    first_start,
    purge_command,
    queue_commands,
    show,
)
from learning_worker.launch import demo as demo_launch
from learning_worker.launch import findings as doctor_findings
from learning_worker.launch.criteria_file import CriteriaFileError, read_task
from learning_worker.launch.local_ai import LocalAi, local_ai, without_ai
from learning_worker.launch.once import SAMPLE_NAMES, sample_requests
from learning_worker.launch.oneshot import LaunchError, Request, analyse
from learning_worker.launch.people import demo_people
from learning_worker.observability import logs
from learning_worker.settings import (
    DatabaseUse,
    Environment,
    LogLevel,
    Settings,
    SettingsError,
    spoken_language,
)

OK, FAILED, USAGE = 0, 1, 2
UNSAFE_LOGIN = Sentence(
    "This database login may see every row (superuser, BYPASSRLS, CREATEROLE or owner), so the program does not "
    "start with it; use a login IN ROLE gustav_limited or gustav_worker.",
    "Dieser Datenbank-Login sieht jede Zeile (Superuser, BYPASSRLS, CREATEROLE oder Eigentümer), deshalb startet das "
    "Programm nicht damit; einen Login IN ROLE gustav_limited oder gustav_worker verwenden.",
)
NO_DATABASE = Sentence(
    "The database cannot be reached; check that it runs and that the DSN names it.",
    "Die Datenbank ist nicht zu erreichen; läuft sie, und nennt der DSN sie richtig?",
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Turns pupils' submissions into readable text and criteria-based feedback, on your own machine.",
)
app.add_typer(queue_commands.app, name="queue")
app.add_typer(course_commands.app, name="course")
app.command()(purge_command.purge)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Ai = Annotated[
    bool, typer.Option("--ai", help="Let a model of a running Ollama assess, instead of the demo's stub.")
]
LifeLine = Annotated[bool, typer.Option(hidden=True)]


def main() -> None:
    """Run a command; what can go wrong ends in one sentence and an exit code, never in a traceback."""
    try:
        app()
    except SettingsError as error:
        _stop(error.said(spoken_language()), USAGE)
    except UnsafeLogin:
        _stop(UNSAFE_LOGIN.said(spoken_language()), EXIT_UNSAFE_LOGIN)
    except MigrationError as error:
        _stop(error.sentence.said(spoken_language()), FAILED)
    except (LaunchError, EmbeddedError) as error:
        _stop(str(error), FAILED)
    except DatabaseUnavailable:
        _stop(NO_DATABASE.said(spoken_language()), FAILED)
    except KeyboardInterrupt:
        _stop("Stopped.", 130)


def _stop(sentence: str, code: int) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option(help="No browser: hand in three samples, print the results, exit.")
    ] = False,
    as_json: Json = False,
    reset: Annotated[bool, typer.Option(help="Delete the demo's data and start over.")] = False,
    ai: Ai = False,
) -> None:
    """Run the whole product with an invented class on an embedded PostgreSQL."""
    if once and reset:
        raise typer.BadParameter("--once keeps nothing, so there is nothing to reset.")
    if as_json and not once:
        raise typer.BadParameter("--json goes with --once.")
    if not once:
        chosen = _chosen(is_ai=ai)
        demo_launch.run(chosen.settings, typer.echo, reset=reset, more=chosen.environment)
        return
    analyses = analyse(sample_requests(), show.progress(SAMPLE_NAMES), more=_chosen(is_ai=ai).environment)
    if as_json:
        show.as_json([analysis.as_json() for analysis in analyses], sys.stdout)
    else:
        for name, analysis in zip(SAMPLE_NAMES, analyses, strict=True):
            typer.echo(f"=== {name} ===")
            show.as_text(analysis, sys.stdout)
            typer.echo()
    raise typer.Exit(OK if all(analysis.status == "completed" for analysis in analyses) else FAILED)


@app.command()
def feedback(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="txt, md, jpg, png, webp or pdf, in page order."
        ),
    ],
    criteria: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, readable=True, help="YAML file with the criteria.")
    ],
    instruction: Annotated[
        str | None, typer.Option(help="The task's wording; replaces that of the YAML file.")
    ] = None,
    *,
    as_json: Json = False,
    ai: Ai = False,
) -> None:
    """Read one submission and assess it against your criteria, in a temporary database that is removed afterwards."""
    chosen = _chosen(is_ai=ai)
    try:
        task = read_task(criteria, instruction)
        request = Request(tuple(file.read_bytes() for file in files), task)
    except (CriteriaFileError, OSError) as error:
        sentence = str(error) if isinstance(error, CriteriaFileError) else "A file cannot be read."
        raise typer.BadParameter(sentence) from None
    (analysis,) = analyse([request], show.progress([files[0].name]), more=chosen.environment)
    if as_json:
        show.as_json(analysis.as_json(), sys.stdout)
    else:
        show.as_text(analysis, sys.stdout)
    raise typer.Exit(OK if analysis.status == "completed" else FAILED)


@app.command()
def evaluate(
    cases: Annotated[
        str, typer.Argument(help="File of cases (JSON Lines), or a built-in set: synthetic, injections.")
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write all figures to this file, as JSON.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, max=20, help="How often each case is assessed.")] = 3,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first clean cases, with their variants.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Keep every answer in this file, and go on from it after a stop."),
    ] = None,
    *,
    ai: Ai = False,
) -> None:
    """Measure how well the feedback of these settings agrees with known levels, and what injections gain."""
    # Here, not above: no other command needs them, and a worker starts sooner without.
    from learning_worker.launch import evaluate_table
    from learning_worker.launch.evaluate import Order, write_report
    from learning_worker.launch.evaluate import evaluate as run_evaluation

    settings = _chosen(is_ai=ai).settings
    logs.configure(level=LogLevel.ERROR)
    with evaluate_table.progress_bar() as progress:
        report = run_evaluation(settings, Order(cases, runs, limit, resume), progress)
    evaluate_table.print_report(report, Console())
    if json_file is not None:
        write_report(report, json_file)
    raise typer.Exit(FAILED if report.all_failed else OK)


@app.command()
def worker(*, until_stdin_closes: LifeLine = False) -> None:
    """Lease submissions, read and assess them, until SIGTERM."""
    settings = _service(strict_life_line=until_stdin_closes)
    with wiring.databases(settings, DatabaseUse.WORKER) as dsns:
        asyncio.run(_work(settings, wiring.required(dsns.worker)))


async def _work(settings: Settings, dsn: str) -> None:
    async with wiring.worker(settings, dsn) as runner:
        server = wiring.serve_metrics(runner.metrics, settings.metrics_host, settings.worker_metrics_port)
        try:
            await wiring.work(runner, settings)
        finally:
            if server is not None:
                server.close()


@app.command()
def web(*, until_stdin_closes: LifeLine = False) -> None:
    """Serve the pages and the API, until SIGTERM."""
    settings = _service(strict_life_line=until_stdin_closes)
    with wiring.databases(settings, DatabaseUse.WEB, DatabaseUse.SESSIONS) as dsns:
        asyncio.run(wiring.serve_web(settings, dsns, demo_people()))


@app.command()
def migrate(
    *, status: Annotated[bool, typer.Option(help="Only list what is applied and what is pending.")] = False
) -> None:
    """Apply the database migrations, as MIGRATION_DATABASE_URL."""
    settings = Settings.load(ai=False)
    with wiring.databases(settings, DatabaseUse.MIGRATION) as dsns:
        dsn = wiring.required(dsns.migration)
        if status:
            found = migrations.status(dsn)
            for name in found.applied:
                typer.echo(f"applied  {name}")
            for name in found.pending:
                typer.echo(f"pending  {name}")
            raise typer.Exit(FAILED if found.pending else OK)
        applied = migrations.apply(dsn)
        typer.echo(
            "\n".join(f"applied  {name}" for name in applied) or "Nothing to do; the database is up to date."
        )


@app.command()
def logins() -> None:
    """Make the logins that the DSNs name, with their passwords, as MIGRATION_DATABASE_URL."""
    for login in first_start.let_logins_in(Settings.load(ai=False)):
        typer.echo(f"admitted  {login}")


@app.command(hidden=True)
def fill_demo() -> None:
    """Put the invented class into the database of a demo that runs in containers."""
    settings = _settings()
    logs.configure(level=settings.learning_log_level)
    filled = first_start.fill_demo(settings)
    typer.echo("The invented class is there." if filled else "Nothing to do; the invented class was there.")


@app.command()
def health(*, as_json: Json = False) -> None:
    """Ask the database's health probe; exit 0 when healthy, 1 when degraded."""
    settings = Settings.load(ai=False)
    with wiring.databases(settings, DatabaseUse.WORKER) as dsns:
        report = asyncio.run(wiring.health(wiring.required(dsns.worker)))
    if as_json:
        show.as_json(report.as_json(), sys.stdout)
    else:
        typer.echo(f"{report.status} ({report.current_role or 'no database'})")
        for check in report.checks:
            typer.echo(f"  {check.status:<7} {check.check}: {check.detail}")
    raise typer.Exit(OK if report.status == "healthy" else FAILED)


@app.command("doctor")
def examine(
    *,
    as_json: Json = False,
    quick: Annotated[bool, typer.Option(help="Do not start the children that open and read files.")] = False,
    language: Annotated[
        str | None, typer.Option(help="de or en; not given: the terminal's language.")
    ] = None,
) -> None:
    """Look at everything an installation needs; say what is wrong and how to mend it. Exit 0 unless something failed."""
    findings = doctor.examine(is_quick=quick)
    spoken = spoken_language() if language is None else language.lower()[:2]
    if as_json:
        show.as_json(doctor_findings.as_json(findings, spoken), sys.stdout)
    else:
        for line in doctor_findings.as_lines(findings, spoken):
            typer.echo(line)
    raise typer.Exit(FAILED if doctor_findings.overall(findings) is doctor_findings.Status.FAILED else OK)


def _settings() -> Settings:
    """Settings of a command that runs the demo's way, where the stub may answer."""
    return Settings.load()


def _chosen(*, is_ai: bool) -> LocalAi:
    """The settings, with a running model server in them where the user asked for one."""
    if not is_ai:
        return without_ai(_settings())
    return local_ai(Settings.load(ai=False), lambda sentence: typer.echo(sentence, err=True))


def _service(*, strict_life_line: bool) -> Settings:
    settings = Settings.load()
    logs.configure(level=settings.learning_log_level, strict=settings.gustav_env is Environment.TEST)
    if strict_life_line:
        children.end_when_stdin_closes()
    return settings
