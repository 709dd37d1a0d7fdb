"""Whatever goes wrong with a pupil's words in hand, they end up in no column but their own, no error and no log of ours."""

import base64
import logging
import secrets
import traceback
import uuid
from dataclasses import replace

import psycopg
import pytest
from psycopg.types.json import Jsonb
from runbook import DOCS, statements
from school import TABLES_OF_AN_ANSWER, a_file, changed, report_v1, report_v2, result_v2

from learning_worker.db import queue
from learning_worker.db.endings import Endings
from learning_worker.db.errors import InvalidInput, Refused
from learning_worker.db.line import Line
from learning_worker.db.pool import Database
from learning_worker.db.queue import LeaseTerms, Want
from learning_worker.db.submissions import NewAnswer, NewFile, submit
from learning_worker.domain.criteria import CriterionResult, ReportSource, ResultStatus
from learning_worker.domain.errors import PermanentError
from learning_worker.domain.reports import parse_report
from learning_worker.domain.submission import PageReading, Phase, TextSource
from learning_worker.ports import Feedback

ROW_SECURITY = DOCS / "explanation" / "row-security.md"
WORD_COLUMNS = {
    "learning_submissions": {"text_body"},
    "learning_texts": {"text_body"},
    "learning_page_readings": {"text_md"},
}


@pytest.fixture(autouse=True)
def errors_are_logged(database):
    """PostgreSQL's defaults: what our functions leave out of the log says something only where errors are logged."""
    defaults = {
        "log_min_messages": "warning",
        "log_min_error_statement": "error",
        "log_error_verbosity": "default",
    }
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for name, value in defaults.items():
            owner.execute(f"alter database {database.name} set {name} = '{value}'")


@pytest.fixture
def canary():
    return f"canary{secrets.token_hex(8)}"


def forms(canary):
    return [canary, base64.b64encode(canary.encode()).decode().rstrip("="), canary.encode().hex()]


def columns_with(school, canary):
    """table.column of every stored value that holds the canary, outside the columns made for a pupil's words."""
    tables = school.owner.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    ).fetchall()
    found = set()
    for table in (row["relname"] for row in tables):
        for row in school.owner.execute(f"select * from public.{table}").fetchall():
            for column, value in row.items():
                if column not in WORD_COLUMNS.get(table, set()) and any(
                    form in str(value) for form in forms(canary)
                ):
                    found.add(f"{table}.{column}")
    return found


@pytest.fixture
def server_log(server):
    """Reads what the server's log gained since the test began: errors of earlier tests say nothing about this one."""
    log = server.base_dir / "postgresql.log"
    began_at = log.stat().st_size
    return lambda: log.read_bytes()[began_at:].decode(errors="replace")


