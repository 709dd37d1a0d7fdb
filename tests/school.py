"""A small school for database tests: two courses, their people and tasks, and the queue's verbs as one-liners.

The connections are real logins in autocommit; `owner` is the superuser, to arrange and to inspect only.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from learning_worker.domain.criteria import level_score

TEXT = "Plants take in water 🌱 and light. They give off oxygen, because they split the water."
QUOTE = "They give off oxygen"
CRITERIA = [
    {"id": "c1", "text": "names the inputs", "max_score": 10, "weight": 1, "levels": []},
    {"id": "c2", "text": "gives a reason", "max_score": 6, "weight": 2, "levels": []},
]
HINTS = "The word oxygen is enough."
LIMITS = {"max_runs": 4, "max_crashes": 3}
PEOPLE = {
    "pupil": "student",
    "mate": "student",
    "no-ai": "student",
    "teacher": "teacher",
    "observer": "teacher",
    "former": "teacher",
    "foreign-pupil": "student",
    "foreign-teacher": "teacher",
}
Row = dict[str, Any]


def connect(dsn: str) -> psycopg.Connection[Row]:
    """A login of its own, autocommit, rows as dictionaries."""
    return psycopg.connect(dsn, autocommit=True, row_factory=dict_row)


@contextmanager
def acting_as(connection: psycopg.Connection[Row], sub: str | None) -> Iterator[psycopg.Connection[Row]]:
    """A transaction for one person; None: the setting is never touched."""
    with connection.transaction():
        if sub is not None:
            connection.execute("select set_config('app.current_sub', %s, true)", [sub])
        yield connection


class School:
    """`course` with pupil, mate, no-ai, teacher, observer and a former observer; `other_course` is somebody else's."""

    def __init__(self, owner, app, worker) -> None:
        self.owner, self.app, self.worker = owner, app, worker
        for sub, role in PEOPLE.items():
            owner.execute(
                "insert into people (sub, display_name, site_role) values (%s, %s, %s) on conflict do nothing",
                [sub, f"Name of {sub}", role],
            )
        self.course = self.new_course("4a", ["pupil", "mate"], "teacher")
        self._member(self.course, "no-ai", "student", ai_allowed=False)
        self._member(self.course, "observer", "observer", valid_until="2099-12-31")
        self._member(self.course, "former", "observer", valid_until="2020-01-01")
        self.task = self.new_task(self.course)
        self.other_course = self.new_course("9c", ["foreign-pupil"], "foreign-teacher")
        self.other_task = self.new_task(self.other_course)

    def new_course(self, title: str, pupils: list[str], teacher: str) -> uuid.UUID:
        course = self.one("insert into courses (title) values (%s) returning id", title)["id"]
        for sub in pupils:
            self._member(course, sub, "student")
        self._member(course, teacher, "teacher")
        return course

    def _member(self, course, sub, role, *, valid_until=None, ai_allowed=True) -> None:
        self.owner.execute(
            "insert into course_members (course_id, sub, role, valid_until, ai_allowed) values (%s, %s, %s, %s, %s)",
            [course, sub, role, valid_until, ai_allowed],
        )

    def new_task(self, course, **columns: object) -> uuid.UUID:
        columns = {"criteria": Jsonb(CRITERIA), "instruction_md": "Explain.", **columns}
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        task = self.one(
            f"insert into tasks (course_id, title, {names}) values (%s, 'Plants', {marks}) returning id",
            course,
            *columns.values(),
        )["id"]
        self.owner.execute("insert into task_hints (task_id, hints_md) values (%s, %s)", [task, HINTS])
        return task

    def one(self, query: str, *parameters: object) -> Row:
        """The one row of a superuser's query."""
        return self.owner.execute(query, parameters).fetchone()

    def submit(self, sub="pupil", *, task=None, text: str | None = TEXT, files=None, key=None, **more) -> Row:
        """Hand in as a pupil; the receipt."""
        connection = more.pop("connection", self.app)
        with acting_as(connection, sub):
            return connection.execute(
                "select * from learning_submit(%s, %s, %s, %s, %s)",
                [
                    task or self.task,
                    key or uuid.uuid4().hex,
                    None if files is not None else text,
                    None if files is None else Jsonb(files),
                    more.pop("lane", "interactive"),
                ],
            ).fetchone()

    def submit_files(self, sub="pupil", **more) -> Row:
        return self.submit(sub, files=[a_file()], **more)

    def lease_all(self, phase="feedback", *, worker=None, worker_id="w1", limit=1, seconds=30, **more):
        """Lease up to `limit` jobs of a phase."""
        return (
            (worker or self.worker)
            .execute(
                "select * from learning_worker_lease(%s, %s, %s, %s, %s, %s)",
                [worker_id, phase, more.get("lane"), limit, seconds, Jsonb(more.get("limits", LIMITS))],
            )
            .fetchall()
        )

    def lease(self, phase="feedback", **more) -> Row | None:
        """Lease one job, or None."""
        leased = self.lease_all(phase, **more)
        return leased[0] if leased else None

    def leased(self, phase="feedback") -> Row:
        """A fresh answer, leased in that phase."""
        receipt = self.submit() if phase == "feedback" else self.submit_files()
        job = self.lease(phase)
        assert job["submission_id"] == receipt["submission_id"]
        return job

    def expire(self, job: Row, seconds: float = 1) -> None:
        """Let the lease end some seconds ago."""
        self.owner.execute(
            "update learning_submission_jobs set leased_until = now() - %s * interval '1 second' where id = %s",
            [seconds, job["job_id"]],
        )

    def make_due(self) -> None:
        """Every waiting job is due now."""
        self.owner.execute("update learning_submission_jobs set visible_at = now() where status = 'queued'")

    def call(self, function: str, *arguments: object, connection=None) -> Any:
        """A verb of the worker: its value, or rows for a batch."""
        marks = ", ".join(["%s"] * len(arguments))
        return (connection or self.worker).execute(f"select * from {function}({marks})", arguments).fetchall()

    def as_person(self, sub: str, function: str, *arguments: object) -> list[Row]:
        """A function of the web login for a person."""
        with acting_as(self.app, sub):
            return self.call(function, *arguments, connection=self.app)

    def complete(self, job: Row, report: Row | None = None, source="stub") -> None:
        self.call(
            "learning_worker_update_completed",
            job["job_id"],
            job["lease_key"],
            Jsonb(report if report is not None else report_v2()),
            "Well done.",
            source,
            Jsonb({}),
        )

    def save_text(self, job: Row, text=TEXT, confirm_s: int | None = None) -> None:
        self.call("learning_worker_save_text", job["job_id"], job["lease_key"], text, "ocr", 0.9, confirm_s)

    def fail(self, job: Row, code="feedback_failed") -> None:
        self.call("learning_worker_update_failed", job["job_id"], job["lease_key"], code, "model_timeout")

    def nack(self, job: Row, wait_s: float = 0) -> None:
        self.call("learning_worker_nack_retry", job["job_id"], job["lease_key"], "model_timeout", wait_s)

    def release(self, job: Row, wait_s: float = 0) -> None:
        self.call("learning_worker_release", job["job_id"], job["lease_key"], wait_s)

    def outcome(self, job: Row) -> str:
        return self.call("learning_worker_outcome", job["job_id"], job["lease_key"])[0][
            "learning_worker_outcome"
        ]

    def completed(self, sub="pupil", **more) -> uuid.UUID:
        """An answer that was assessed; its id."""
        receipt = self.submit(sub, **more)
        self.complete(self.lease())
        return receipt["submission_id"]

    def job(self, submission_id) -> Row | None:
        return self.one("select * from learning_submission_jobs where submission_id = %s", submission_id)

    def submission(self, submission_id) -> Row | None:
        return self.one("select * from learning_submissions where id = %s", submission_id)

    def mine(self, submission_id, sub="pupil") -> Row | None:
        """The answer as its pupil reads it."""
        rows = self.as_person(sub, "learning_my_submissions", None, submission_id)
        return rows[0] if rows else None

    def everything_of(self, submission_id) -> dict[str, list[Row]]:
        """Every stored row of an answer, to compare before and after."""
        found = {}
        for table in TABLES_OF_AN_ANSWER:
            key = "id" if table == "learning_submissions" else "submission_id"
            found[table] = self.owner.execute(
                f"select to_jsonb(t) as r from {table} t where {key} = %s order by to_jsonb(t)::text",
                [submission_id],
            ).fetchall()
        return found


