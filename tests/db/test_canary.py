"""Whatever goes wrong with a pupil's words in hand, they end up in no column but their own, no error and no log of ours."""

import base64
import logging
import secrets
import uuid

import psycopg
import pytest
from psycopg.types.json import Jsonb
from school import TABLES_OF_AN_ANSWER, a_file, changed, report_v2, result_v2

from learning_worker.db.errors import InvalidInput, Refused
from learning_worker.db.pool import Database
from learning_worker.db.submissions import NewAnswer, NewFile, submit

WORD_COLUMNS = {
    "learning_submissions": {"text_body"},
    "learning_texts": {"text_body"},
    "learning_page_readings": {"text_md"},
}


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


def server_log(server):
    return "".join(
        path.read_text(errors="replace") for path in server.base_dir.rglob("*.log") if path.is_file()
    )


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
def test_what_the_database_refuses_of_a_worker_repeats_no_words(school, server, canary, phase):
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
    assert canary not in server_log(server)


@pytest.fixture
async def app_pool(database):
    pool = Database(database.dsns.app)
    await pool.open()
    yield pool
    await pool.close()


async def test_what_a_pupil_hands_in_wrongly_is_repeated_nowhere(school, server, app_pool, canary, caplog):
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
    assert canary not in server_log(server)


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


def test_what_the_server_itself_would_log_is_known(database, canary):
    # The positive control of docs/explanation/row-security.md: a constraint's DETAIL quotes the row to whoever asked.
    with psycopg.connect(database.owner) as owner, pytest.raises(psycopg.errors.CheckViolation) as error:
        owner.execute("insert into people (sub, display_name, language) values ('x', %s, 'xx')", [canary])

    assert canary in error.value.diag.message_detail
    with psycopg.connect(database.owner) as owner:
        settings = owner.execute(
            "select name, setting from pg_settings"
            " where name in ('log_error_verbosity', 'log_min_error_statement', 'log_parameter_max_length_on_error')"
        ).fetchall()
    assert dict(settings) == {
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }


async def test_a_value_that_cannot_be_stored_is_invalid_input(school, app_pool):
    with pytest.raises(InvalidInput):
        async with app_pool.acting_as("pupil") as connection:
            await submit(connection, NewAnswer(school.task, "k", "\x00"))
