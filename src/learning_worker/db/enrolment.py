"""Brings people, a course and its tasks to what a class file says, as the migrator; doing it again changes nothing.

Nothing is ever deleted: answers hang on tasks and people. Answers that were handed in keep the task as it was then.
"""

import json
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from learning_worker.db.migrate import MigrationError
from learning_worker.db.pool import Connection, Database
from learning_worker.domain.criteria import criteria_json
from learning_worker.domain.school_class import ClassFileError, ClassTask, Course, Member, Person, SchoolClass
from learning_worker.domain.sentences import Sentence

_LOCK_KEY = 5_714_026_121_801_003


@dataclass
class Tally:
    """How many rows of one kind were made, changed, or were as the file says already."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def add(self, is_new: bool | None) -> None:
        """Count one row; None: it was as the file says."""
        if is_new is None:
            self.same += 1
        elif is_new:
            self.new += 1
        else:
            self.changed += 1


@dataclass
class Enrolled:
    """What an import did. `left`: members and tasks of the course that the file does not name; they stay."""

    course_id: UUID | None = None
    course: Tally = field(default_factory=Tally)
    people: Tally = field(default_factory=Tally)
    members: Tally = field(default_factory=Tally)
    tasks: Tally = field(default_factory=Tally)
    members_left: int = 0
    tasks_left: int = 0


class _DryRun(Exception):
    """Ends the transaction without a trace."""


async def enrol(database: Database, school_class: SchoolClass, *, is_dry_run: bool = False) -> Enrolled:
    """Put the class in place, in one transaction; is_dry_run: count only.

    Raises ClassFileError when the file contradicts what is there, MigrationError for a database without our tables or a
    login that may not write them, DatabaseUnavailable.
    """
    done = Enrolled()
    try:
        async with database.transaction() as connection:
            # Two imports at once would both find no course and make two.
            await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK_KEY])
            await _put_people(connection, school_class, done)
            done.course_id = await _put_course(connection, school_class.course, done.course)
            await _put_members(connection, done.course_id, school_class, done)
            for position, task in enumerate(school_class.tasks):
                task_id, is_new = await _put_task(connection, done.course_id, position, task)
                has_new_hints = await _put_hints(connection, task_id, task.hints)
                done.tasks.add(False if has_new_hints and is_new is None else is_new)
            left = await _left_over(connection, done.course_id, school_class)
            done.members_left, done.tasks_left = left
            if is_dry_run:
                raise _DryRun
    except _DryRun:
        pass
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise MigrationError(
            "The database is not up to date; run `learning-worker migrate` first.",
            "Die Datenbank ist nicht auf dem neuesten Stand; zuerst `learning-worker migrate` ausführen.",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            "This login may not write courses; MIGRATION_DATABASE_URL must name the login that migrated.",
            "Dieser Login darf keine Kurse schreiben; MIGRATION_DATABASE_URL muss den Login nennen, der migriert hat.",
        ) from error
    return done


async def _put_people(connection: Connection, school_class: SchoolClass, done: Enrolled) -> None:
    site_roles = {"teacher": "teacher", "observer": "teacher", "student": "student"}
    people: list[tuple[Person | Member, str]] = [
        *((member, site_roles[role]) for role, member in school_class.members),
        *((operator, "operator") for operator in school_class.operators),
    ]
    cursor = await connection.execute(
        "select sub, site_role from public.people where sub = any (%s)",
        [[person.sub for person, _ in people]],
    )
    known = {row["sub"]: row["site_role"] for row in await cursor.fetchall()}
    other = [
        _other_role(person.sub, known[person.sub], site_role)
        for person, site_role in people
        if known.get(person.sub, site_role) != site_role
    ]
    if other:
        raise ClassFileError(other)
    for person, site_role in people:
        await _count(
            done.people,
            connection,
            """
            insert into public.people as p (sub, display_name, language, site_role)
            values (%s, %s, %s, %s)
            on conflict (sub) do update
                  set display_name = excluded.display_name, language = excluded.language
                where (p.display_name, p.language) is distinct from (excluded.display_name, excluded.language)
            returning xmax = 0 as is_new
            """,
            [person.sub, person.name, person.language, site_role],
        )


def _other_role(sub: str, known: str, wanted: str) -> Sentence:
    return Sentence(
        f"{sub} is known as {known} and cannot be {wanted}, too; give the second account a sub of its own.",
        f"{sub} ist als {known} bekannt und kann nicht auch {wanted} sein; dem zweiten Konto einen eigenen sub geben.",
    )


async def _put_course(connection: Connection, course: Course, tally: Tally) -> UUID:
    cursor = await connection.execute(
        "select id from public.courses"
        " where title = %s and school_year is not distinct from %s and archived_at is null",
        [course.title, course.school_year],
    )
    found = [row["id"] for row in await cursor.fetchall()]
    if len(found) > 1:
        raise ClassFileError([_ambiguous(course.title)])
    days = [course.file_retention_days, course.text_retention_days]
    if found:
        await _count(
            tally,
            connection,
            """
            update public.courses
               set file_retention_days = %s, text_retention_days = %s
             where id = %s and (file_retention_days, text_retention_days) is distinct from (%s, %s)
            returning false as is_new
            """,
            [*days, found[0], *days],
        )
        return UUID(str(found[0]))
    tally.new += 1
    cursor = await connection.execute(
        "insert into public.courses (title, school_year, file_retention_days, text_retention_days)"
        " values (%s, %s, %s, %s) returning id",
        [course.title, course.school_year, *days],
    )
    (row,) = await cursor.fetchall()
    return UUID(str(row["id"]))


async def archive(database: Database, title: str, school_year: str | None) -> None:
    """Close a course: nobody hands in any more, and its pupils are forgotten when its texts' time is over.

    school_year: needed where several running courses have the title. Raises ClassFileError when it is not exactly one.
    """
    async with database.transaction() as connection:
        cursor = await connection.execute(
            """
            select c.id
              from public.courses c
             where c.title = %s
               and (%s::text is null or c.school_year = %s)
               and c.archived_at is null
               for update
            """,
            [title, school_year, school_year],
        )
        found = [row["id"] for row in await cursor.fetchall()]
        if len(found) != 1:
            raise ClassFileError([_ambiguous(title) if found else _unknown(title)])
        await connection.execute("update public.courses set archived_at = now() where id = %s", found)


def _unknown(title: str) -> Sentence:
    return Sentence(
        f"There is no running course {title}; compare title and school year.",
        f"Es gibt keinen laufenden Kurs {title}; Titel und Schuljahr vergleichen.",
    )


def _ambiguous(title: str) -> Sentence:
    return Sentence(
        f"{title} is there more than once; give the others another title first.",
        f"{title} gibt es mehr als einmal; den anderen zuerst einen anderen Titel geben.",
    )


async def _put_members(
    connection: Connection, course_id: UUID, school_class: SchoolClass, done: Enrolled
) -> None:
    for role, member in school_class.members:
        await _count(
            done.members,
            connection,
            """
            insert into public.course_members as m (course_id, sub, role, ai_allowed, valid_until)
            values (%s, %s, %s, %s, %s)
            on conflict (course_id, sub) do update
                  set role = excluded.role, ai_allowed = excluded.ai_allowed, valid_until = excluded.valid_until
                where (m.role, m.ai_allowed, m.valid_until)
                      is distinct from (excluded.role, excluded.ai_allowed, excluded.valid_until)
            returning xmax = 0 as is_new
            """,
            [course_id, member.sub, role, member.ai_allowed, member.valid_until],
        )


async def _put_task(
    connection: Connection, course_id: UUID, position: int, task: ClassTask
) -> tuple[UUID, bool | None]:
    """The task's id, and whether it is new; None: it was as the file says."""
    columns = {
        "title": task.title,
        "instruction_md": task.instruction,
        "criteria": Jsonb(json.loads(criteria_json(task.criteria))),
        "position": position,
        **task.model_dump(exclude={"title", "instruction", "hints", "criteria"}),
    }
    cursor = await connection.execute(
        "select id from public.tasks where course_id = %s and title = %s", [course_id, task.title]
    )
    found = [row["id"] for row in await cursor.fetchall()]
    if len(found) > 1:
        raise ClassFileError([_ambiguous(task.title)])
    names, marks = (
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
    )
    if not found:
        insert = sql.SQL("insert into public.tasks (course_id, {}) values (%s, {}) returning id")
        cursor = await connection.execute(insert.format(names, marks), [course_id, *columns.values()])
        (row,) = await cursor.fetchall()
        return UUID(str(row["id"])), True
    update = sql.SQL(
        "update public.tasks set ({0}) = row({1}) where id = %s and ({0}) is distinct from ({1}) returning id"
    )
    values = list(columns.values())
    cursor = await connection.execute(update.format(names, marks), [*values, found[0], *values])
    return UUID(str(found[0])), False if await cursor.fetchall() else None


