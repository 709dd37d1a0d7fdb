"""`learning-worker queue ...`: what an operator sees of the queue and does to it, as OPERATOR_DATABASE_URL."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from learning_worker import wiring
from learning_worker.db import operator
from learning_worker.db.line import Line
from learning_worker.db.operator import Change, QueuedJob
from learning_worker.domain.submission import Phase
from learning_worker.launch import show
from learning_worker.settings import DatabaseUse, Settings

FAILED = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Ids = Annotated[list[UUID] | None, typer.Argument(help="Ids of jobs or of submissions.")]
Code = Annotated[str | None, typer.Option("--error-code", help="All jobs with this error code.")]
All = Annotated[bool, typer.Option("--all", help="All jobs that this command can change.")]
Phases = Annotated[list[Phase] | None, typer.Argument(help="vision, feedback; none: both.")]

app = typer.Typer(
    no_args_is_help=True, help="Look at the queue, retry and cancel jobs, pause and resume phases."
)
Found = TypeVar("Found")


@app.command("list")
def list_jobs(
    status: Annotated[
        str | None, typer.Option(help="queued, leased or failed, or several with commas; none: any.")
    ] = None,
    error_code: Code = None,
    limit: Annotated[int, typer.Option(min=1, max=operator.PAGE)] = 100,
    *,
    as_json: Json = False,
) -> None:
    """List jobs in the order in which they will be leased; ids and codes, no names and no texts."""
    found = _with_line(lambda line: operator.jobs(line, status, error_code, limit))
    if as_json:
        show.as_json([_plain(job) for job in found], sys.stdout)
        return
    for job in found:
        code = job.error_code or job.last_error or "-"
        typer.echo(
            f"{job.job_id}  {job.phase:<8} {job.lane:<11} {job.status:<6} {code:<18} retries {job.retry_count}"
        )
    typer.echo(f"{len(found)} job{'' if len(found) == 1 else 's'}", err=True)


@app.command("show")
def show_job(job_id: Annotated[UUID, typer.Argument(help="Id of a job or of a submission.")]) -> None:
    """Everything about one job, as JSON."""
    found = _with_line(lambda line: operator.find(line, [job_id]))
    if not found:
        _refuse("There is no such job; a finished one has left the queue.")
    show.as_json(_plain(found[0]), sys.stdout)


@app.command()
def retry(ids: Ids = None, error_code: Code = None, *, every: All = False) -> None:
    """Queue failed jobs again, with fresh runs; what was read or answered is not asked again."""
    _change(operator.retry, ["failed"], ids, error_code, every=every)


@app.command()
def cancel(ids: Ids = None, error_code: Code = None, *, every: All = False) -> None:
    """End waiting or running jobs; a running worker loses its lease and writes nothing."""
    _change(operator.cancel, ["queued", "leased"], ids, error_code, every=every)


@app.command()
def pause(phases: Phases = None) -> None:
    """Hand out no more leases; what runs ends as usual."""
    _set_paused(phases, is_paused=True)


@app.command()
def resume(phases: Phases = None) -> None:
    """Hand out leases again."""
    _set_paused(phases, is_paused=False)


def _set_paused(phases: list[Phase] | None, *, is_paused: bool) -> None:
    async def set_all(line: Line) -> None:
        for phase in phases or list(Phase):
            await operator.pause(line, phase, is_paused=is_paused)

    _with_line(set_all)
    typer.echo(f"{'paused' if is_paused else 'resumed'}: {', '.join(phases or list(Phase))}")


def _change(
    change: Change, states: Sequence[str], ids: list[UUID] | None, error_code: str | None, *, every: bool
) -> None:
    if sum((bool(ids), error_code is not None, every)) != 1:
        raise typer.BadParameter("Give ids, or --error-code, or --all.")
    changed = _with_line(lambda line: _changed(line, change, states, (ids or (), error_code)))
    for job_id in changed:
        typer.echo(str(job_id))
    if ids and len(changed) < len(set(ids)):
        _refuse(f"{len(changed)} of {len(set(ids))} changed; the others are gone or not in a state for this.")
    sys.stderr.write(f"{len(changed)} changed\n")


async def _changed(
    line: Line, change: Change, states: Sequence[str], chosen: tuple[Sequence[UUID], str | None]
) -> list[UUID]:
    ids, error_code = chosen
    if ids:
        return await change(line, [job.job_id for job in await operator.find(line, ids)])
    return await operator.change_all(line, change, states, error_code)


def _plain(job: QueuedJob) -> dict[str, object]:
    return {
        name: value if isinstance(value, int | str | None) else str(value)
        for name, value in asdict(job).items()
    }


def _refuse(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(FAILED)


def _with_line(use: Callable[[Line], Awaitable[Found]]) -> Found:
    settings = Settings.load(ai=False)
    with wiring.databases(settings, DatabaseUse.OPERATOR) as dsns:
        return asyncio.run(_on_line(wiring.required(dsns.operator), settings, use))


async def _on_line(dsn: str, settings: Settings, use: Callable[[Line], Awaitable[Found]]) -> Found:
    line = Line(dsn, "operator")
    try:
        await wiring.safe_login(line, settings)
        return await use(line)
    finally:
        await line.close()
