"""The doctor against one fault at a time: it names the right one, says what to do, in both languages, and no secret."""

import asyncio
import os
import re
import socket
import string
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from buckets import a_bucket, s3_server
from fake_ollama import MODEL, a_fake_ollama
from replay import given

from learning_worker import wiring
from learning_worker.db import migrate
from learning_worker.db.health import health_report
from learning_worker.db.pool import Database
from learning_worker.launch import doctor
from learning_worker.launch.doctor_models import model_server
from learning_worker.launch.doctor_texts import TEXTS
from learning_worker.launch.findings import Finding, Status
from learning_worker.settings import DatabaseUse, Settings

SOURCES = (Path(doctor.__file__), Path(doctor.__file__).with_name("doctor_models.py"))
SEES = ("completion", "vision")
# What a person is told to do about each fault that is injected below, in both languages.
CURES = {
    "database_unreachable": ("Does PostgreSQL run?", "Läuft PostgreSQL?"),
    "login_unsafe": ("Use a login of its own", "Einen eigenen Login verwenden"),
    "login_outside_group": ("grant gustav_limited to", "grant gustav_limited to"),
    "login_member_of_worker": ("revoke gustav_worker from", "revoke gustav_worker from"),
    "functions_missing": ("Run `learning-worker migrate`", "`learning-worker migrate` ausführen"),
    "migrations_pending": ("migrate`, then restart worker and web", "dann Worker und Web neu starten"),
    "storage_not_writable": ("Give it to the user of the service", "Es dem Benutzer des Dienstes geben"),
    "storage_unavailable": ("Is there a file in its place", "Liegt eine Datei an seiner Stelle"),
    "model_server_down": ("Does OLLAMA_BASE_URL name it?", "Nennt OLLAMA_BASE_URL ihn?"),
    "model_missing": ("exec ollama ollama pull other:7b", "exec ollama ollama pull other:7b"),
    "model_on_cpu": ("with one see docs/how-to/rocm.md", "mit einer siehe docs/how-to/rocm.md"),
    "model_blind": ("Name a vision model", "ein Modell mit Bildverständnis"),
    "port_taken": ("Stop that one (ss -ltnp names it)", "Dieses beenden (ss -ltnp nennt es)"),
}


@pytest.fixture
def well(database, tmp_path, monkeypatch):
    """An installation in which everything is well; a test breaks one thing of it."""
    settings = {
        "GUSTAV_ENV": "test",
        "LEARNING_DATA_DIR": str(tmp_path / "data"),
        "LEARNING_DATABASE_URL": database.dsns.worker,
        "DATABASE_URL": database.dsns.app,
        "SESSION_DATABASE_URL": database.dsns.sessions,
        "OPERATOR_DATABASE_URL": database.dsns.operator,
        "MIGRATION_DATABASE_URL": database.dsns.migration,
        "WEB_PORT": "0",
        "WORKER_METRICS_PORT": "0",
        "WEB_METRICS_PORT": "0",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if migrate.migrations_directory() != database.migrations:
        monkeypatch.delenv("MIGRATION_DATABASE_URL")
    return monkeypatch


def problems() -> dict[str, Finding]:
    """What the doctor complains about, by code; each complaint has a finding and a cure in both languages."""
    found = {f.code: f for f in doctor.examine(is_quick=True) if f.status in (Status.FAILED, Status.WARNING)}
    for finding in found.values():
        english, german = finding.sentences("en"), finding.sentences("de")
        assert all(english)
        assert all(german)
        assert english[0] != german[0]
        assert english[1] != german[1] or english[1].startswith(("grant", "revoke", "docker"))
        cure_en, cure_de = CURES.get(finding.code, ("", ""))
        assert cure_en in english[1]
        assert cure_de in german[1]
    return found


def test_a_sound_installation_has_no_findings(well):
    assert problems() == {}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1", "Nothing of the pupils leaves this machine."),
        (
            "http://gpu-1:11434",
            "Pupils' texts and pages go to the model server gpu-1:11434, and nowhere else.",
        ),
    ],
)
def test_what_leaves_the_machine_is_said(well, address, said):
    well.setenv("AI_BACKEND", "local")
    well.setenv("AI_VISION_MODEL", MODEL)
    well.setenv("AI_FEEDBACK_MODEL", MODEL)
    well.setenv("OLLAMA_BASE_URL", address)

    found = [f.sentences("en")[0] for f in doctor.examine(is_quick=True) if f.check == "privacy"]

    assert found == [said]