async def _put_hints(connection: Connection, task_id: UUID, hints_md: str) -> bool:
    """Whether the hints changed."""
    if not hints_md:
        query, parameters = "delete from public.task_hints where task_id = %s returning 1", [str(task_id)]
    else:
        query = """
            insert into public.task_hints as h (task_id, hints_md) values (%s, %s)
            on conflict (task_id) do update set hints_md = excluded.hints_md
                  where h.hints_md <> excluded.hints_md
            returning 1
            """
        parameters = [str(task_id), hints_md]
    cursor = await connection.execute(query, parameters)
    return bool(await cursor.fetchall())


async def _left_over(connection: Connection, course_id: UUID, school_class: SchoolClass) -> tuple[int, int]:
    """How many members and tasks of the course the file does not name."""
    cursor = await connection.execute(
        """
        select (select count(*) from public.course_members where course_id = %s and sub <> all (%s)) as members,
               (select count(*) from public.tasks where course_id = %s and title <> all (%s)) as tasks
        """,
        [
            course_id,
            [member.sub for _, member in school_class.members],
            course_id,
            [task.title for task in school_class.tasks],
        ],
    )
    (row,) = await cursor.fetchall()
    return int(row["members"]), int(row["tasks"])


async def _count(
    tally: Tally, connection: Connection, query: LiteralString, parameters: list[object]
) -> None:
    """Run a statement that returns a row `is_new` when it made or changed one."""
    cursor = await connection.execute(query, parameters)
    row = await cursor.fetchone()
    tally.add(None if row is None else bool(row["is_new"]))
