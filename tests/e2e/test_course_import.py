"""`learning-worker course import`: a file becomes a running class, twice is once, and a wrong file changes nothing."""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import asdict

import pytest

from learning_worker.db import courses, enrolment, submissions
from learning_worker.db.enrolment import Tally
from learning_worker.db.migrate import MigrationError
from learning_worker.db.pool import Database
from learning_worker.db.submissions import NewAnswer
from learning_worker.domain.school_class import ClassFileError, SchoolClass

CLASS = """
course: {title: 7b Biologie, school_year: 2026/27}
teachers:
  - {sub: berger, name: Frau Berger}
observers:
  - {sub: lindt, name: Herr Lindt, valid_until: 2099-07-31}
operators:
  - {sub: haas, name: Frau Haas, language: en}
pupils:
  - {sub: p1, name: Amira}
  - {sub: p2, name: Anton, ai_allowed: false}
tasks:
  - title: Licht
    instruction: Warum brauchen Pflanzen Licht?
    hints: Chlorophyll muss nicht vorkommen.
    criteria: [nennt einen Grund, {text: begründet, max_score: 5, weight: 2}]
    deadline: 2099-12-01 18:00
  - title: Wasser
    criteria: [nennt den Weg des Wassers]
    release_mode: practice
    scores_visible: true
    max_attempts: 3
    form_of_address: sie
"""
TABLES = ("people", "courses", "course_members", "tasks", "task_hints")


@pytest.fixture
async def migrator(database):
    pool = Database(database.dsns.migration, max_size=2)
    await pool.open()
    yield pool
    await pool.close()


@pytest.fixture
async def web(database):
    pool = Database(database.dsns.app, max_size=1)
    await pool.open()
    yield pool
    await pool.close()


async def put(database: Database, text: str = CLASS, **more):
    return await enrolment.enrol(database, SchoolClass.parse(text), **more)


async def everything(owner_db) -> dict[str, list]:
    """All rows of the tables that an import writes."""
    found = {}
    for table in TABLES:
        cursor = await owner_db.execute(f"select t::text from public.{table} t order by 1")
        found[table] = await cursor.fetchall()
    return found


async def test_a_file_becomes_a_class_that_a_pupil_hands_in_to_and_a_teacher_sees(migrator, web):
    done = await put(migrator)
    async with web.acting_as("p1") as connection:
        tasks = await courses.my_tasks(connection)
        await submissions.submit(connection, NewAnswer(tasks[0].id, "k1", text="Licht liefert Energie."))
    async with web.acting_as("berger") as connection:
        taught = await courses.taught_tasks(connection)

    assert (done.course, done.people, done.members, done.tasks) == (Tally(1), Tally(5), Tally(4), Tally(2))
    assert [(task.title, len(task.criteria), task.max_attempts) for task in tasks] == [
        ("Licht", 2, None),
        ("Wasser", 1, 3),
    ]
    assert [(task.title, task.pupils, task.handed_in) for task in taught] == [
        ("Licht", 2, 1),
        ("Wasser", 2, 0),
    ]


async def test_every_key_of_the_file_reaches_its_column(migrator, owner_db):
    await put(migrator)

    rows = {}
    for table in TABLES:
        cursor = await owner_db.execute(f"select to_jsonb(t) from public.{table} t order by t::text")
        rows[table] = [row for (row,) in await cursor.fetchall()]
    members = {row["sub"]: row for row in rows["course_members"]}
    light, water = sorted(rows["tasks"], key=lambda task: task["position"])
    assert {row["sub"]: (row["site_role"], row["language"]) for row in rows["people"]} == {
        "berger": ("teacher", "de"), "lindt": ("teacher", "de"), "haas": ("operator", "en"),
        "p1": ("student", "de"), "p2": ("student", "de"),
    }  # fmt: skip
    assert (members["p2"]["ai_allowed"], members["p1"]["ai_allowed"]) == (False, True)
    # The last day counts until its end, on this machine's clock.
    assert members["lindt"]["valid_until"].startswith(("2099-07-31T", "2099-08-01T"))
    assert [row["hints_md"] for row in rows["task_hints"]] == ["Chlorophyll muss nicht vorkommen."]
    assert (light["deadline"][:10], light["criteria"][1]["weight"]) == ("2099-12-01", 2)
    assert (water["release_mode"], water["scores_visible"], water["form_of_address"]) == (
        "practice",
        True,
        "sie",
    )


async def test_the_same_file_again_changes_no_row(migrator, owner_db):
    await put(migrator)
    before = await everything(owner_db)

    again = await put(migrator)

    assert await everything(owner_db) == before
    assert (again.course, again.people, again.members, again.tasks) == (
        Tally(same=1), Tally(same=5), Tally(same=4), Tally(same=2),
    )  # fmt: skip


async def test_two_imports_at_once_make_one_course(migrator, owner_db):
    # Nobody in common: what two files share would make the second one wait all by itself.
    other_people = re.sub(r"sub: (\w+)", r"sub: other-\1", CLASS)

    await asyncio.gather(put(migrator), put(migrator, other_people))

    assert len((await everything(owner_db))["courses"]) == 1


