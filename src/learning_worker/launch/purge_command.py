"""`learning-worker purge` on the command line, as OPERATOR_DATABASE_URL.

As an operator: the functions behind it remove what is overdue and nothing else, and show counts and names of objects. A
migrator could do the same and read every answer besides.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from learning_worker import wiring
from learning_worker.db.line import Line
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.sentences import Sentence
from learning_worker.launch import show
from learning_worker.launch.purge import Purge, Purged, TooManyOrphans
from learning_worker.settings import DatabaseUse, Settings, spoken_language

FAILED = 1
_COUNTS = {
    "answers": Sentence("answers past their time", "Abgaben nach Ablauf ihrer Frist"),
    "files": Sentence("files past their time", "Dateien nach Ablauf ihrer Frist"),
    "memberships": Sentence("pupils of archived courses", "Kinder archivierter Kurse"),
    "sessions": Sentence("ended sessions", "beendete Sitzungen"),
    "deleted": Sentence("files deleted from the store", "Dateien aus der Ablage gelöscht"),
    "orphans": Sentence("files that belonged to no answer", "Dateien, die zu keiner Abgabe gehörten"),
    "missing": Sentence("files that answers name and the store lacks", "Dateien, die fehlen"),
}
_AWAY = {
    Fault.STORAGE_FULL: Sentence("it is full", "sie ist voll"),
    Fault.STORAGE_DENIED: Sentence("it refuses the login or the right", "sie lehnt Schlüssel oder Recht ab"),
}


def purge(
    *,
    dry_run: Annotated[bool, typer.Option(help="Say what would be removed, and remove nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    all_orphans: Annotated[
        bool, typer.Option(help="Delete files that belong to no answer however many they are.")
    ] = False,
) -> None:
    """Remove what is past its time: answers, files, old sessions, and files that belong to no answer."""
    language = spoken_language()
    settings = Settings.load(ai=False)
    with wiring.databases(settings, DatabaseUse.OPERATOR) as dsns:
        done = asyncio.run(
            _purge(settings, wiring.required(dsns.operator), language, may_change=(not dry_run, all_orphans))
        )
    if as_json:
        show.as_json({**done.as_json(), "dry_run": dry_run}, sys.stdout)
    else:
        for name, count in done.as_json().items():
            typer.echo(f"{count:>8}  {_COUNTS[name].said(language)}")
        if dry_run:
            nothing = Sentence("Nothing was removed (--dry-run).", "Nichts wurde entfernt (--dry-run).")
            typer.echo(nothing.said(language))
    if done.missing:
        lost = Sentence(
            "Files are missing in the store; restore them from a backup, or look whether it is the right store.",
            "In der Ablage fehlen Dateien; aus einer Sicherung zurückholen oder prüfen, ob es die richtige Ablage ist.",
        )
        sys.stderr.write(f"{lost.said(language)}\n")


async def _purge(settings: Settings, dsn: str, language: str, *, may_change: tuple[bool, bool]) -> Purged:
    """may_change: whether anything is removed, and whether any number of orphans is."""
    is_real, may_sweep_all = may_change
    line = Line(dsn, "purge", answer_s=120.0)
    try:
        await wiring.safe_login(line, settings)
        run = Purge(line, wiring.object_store(settings), datetime.now(UTC), may_sweep_all)
        return await (run.run() if is_real else run.look())
    except TransientError as error:
        why = _AWAY.get(Fault(error.code), Sentence("it does not answer", "sie antwortet nicht"))
        _stop(
            Sentence(
                f"The file store cannot be used: {why.english}. What is noted is deleted by the next run.",
                f"Die Ablage der Dateien ist nicht zu gebrauchen: {why.german}. Was vermerkt ist, löscht der nächste Lauf.",
            ),
            language,
        )
    except TooManyOrphans as error:
        _stop(
            Sentence(
                f"{error.orphans} of {error.objects} files belong to no answer, and none of these was deleted: is this the "
                "right database, and is it not an old backup? If all is well: --all-orphans.",
                f"{error.orphans} von {error.objects} Dateien gehören zu keiner Abgabe; keine davon wurde gelöscht: Ist das "
                "die richtige Datenbank und keine alte Sicherung? Wenn alles stimmt: --all-orphans.",
            ),
            language,
        )
    finally:
        await line.close()


def _stop(sentence: Sentence, language: str) -> NoReturn:
    sys.stderr.write(f"{sentence.said(language)}\n")
    raise typer.Exit(FAILED)