def test_a_database_that_is_down_is_named_by_its_setting(well):
    well.setenv("LEARNING_DATABASE_URL", "postgresql://gustav_worker:canary@127.0.0.1:1/learning")

    (finding,) = problems().values()

    assert finding.code == "database_unreachable"
    assert "LEARNING_DATABASE_URL" in finding.sentences("en")[0]


def test_a_login_that_sees_everything_is_found(well, database):
    well.setenv("LEARNING_DATABASE_URL", database.owner)

    assert set(problems()) == {"login_unsafe"}


def test_a_login_of_the_wrong_group_is_found(well, database):
    well.setenv("DATABASE_URL", database.dsns.sessions)

    found = problems()

    assert set(found) == {"login_outside_group", "functions_missing"}
    assert found["login_outside_group"].sentences("de")[1].startswith("grant gustav_limited to ")


def test_a_member_of_the_workers_role_is_found(well, database, owner_db):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("create role lw_doctor_member login password 'canary' in role gustav_worker")
        try:
            well.setenv("DATABASE_URL", _as(database.dsns.app, "lw_doctor_member", "canary"))
            assert "login_member_of_worker" in problems()
        finally:
            owner.execute("drop role lw_doctor_member")


def _as(dsn: str, login: str, password: str) -> str:
    return re.sub(r"//[^@]*@", f"//{login}:{password}@", dsn)


async def test_a_missing_function_is_named(well, owner_db):
    await owner_db.execute("drop function public.learning_worker_release_batch")

    found = await asyncio.to_thread(problems)

    assert set(found) == {"functions_missing"}
    assert "learning_worker_release_batch" in found["functions_missing"].sentences("de")[0]


async def health() -> dict[str, str]:
    """The failed checks of the health page, as the web process of these settings would answer now."""
    settings = Settings.load()
    web = Database(settings.dsn(DatabaseUse.WEB).get_secret_value(), max_size=1, acquire_s=1.0)
    await web.open()
    try:
        more = [await check() for check in wiring.health_checks(settings)]
        return {
            check.check: check.detail
            for check in (await health_report(web, more)).checks
            if check.status == "failed" and check.check != "live_workers"  # there is none in these tests
        }
    finally:
        await web.close()


@dataclass
class Fault:
    """How to cause it, what the doctor then complains about, and what the health page says of it."""

    cause: Callable[[pytest.MonkeyPatch, Database], object]
    doctor: set[str]
    health: dict[str, str]


def _unwritable(directory: str) -> str:
    """Below a file nobody can write, root neither."""
    Path(directory).with_name("file").touch()
    return str(Path(directory).with_name("file") / "data")