@pytest.fixture
def parameters_are_logged(database, errors_are_logged):
    """No default: what somebody sets who looks for a fault."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(f"alter database {database.name} set log_parameter_max_length_on_error = -1")


def leak(database, canary):
    """Words in the message, the detail, the statement and the parameters of errors."""
    for query in (
        f"select '{canary}'::int",
        f"insert into people (sub, display_name, site_role) values ('x', 'X', '{canary}')",
        "insert into people (sub, display_name, site_role) values ('x', 'X', %s)",
    ):
        with psycopg.connect(database.owner) as owner, pytest.raises(psycopg.DatabaseError):
            owner.execute(query, [canary] if "%s" in query else None)


@pytest.mark.usefixtures("parameters_are_logged")
def test_a_leak_into_the_servers_log_would_be_found(database, server_log, canary):
    leak(database, canary)

    log = server_log()
    for found in (
        f'type integer: "{canary}"',
        f"DETAIL:  Failing row contains (x, X, {canary}",
        f"STATEMENT:  select '{canary}'",
        f"parameters: $1 = '{canary}'",
    ):
        assert found in log


@pytest.mark.usefixtures("parameters_are_logged")
def test_with_the_settings_of_the_page_the_servers_log_holds_no_words(database, server_log, canary):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for statement in statements(ROW_SECURITY):
            owner.execute(statement.replace("database school", f"database {database.name}"))

    leak(database, canary)

    assert canary not in server_log()


def wrongs(job, canary):
    """Calls of a worker that put the canary where it does not fit: (function, arguments)."""
    key = (job["job_id"], job["lease_key"])
    page = {"page_nr": 1, "text_md": canary, "source": "ocr", "confidence": 0.5}
    if job["phase"] == "vision":
        return [
            ("learning_worker_save_page", (*key, Jsonb(page | {"source": canary}))),
            ("learning_worker_save_page", (*key, Jsonb(page | {"page_nr": canary}))),
            ("learning_worker_save_page", (*key, Jsonb(page | {"text_md": canary * 20_000}))),
            ("learning_worker_save_page", (*key, Jsonb(page | {"confidence": 7}))),
            ("learning_worker_save_text", (*key, canary, canary, 0.5, None)),
            ("learning_worker_save_text", (*key, canary * 100_000, "ocr", 0.5, None)),
            ("learning_worker_save_text", (*key, canary, "ocr", 7.0, None)),
        ]
    report = changed(report_v2(), 0, explanation_md=canary)
    return [
        ("learning_worker_save_criterion", (*key, "c1", Jsonb(result_v2(explanation_md=canary, score=99)))),
        ("learning_worker_save_criterion", (*key, canary, Jsonb(result_v2(explanation_md=canary)))),
        (
            "learning_worker_update_completed",
            (*key, Jsonb(report | {"score": canary}), canary, "stub", Jsonb({})),
        ),
        ("learning_worker_update_completed", (*key, Jsonb(report), canary * 9_000, "stub", Jsonb({}))),
        ("learning_worker_update_completed", (*key, Jsonb(report), canary, canary, Jsonb({}))),
        ("learning_worker_update_completed", (*key, Jsonb(report), canary, "teacher", Jsonb({}))),
        (
            "learning_worker_update_completed",
            (*key, Jsonb(report), canary, "stub", Jsonb({"person_reads": canary})),
        ),
        ("learning_worker_update_failed", (*key, canary, "code")),
    ]


@pytest.mark.parametrize("phase", ["vision", "feedback"])
def test_what_the_database_refuses_of_a_worker_repeats_no_words(school, server_log, canary, phase):
    job = school.leased(phase)
    before = school.everything_of(job["submission_id"])

    for function, arguments in wrongs(job, canary):
        with pytest.raises(psycopg.DatabaseError) as refused:
            school.call(function, *arguments)
        said = [refused.value.diag.message_primary, refused.value.diag.message_detail]
        assert refused.value.sqlstate == "LW002", function
        assert canary not in str(said), function

    assert school.everything_of(job["submission_id"]) == before
    assert columns_with(school, canary) == set()
    assert "ERROR:" in server_log()
    assert canary not in server_log()


def wrong_calls(pool, endings, job, canary):
    """The same through the worker's own functions."""
    page = PageReading(1, canary, TextSource.OCR, 0.5)
    result = CriterionResult("c1", ResultStatus.SCORED, 10, level=2, score=99, explanation_md=canary)
    report = parse_report(changed(report_v1(), 0, explanation_md=canary))
    if job.phase is Phase.VISION:
        return [
            queue.save_page(pool, job, replace(page, text_md=canary * 20_000)),
            queue.save_page(pool, job, replace(page, confidence=7.0)),
            queue.save_page(pool, job, replace(page, source=canary)),
            queue.save_text(pool, job, replace(page, text_md=canary * 100_000)),
            queue.save_text(pool, job, replace(page, source=canary)),
        ]
    return [
        endings.keep(job, result),
        endings.keep(job, replace(result, criterion_id=canary, score=4)),
        endings.complete(job, report, Feedback(canary * 9_000, ReportSource.STUB)),
        endings.complete(job, report, Feedback(canary, ReportSource.TEACHER)),
        endings.complete(
            job, report, Feedback(canary, ReportSource.STUB, provenance={"person_reads": canary})
        ),
        endings.fail(job, canary, "code"),
    ]