async def test_what_the_file_changes_changes_and_what_it_leaves_out_stays(migrator, web, owner_db):
    await put(migrator)
    async with web.acting_as("p1") as connection:
        task = (await courses.my_tasks(connection))[0]
        receipt = await submissions.submit(connection, NewAnswer(task.id, "k1", text="Licht."))
    changed = CLASS.replace("nennt einen Grund", "nennt zwei Gründe").replace("name: Amira", "name: Amira H.")
    changed = re.sub(r"  - \{sub: p2.*\n", "", changed).partition("  - title: Wasser")[0]

    done = await put(migrator, changed)

    cursor = await owner_db.execute(
        "select s.criteria ->> 0 from public.learning_submissions a join public.task_snapshots s on s.id = a.snapshot_id"
        " where a.id = %s",
        [receipt.submission_id],
    )
    assert "nennt einen Grund" in (await cursor.fetchone())[0]
    assert (done.people, done.tasks) == (Tally(changed=1, same=3), Tally(changed=1))
    assert (done.members_left, done.tasks_left) == (1, 1)
    assert {table: len(rows) for table, rows in (await everything(owner_db)).items()} == {
        "people": 5, "courses": 1, "course_members": 4, "tasks": 2, "task_hints": 1,
    }  # fmt: skip


async def test_new_and_removed_hints_count_as_a_change_of_their_task(migrator, owner_db):
    await put(migrator)

    removed = await put(migrator, CLASS.replace("    hints: Chlorophyll muss nicht vorkommen.\n", ""))

    assert removed.tasks == Tally(changed=1, same=1)
    assert (await everything(owner_db))["task_hints"] == []


async def test_a_dry_run_counts_and_leaves_nothing(migrator, owner_db):
    before = await everything(owner_db)

    done = await put(migrator, is_dry_run=True)

    assert done.people == Tally(5)
    assert await everything(owner_db) == before


@pytest.mark.parametrize(
    ("arranged", "named"),
    [
        ("insert into people (sub, display_name, site_role) values ('p2', 'x', 'teacher')", "p2"),
        ("insert into courses (title, school_year) select '7b Biologie', '2026/27' from generate_series(1, 2)", "7b"),
    ],
    ids=["somebody of another role", "two courses of that name"],
)  # fmt: skip
async def test_a_file_that_contradicts_what_is_there_changes_nothing(migrator, owner_db, arranged, named):
    await owner_db.execute(arranged)
    before = await everything(owner_db)

    with pytest.raises(ClassFileError, match=named) as refused:
        await put(migrator)

    assert await everything(owner_db) == before
    assert all(problem.german != problem.english for problem in refused.value.problems)


@pytest.mark.parametrize("login", ["app", "worker", "operator", "sessions"])
async def test_no_login_but_the_migrators_may_enrol_anybody(database, owner_db, login):
    pool = Database(getattr(database.dsns, login), max_size=1)
    await pool.open()
    try:
        with pytest.raises(MigrationError, match="may not write courses"):
            await put(pool)
    finally:
        await pool.close()

    assert (await everything(owner_db))["people"] == []


async def test_a_database_that_nobody_migrated_is_named(server):
    pool = Database(server.superuser_dsn(), max_size=1)
    await pool.open()
    try:
        with pytest.raises(MigrationError, match="learning-worker migrate"):
            await put(pool)
    finally:
        await pool.close()


@pytest.mark.slow
def test_the_command_imports_counts_and_names_nobody(database, tmp_path, monkeypatch):
    file = tmp_path / "class.yaml"
    file.write_text(CLASS, encoding="utf-8-sig")
    monkeypatch.setenv("GUSTAV_ENV", "prod")
    monkeypatch.setenv("MIGRATION_DATABASE_URL", database.dsns.migration)
    command = [sys.executable, "-m", "learning_worker", "course", "import", str(file)]

    counted = subprocess.run([*command, "--json"], text=True, capture_output=True)
    file.write_text(CLASS.replace("sub: p1", "sub: 4711"), encoding="utf-8")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_ALL", "")
    refused = subprocess.run(command, text=True, capture_output=True)

    assert counted.returncode == 0, counted.stderr
    assert json.loads(counted.stdout)["people"] == asdict(Tally(5))
    assert "Amira" not in counted.stdout + counted.stderr
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "pupils.1.sub muss ein Text sein (eine Zahl in Anführungszeichen).\n"


async def test_an_archived_course_takes_nothing_more_and_a_new_year_begins_beside_it(migrator, web):
    first = await enrolment.enrol(migrator, SchoolClass.parse(CLASS))

    await enrolment.archive(migrator, "7b Biologie", "2026/27")
    async with web.acting_as("p1") as connection:
        shown = await courses.my_tasks(connection)
    again = await enrolment.enrol(migrator, SchoolClass.parse(CLASS))

    assert shown == ()
    assert again.course.new == 1
    assert again.course_id != first.course_id


@pytest.mark.parametrize(
    ("title", "year", "word"),
    [
        ("7b Biologie", None, "more than once"),
        ("9a", None, "no running course"),
        ("7b Biologie", "2020/21", "no running"),
    ],
)
async def test_only_one_running_course_is_archived_by_its_name(migrator, title, year, word):
    for other_year in ("2026/27", "2027/28"):
        await enrolment.enrol(migrator, SchoolClass.parse(CLASS.replace("2026/27", other_year)))

    with pytest.raises(ClassFileError) as refused:
        await enrolment.archive(migrator, title, year)

    assert word in str(refused.value.problems[0])
    async with migrator.transaction() as connection:
        cursor = await connection.execute(
            "select count(*) as n from public.courses where archived_at is null"
        )
        assert (await cursor.fetchone())["n"] == 2
