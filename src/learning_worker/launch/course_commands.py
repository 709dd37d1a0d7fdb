"""`learning-worker course`: a class from a YAML file into the database, and its end, as MIGRATION_DATABASE_URL.

As the migrator and not as an operator: who may enrol teachers may make themselves one and read every answer, and an
operator's login is kept from answers.
"""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from learning_worker import wiring
from learning_worker.db import enrolment
from learning_worker.db.enrolment import Enrolled, Tally
from learning_worker.db.pool import Database
from learning_worker.domain.school_class import ClassFileError, SchoolClass
from learning_worker.domain.sentences import Sentence
from learning_worker.launch import show
from learning_worker.settings import DatabaseUse, Settings, spoken_language

USAGE = 2
FILE_LIMIT = 2 * 2**20
NOT_THERE = Sentence("The file cannot be read.", "Die Datei lässt sich nicht lesen.")
TOO_LARGE = Sentence("The file is larger than 2 MiB.", "Die Datei ist größer als 2 MiB.")
NOT_UTF8 = Sentence(
    "The file is not text in UTF-8; save it as UTF-8.",
    "Die Datei ist kein Text in UTF-8; als UTF-8 speichern.",
)
app = typer.Typer(no_args_is_help=True, help="Put people, courses and tasks in place.")


@app.command("import")
def import_class(
    file: Annotated[Path, typer.Argument(help="YAML, see docs/how-to/operate.md; -: standard input.")],
    *,
    dry_run: Annotated[bool, typer.Option(help="Say what would change, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Make or update one course with its people and tasks from a file. Importing it again changes nothing."""
    language = spoken_language()
    try:
        school_class = SchoolClass.parse(_text(file))
        settings = Settings.load(ai=False)
        with wiring.databases(settings, DatabaseUse.MIGRATION) as dsns:
            done = asyncio.run(_enrol(wiring.required(dsns.migration), school_class, is_dry_run=dry_run))
    except ClassFileError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.said(language)}\n")
        raise typer.Exit(USAGE) from None
    if as_json:
        show.as_json({**asdict(done), "course_id": str(done.course_id), "dry_run": dry_run}, sys.stdout)
        return
    for line in _lines(done, language, dry_run=dry_run):
        typer.echo(line)


@app.command()
def archive(
    title: Annotated[str, typer.Argument(help="Title of the course.")],
    school_year: Annotated[
        str | None, typer.Option(help="Such as 2026/27; needed where the title is not enough.")
    ] = None,
) -> None:
    """Close a course: nobody hands in any more; `purge` forgets its pupils when its texts' time is over."""
    language = spoken_language()
    settings = Settings.load(ai=False)
    try:
        with wiring.databases(settings, DatabaseUse.MIGRATION) as dsns:
            asyncio.run(_archive(wiring.required(dsns.migration), title, school_year))
    except ClassFileError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem.said(language)}\n")
        raise typer.Exit(USAGE) from None
    typer.echo(Sentence("The course is archived.", "Der Kurs ist archiviert.").said(language))


async def _archive(dsn: str, title: str, school_year: str | None) -> None:
    database = Database(dsn, max_size=1)
    await database.open()
    try:
        await enrolment.archive(database, title, school_year)
    finally:
        await database.close()


def _text(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read(FILE_LIMIT + 1) if str(file) == "-" else file.read_bytes()
        if len(content) > FILE_LIMIT:
            raise ClassFileError([TOO_LARGE])
        return content.decode("utf-8-sig")
    except OSError:
        raise ClassFileError([NOT_THERE]) from None
    except UnicodeDecodeError:
        raise ClassFileError([NOT_UTF8]) from None


async def _enrol(dsn: str, school_class: SchoolClass, *, is_dry_run: bool) -> Enrolled:
    database = Database(dsn, max_size=1)
    await database.open()
    try:
        return await enrolment.enrol(database, school_class, is_dry_run=is_dry_run)
    finally:
        await database.close()


def _lines(done: Enrolled, language: str, *, dry_run: bool) -> list[str]:
    """Counts only: what an administrator pastes into a ticket must name nobody."""
    kinds = {
        Sentence("course", "Kurs"): done.course,
        Sentence("people", "Personen"): done.people,
        Sentence("members", "Mitglieder"): done.members,
        Sentence("tasks", "Aufgaben"): done.tasks,
    }
    lines = [f"{kind.said(language):<11} {_counts(tally).said(language)}" for kind, tally in kinds.items()]
    if done.members_left or done.tasks_left:
        left = Sentence(
            f"{done.members_left} members and {done.tasks_left} tasks are not in the file; they stay.",
            f"{done.members_left} Mitglieder und {done.tasks_left} Aufgaben stehen nicht in der Datei; sie bleiben.",
        )
        lines.append(left.said(language))
    if dry_run:
        lines.append(
            Sentence("Nothing was changed (--dry-run).", "Nichts wurde geändert (--dry-run).").said(language)
        )
    return lines


def _counts(tally: Tally) -> Sentence:
    return Sentence(
        f"{tally.new} new, {tally.changed} changed, {tally.same} as before",
        f"{tally.new} neu, {tally.changed} geändert, {tally.same} wie zuvor",
    )