TABLES_OF_AN_ANSWER = (
    "learning_submissions",
    "learning_submission_jobs",
    "learning_submission_files",
    "learning_texts",
    "learning_page_readings",
    "learning_criterion_results",
    "learning_reports",
    "learning_audit",
)


def a_file(**changes: object) -> Row:
    """One stored file as `learning_submit` takes it."""
    return {
        "object_key": f"t/{uuid.uuid4().hex}",
        "sha256": uuid.uuid4().hex * 2,
        "byte_size": 1234,
        "media_type": "image/png",
        "rotation": 0,
        **changes,
    }


def evidence(text: str = TEXT, quote: str = QUOTE) -> Row:
    """A quote at its place."""
    start = text.index(quote)
    return {"quote": quote, "start": start, "end": start + len(quote)}


def result_v2(nr: int = 0, **changes: object) -> Row:
    """A valid criteria.v2 result of one criterion."""
    criterion = CRITERIA[nr]
    return {
        "criterion_id": criterion["id"],
        "criterion": criterion["text"],
        "status": "scored",
        "reason": None,
        "level": 2,
        "score": level_score(2, criterion["max_score"]),
        "max_score": criterion["max_score"],
        "confidence": "high",
        "explanation_md": "Named.",
        "evidence": [evidence()],
        "next_step_md": None,
        **changes,
    }


def unscored(nr: int = 1) -> Row:
    """A valid result that waits for a person."""
    return result_v2(
        nr,
        status="needs_review",
        reason="quote_not_found",
        level=None,
        score=None,
        confidence=None,
        evidence=[],
    )


def report_v2(**changes: object) -> Row:
    """A valid criteria.v2 report on TEXT: one criterion scored, one not."""
    return {
        "schema": "criteria.v2",
        "score": None,
        "source": "stub",
        "assessed": 1,
        "total": 2,
        "criteria_results": [result_v2(), unscored()],
        **changes,
    }


def report_v1(**changes: object) -> Row:
    """A valid criteria.v1 report on TEXT."""
    results = [
        {"criterion": c["text"], "score": 4, "explanation_md": "Yes.", "evidence": [evidence()]}
        for c in CRITERIA
    ]
    return {"schema": "criteria.v1", "score": 3, "criteria_results": results, **changes}


def changed(report: Row, nr: int, **changes: object) -> Row:
    """The report with another result for one criterion."""
    copy = json.loads(json.dumps(report))
    copy["criteria_results"][nr] |= changes
    return copy