VERSIONS = [migration.version for migration in migrate.read(migrate.migrations_directory())]
FAULTS = {
    "none": Fault(lambda env, _: None, set(), {}),
    "database down": Fault(
        lambda env, _: env.setenv("DATABASE_URL", "postgresql://web:canary@127.0.0.1:1/learning"),
        {"database_unreachable"},
        {"db_role": "database not reachable"},
    ),
    "a login that sees everything": Fault(
        lambda env, database: env.setenv("DATABASE_URL", database.owner),
        {"login_unsafe"},
        {"db_role": "login may bypass row security"},
    ),
    "a login of another group": Fault(
        lambda env, database: env.setenv("DATABASE_URL", database.dsns.sessions),
        {"login_outside_group", "functions_missing"},
        {"db_role": "login may not run the health probe"},
    ),
    "a function is missing": Fault(
        lambda _, database: as_owner(database, "drop function public.learning_worker_health_probe()"),
        {"functions_missing"},
        {"db_role": "database is not migrated"},
    ),
    "a function of the worker is missing": Fault(
        lambda _, database: as_owner(database, "drop function public.learning_worker_release_batch"),
        {"functions_missing"},
        {"worker_functions": "missing=learning_worker_release_batch"},
    ),
    "the worker may not call two functions": Fault(
        lambda _, database: as_owner(
            database,
            "revoke execute on function public.learning_worker_outcome, public.learning_worker_lease_work"
            " from gustav_worker",
        ),
        {"functions_missing"},
        {"worker_functions": "missing=learning_worker_lease_work,learning_worker_outcome"},
    ),
    "migrations behind": Fault(
        lambda _, database: as_owner(
            database, f"delete from supabase_migrations.schema_migrations where version = '{VERSIONS[-1]}'"
        ),
        {"migrations_pending"},
        {"migrations": f"newest={VERSIONS[-2]} wanted={VERSIONS[-1]}"},
    ),
    "migrated by a newer program": Fault(
        lambda _, database: as_owner(
            database, "insert into supabase_migrations.schema_migrations (version) values ('29991231000000')"
        ),
        {"migrations_refused"},
        {},
    ),
    "storage cannot be written": Fault(
        lambda env, _: env.setenv("LEARNING_DATA_DIR", _unwritable(os.environ["LEARNING_DATA_DIR"])),
        {"storage_unavailable"},
        {"storage": "storage_unavailable"},
    ),
    "model server down": Fault(
        lambda env, _: [
            env.setenv(name, value)
            for name, value in {
                "AI_BACKEND": "local", "LEARNING_VISION_ADAPTER": "ocr", "AI_FEEDBACK_MODEL": MODEL,
                "OLLAMA_BASE_URL": "http://127.0.0.1:1",
            }.items()
        ],
        {"model_server_down"},
        {"model_server": "model_unreachable"},
    ),
}  # fmt: skip


def as_owner(database, statement: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(statement)


@pytest.mark.parametrize("fault", FAULTS)
async def test_doctor_and_health_page_name_the_same_fault(well, database, fault):
    FAULTS[fault].cause(well, database)

    told = set(await asyncio.to_thread(problems))

    assert told == FAULTS[fault].doctor
    assert await health() == FAULTS[fault].health


def test_a_ledger_that_this_program_does_not_know_is_refused_in_both_languages(well, database):
    as_owner(
        database,
        "insert into supabase_migrations.schema_migrations (version, name) values ('29991231000000', 'later')",
    )

    found = problems()["migrations_refused"]

    assert "29991231000000_later" in found.sentences("en")[0]
    assert "Eine neuere Version hat sie angewandt" in found.sentences("de")[0]


def test_a_server_that_is_too_old_is_found():
    # No such server can be had; what the doctor asks it is asked of a newer one in every other test here.
    facts = doctor.Facts(14, "gustav_worker", False, False, frozenset({"gustav_limited"}), (), 0.0)

    (finding,) = doctor._login(doctor.DatabaseUse.WORKER, facts, "gustav_limited", 0)

    assert (finding.code, finding.sentences("de")[1]) == (
        "database_old",
        "PostgreSQL 15 oder neuer verwenden.",
    )


async def test_migrations_that_wait_are_counted(well, owner_db):
    await owner_db.execute(
        "delete from supabase_migrations.schema_migrations"
        " where version = (select max(version) from supabase_migrations.schema_migrations)"
    )

    found = await asyncio.to_thread(problems)

    assert set(found) == {"migrations_pending"}
    assert found["migrations_pending"].sentences("en")[0].startswith("1 migrations wait")


def test_a_clock_that_is_off_is_found(well, database):
    facts = doctor.diagnosis.look(database.dsns.worker, ())

    assert abs(facts.skew_s) < doctor.SKEW_S
    ahead = doctor.Facts(18, "gustav_worker", False, False, frozenset({"gustav_limited"}), (), 61.0)
    assert [f.code for f in doctor._login(doctor.DatabaseUse.WORKER, ahead, "gustav_limited", 0)] == [
        "clock_skewed"
    ]


@pytest.fixture
def local(well):
    well.setenv("AI_BACKEND", "local")
    well.setenv("AI_VISION_MODEL", MODEL)
    well.setenv("AI_FEEDBACK_MODEL", MODEL)
    return well


async def test_a_model_that_was_never_pulled_comes_with_the_command_that_pulls_it(local):
    async with a_fake_ollama(capabilities=SEES) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)
        local.setenv("AI_FEEDBACK_MODEL", "other:7b")

        found = await asyncio.to_thread(problems)

    assert found["model_missing"].sentences("de")[1] == "docker compose exec ollama ollama pull other:7b"