@pytest.mark.parametrize("phase", list(Phase))
async def test_what_our_functions_raise_and_log_of_it_repeats_no_words(
    school, database, canary, caplog, phase
):
    caplog.set_level(logging.DEBUG)
    school.submit() if phase is Phase.FEEDBACK else school.submit_files()
    pool, endings = Database(database.dsns.worker), Endings(Line(database.dsns.worker, "endings"))
    await pool.open()
    try:
        (job,) = (await queue.lease(pool, LeaseTerms("w1"), [Want(phase, 1)])).jobs
        for call in wrong_calls(pool, endings, job, canary):
            with pytest.raises(PermanentError) as refused:
                await call
            assert canary not in "".join(traceback.format_exception(refused.value))
    finally:
        await endings.close()
        await pool.close()

    assert canary not in caplog.text
    assert columns_with(school, canary) == set()


@pytest.fixture
async def app_pool(database):
    pool = Database(database.dsns.app)
    await pool.open()
    yield pool
    await pool.close()


async def test_what_a_pupil_hands_in_wrongly_is_repeated_nowhere(
    school, server_log, app_pool, canary, caplog
):
    caplog.set_level(logging.DEBUG)
    file = NewFile(**a_file())
    answers = [
        NewAnswer(school.task, "k", canary + "\x00"),
        NewAnswer(school.task, "k", canary + "\ud800"),
        NewAnswer(school.task, "k", canary * 50_000),
        NewAnswer(school.task, canary * 20, "x"),
        NewAnswer(school.task, "k", files=(NewFile(f"../{canary}", file.sha256, 1, "image/png"),)),
        NewAnswer(school.task, "k", files=(NewFile(file.object_key, canary, 1, "image/png"),)),
        NewAnswer(school.task, "k", files=(NewFile(file.object_key, file.sha256, 1, canary * 20),)),
        NewAnswer(uuid.uuid4(), "k", canary),
    ]

    for answer in answers:
        with pytest.raises(Refused) as refused:
            async with app_pool.acting_as("pupil") as connection:
                await submit(connection, answer)
        assert canary not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__

    assert isinstance(refused.value, Refused)
    assert columns_with(school, canary) == set()
    assert canary not in caplog.text
    assert "ERROR:" in server_log()
    assert canary not in server_log()


def test_faults_are_kept_as_codes_and_cut(school, canary):
    job = school.leased()

    school.call("learning_worker_nack_retry", job["job_id"], job["lease_key"], "x" * 5000, 0.0)

    assert len(school.submission(job["submission_id"])["feedback_last_error"]) == 1024


def test_a_leak_would_be_found(school, canary):
    job = school.leased()

    school.call("learning_worker_nack_retry", job["job_id"], job["lease_key"], canary, 0.0)

    assert columns_with(school, canary) == {"learning_submissions.feedback_last_error"}
    assert set(TABLES_OF_AN_ANSWER) >= set(WORD_COLUMNS)


def test_notifications_hold_ids_only(school, database, canary):
    with psycopg.connect(database.dsns.app, autocommit=True) as listener:
        listener.execute("listen learning_submissions")
        listener.execute("listen learning_jobs")
        answer = school.submit(text=canary)["submission_id"]
        school.call("learning_worker_heartbeat", "w1", True, Jsonb({}))
        school.submit(text=canary)
        payloads = [n.payload for n in listener.notifies(timeout=1, stop_after=3)]

    assert str(answer) in payloads
    assert "" in payloads
    assert canary not in str(payloads)


async def test_a_value_that_cannot_be_stored_is_invalid_input(school, app_pool):
    with pytest.raises(InvalidInput):
        async with app_pool.acting_as("pupil") as connection:
            await submit(connection, NewAnswer(school.task, "k", "\x00"))