async def test_a_model_that_only_reads_is_looked_for_although_assessing_does_not_use_it(local):
    local.setenv("AI_VISION_MODEL", "other:7b")
    local.setenv("AI_FEEDBACK_MODEL", "other:7b")
    local.setenv("LEARNING_FEEDBACK_ADAPTER", "stub")
    async with a_fake_ollama(capabilities=SEES) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)

        found = await asyncio.to_thread(problems)

    assert set(found) == {"model_missing"}


async def test_health_says_the_same_of_the_model_server(local):
    local.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:1")
    down = await wiring.model_server_check(Settings.load())
    async with a_fake_ollama(capabilities=SEES) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)
        sound = await wiring.model_server_check(Settings.load())
        local.setenv("AI_FEEDBACK_MODEL", "other:7b")
        missing = await wiring.model_server_check(Settings.load())
    local.setenv("AI_BACKEND", "stub")
    unused = await wiring.model_server_check(Settings.load())

    assert [(check.status, check.detail) for check in (down, sound, missing, unused)] == [
        ("failed", "model_unreachable"),
        ("ok", "models=1"),
        ("failed", "model_missing"),
        ("ok", "not used"),
    ]


async def test_a_model_on_the_cpu_is_a_warning_not_a_failure(local):
    async with a_fake_ollama(capabilities=SEES) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)

        found = await asyncio.to_thread(problems)

    assert {code: finding.status for code, finding in found.items()} == {"model_on_cpu": Status.WARNING}


@pytest.mark.parametrize(
    ("on_card", "code", "status"),
    [
        (0, "model_on_cpu", Status.WARNING),
        (7_000, "model_partly_on_cpu", Status.WARNING),
        (10_000, "model_on_gpu", Status.OK),
    ],
)
async def test_where_a_model_runs_is_looked_at_once_a_question_has_loaded_it(local, on_card, code, status):
    async with a_fake_ollama(capabilities=SEES, memory=(10_000, on_card), is_loaded=False) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)

        not_asked = await model_server(Settings.load(), is_quick=True)
        asked = await model_server(Settings.load(), is_quick=False)

    assert (asked[-1].code, asked[-1].status) == (code, status)
    assert not_asked[-1].code == "model_ready"
    if code == "model_partly_on_cpu":
        assert asked[-1].sentences("en")[0].startswith(f"30 % of {MODEL} do not fit")
        assert "kleineres Modell" in asked[-1].sentences("de")[1]


@pytest.mark.parametrize(
    ("configured", "listed"),
    [("school-model:latest", "school-model"), ("school-model", "school-model:latest")],
)
async def test_a_model_is_the_same_with_and_without_the_tag_that_goes_without_saying(
    local, configured, listed
):
    local.setenv("AI_VISION_MODEL", configured)
    local.setenv("AI_FEEDBACK_MODEL", configured)
    async with a_fake_ollama(capabilities=SEES, memory=(1, 1), name=listed) as server:
        local.setenv("OLLAMA_BASE_URL", server.url)

        found = await model_server(Settings.load(), is_quick=True)

    assert found[-1].code == "model_on_gpu"


async def test_a_model_that_takes_no_images_cannot_be_the_one_that_reads(local):
    async with a_fake_ollama() as server:
        local.setenv("OLLAMA_BASE_URL", server.url)

        found = await asyncio.to_thread(problems)
        health = await wiring.model_server_check(Settings.load())

    assert found["model_blind"].status is Status.FAILED
    assert (health.status, health.detail) == ("failed", "model_blind")


def test_a_port_of_another_program_is_found(well):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        well.setenv("WEB_PORT", str(other.getsockname()[1]))

        assert set(problems()) == {"port_taken"}


def test_what_is_tried_in_the_directory_belongs_to_its_owner(well, database):
    with tempfile.TemporaryDirectory(prefix="lw-doctor-") as name:
        Path(name).chmod(0o711)
        home = Path(name) / "data"
        well.setenv("LEARNING_DATA_DIR", str(home))
        missing = {finding.code for finding in doctor.examine(is_quick=True) if finding.check == "storage"}
        was_made = home.exists()
        home.mkdir(mode=0o700, exist_ok=True)
        given(home)

        found = {finding.code for finding in doctor.examine(is_quick=True) if finding.check == "storage"}
        owners = {path.stat().st_uid for path in (home, *home.rglob("*"))}

    # Only root would close the service out of a directory that it makes.
    assert (missing, was_made) == (
        ({"storage_unknown"}, False) if os.geteuid() == 0 else ({"storage_ok"}, True)
    )
    assert found == {"storage_ok"}
    assert len(owners) == 1


def test_root_finds_what_the_services_user_may_not_write(well):
    with tempfile.TemporaryDirectory(prefix="lw-doctor-") as name:
        Path(name).chmod(0o711)
        home = Path(name) / "data"
        home.mkdir()
        given(home).chmod(0o500)
        well.setenv("LEARNING_DATA_DIR", str(home))

        assert set(problems()) == {"storage_not_writable"}


def test_the_webs_own_settings_are_sound_without_the_workers(well):
    well.delenv("LEARNING_DATABASE_URL")
    well.delenv("MIGRATION_DATABASE_URL", raising=False)

    found = {finding.code: finding.status for finding in doctor.examine(is_quick=True)}

    assert problems() == {}
    assert found["worker_login_unknown"] is Status.SKIPPED


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("AI_CALL_TIMEOUT", "700", "call_longer_than_phase"),
        ("AI_FEEDBACK_MODEL", "mind:7b", "models_unused"),
        ("GUSTAV_ENV", "prod", "settings_refused"),
    ],
)
def test_settings_that_fight_each_other_are_found(well, name, value, code):
    well.setenv(name, value)

    assert code in problems()


def test_two_servers_on_one_port_are_found(well):
    well.setenv("WEB_PORT", "18080")
    well.setenv("WEB_METRICS_PORT", "18080")

    assert "ports_equal" in problems()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "word"), [("de_DE.UTF-8", "Etwas muss behoben werden."), ("C", "Something must be mended.")]
)
def test_the_command_speaks_the_terminals_language_fails_and_tells_no_secret(well, database, language, word):
    well.setenv("LEARNING_DATABASE_URL", "postgresql://gustav_worker:canary@127.0.0.1:1/learning")
    for name in ("LC_ALL", "LC_MESSAGES"):
        well.delenv(name, raising=False)
    well.setenv("LANG", language)

    done = subprocess.run(
        [sys.executable, "-m", "learning_worker", "doctor", "--quick"], text=True, capture_output=True
    )

    assert done.returncode == 1
    assert word in done.stdout
    secrets = [
        part
        for dsn in (database.dsns.app, database.dsns.migration)
        for part in re.findall(r":([^:@/]+)@", dsn)
    ]
    assert not any(secret in done.stdout + done.stderr for secret in ["canary", *secrets])


def test_every_code_has_a_finding_with_the_same_values_in_both_languages():
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    used = set(
        re.findall(
            r'(?:Status\.\w+, |failed\(|warn\()"(\w+)"', "".join(source.read_text() for source in SOURCES)
        )
    )

    assert used == set(TEXTS)
    for english, german in TEXTS.values():
        assert [values(text) for text in english] == [values(text) for text in german]


def test_a_bucket_is_asked_for_a_file_and_its_absence_is_found(well):
    with s3_server() as endpoint:
        bucket = a_bucket(endpoint)
        for name, value in (
            ("BUCKET", bucket.name),
            ("ENDPOINT", endpoint),
            ("ACCESS_KEY_ID", bucket.access_key_id),
            ("SECRET_ACCESS_KEY", bucket.secret_access_key),
        ):
            well.setenv(f"STORAGE_{name}", value)

        found = {finding.code for finding in doctor.examine(is_quick=True)}
        well.setenv("STORAGE_BUCKET", "no-such-bucket")
        missing = problems()

    assert "bucket_ok" in found
    assert set(missing) == {"bucket_unavailable"}
