"""The web application on a real database, with a small invented school; browsers are ASGI clients on 127.0.0.1."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx2
from conftest import Database as TestDatabase
from fakes import FakeBlobStore
from fastapi import FastAPI

from learning_worker.adapters.rasterise import SandboxCleaner, SandboxDecoder
from learning_worker.db import queue, seed
from learning_worker.db.endings import Endings
from learning_worker.db.line import Line
from learning_worker.db.pool import Database
from learning_worker.db.queue import LeaseTerms, Want
from learning_worker.domain.criteria import (
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    level_score,
    parse_criteria,
)
from learning_worker.domain.reports import report_from
from learning_worker.domain.submission import Phase, Task
from learning_worker.ports import Feedback
from learning_worker.web.app import DemoPerson, WebDeps, create_app

HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"
PUPIL, OTHER_PUPIL, TEACHER, FOREIGN_TEACHER, OPERATOR = "ada", "ben", "frau-berger", "herr-fremd", "haas"
PEOPLE = (
    DemoPerson(PUPIL, "Ada", "student"),
    DemoPerson(OTHER_PUPIL, "Ben", "student"),
    DemoPerson(TEACHER, "Frau Berger", "teacher"),
    DemoPerson(FOREIGN_TEACHER, "Herr Fremd", "teacher"),
    DemoPerson(OPERATOR, "Frau Haas", "operator"),
)
TEXT = "Plants need light. Without it they cannot make sugar, <b>so</b> they starve."
TASK = Task(
    instruction_md="Why do plants need **light**?",
    criteria=parse_criteria(
        [{"id": "cause", "text": "names a cause"}, {"id": "reason", "text": "gives a reason"}]
    ),
)
FEEDBACK = "A clear **start**. ![x](http://evil.example/x.png) [link](http://evil.example) <script>1</script>"


@dataclass
class Browser:
    """A signed-in browser: sends our origin, and the token that the last page gave it."""

    client: httpx2.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        response = await self.client.get(path, **options)
        found = re.search(r'name="csrf" value="([^"]+)"', response.text)
        self.csrf = found.group(1) if found else self.csrf
        return response

    async def post(self, path: str, fields: dict[str, Any], **options: Any) -> httpx2.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **fields}, **options)

    async def api_post(self, path: str, body: Any, key: str) -> httpx2.Response:
        headers = {"Idempotency-Key": key, "X-CSRF-Token": self.csrf}
        return await self.client.post(path, json=body, headers=headers)


@dataclass
class Site:
    """The application and what it stands on."""

    deps: WebDeps
    app: FastAPI
    owner: Database
    worker: Database
    blobs: FakeBlobStore
    task_id: UUID
    practice_id: UUID
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def anonymous(
        self, *, app: FastAPI | None = None, address: str = "127.0.0.1", host: str = HOST
    ) -> Browser:
        transport = httpx2.ASGITransport(
            app=app or self.app, client=(address, 50_000), raise_app_exceptions=False
        )
        headers = {"origin": f"http://{host}", "accept-language": "en"}
        client = httpx2.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)
        self.clients.append(client)
        return Browser(client)

    async def browser(self, sub: str, *, app: FastAPI | None = None) -> Browser:
        """Signed in as one of PEOPLE, in English, with a token at hand."""
        browser = self.anonymous(app=app)
        browser.client.cookies.set("lang", "en")
        signed_in = await browser.client.post("/demo/sign-in", data={"sub": sub})
        assert signed_in.status_code == 303
        await browser.get(signed_in.headers["location"])
        return browser

    async def hand_in(
        self, browser: Browser, text: str = TEXT, *, key: str = "k1", task_id: UUID | None = None
    ) -> str:
        """A typed answer through the form; its id."""
        answer = await browser.post(f"/tasks/{task_id or self.task_id}/hand-in", {"key": key, "text": text})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].removeprefix("/submissions/").split("?")[0]

    async def assess(
        self, *, schema: str = "criteria.v2", is_first_open: bool = False, feedback: str = FEEDBACK
    ) -> None:
        """What a worker would do with every queued answer: criterion 1 largely, criterion 2 not yet, a quote each."""
        endings = Endings(Line(self.worker.dsn, "endings"))
        for job in (await queue.lease(self.worker, LeaseTerms("test"), [Want(Phase.FEEDBACK, 20)])).jobs:
            text = job.text_body or ""
            first, second = (
                CriterionResult(
                    c.id,
                    ResultStatus.SCORED,
                    c.max_score,
                    level=level,
                    score=level_score(level, c.max_score),
                    explanation_md="Because of *this*.",
                    evidence=(Evidence(text[a:b], a, b),),
                    next_step_md="Say more.",
                )
                for c, level, (a, b) in zip(job.task.criteria, (2, 0), ((0, 18), (7, 40)), strict=True)
            )
            if is_first_open:
                first = CriterionResult(
                    first.criterion_id, ResultStatus.NEEDS_REVIEW, 10, reason=Reason.QUOTE_NOT_FOUND
                )
            source = ReportSource.STUB if schema == "criteria.v1" else ReportSource.DSPY
            report = report_from([first, second], job.task.criteria, schema, source)
            await endings.complete(job, report, Feedback(feedback, source))
        await endings.close()

    async def pretend_runs_took(self, seconds: float) -> None:
        """Every finished feedback took so long, and one worker with one slot lives."""
        async with self.owner.transaction() as connection:
            await connection.execute(
                "update public.learning_submissions set feedback_last_attempt_at = completed_at - make_interval(secs => %s)"
                " where completed_at is not null",
                (seconds,),
            )
        await queue.heartbeat(self.worker, "w1", is_idle=False, slots={"feedback": 1})


@asynccontextmanager
async def a_site(database: TestDatabase, **changes: Any) -> AsyncIterator[Site]:
    """Pools with the real logins, one course with a reviewed and a practice task; changes: of WebDeps."""
    owner, app_db = Database(database.owner, max_size=2), Database(database.dsns.app, max_size=4)
    sessions, worker = (
        Database(database.dsns.sessions, max_size=2),
        Database(database.dsns.worker, max_size=2),
    )
    pools = (owner, app_db, sessions, worker)
    for pool in pools:
        await pool.open()
    blobs = FakeBlobStore()
    deps = WebDeps(
        db=app_db,
        sessions=sessions,
        blobs=blobs,
        cleaner=SandboxCleaner(),
        decoder=SandboxDecoder(),
        env="demo",
        demo_people=PEOPLE,
    )
    deps = replace(deps, **changes)
    try:
        async with owner.transaction() as connection:
            await seed.put_people(
                connection, [seed.Person(p.sub, p.display_name, p.site_role) for p in PEOPLE]
            )
            members = [
                seed.Membership(PUPIL, "student"),
                seed.Membership(OTHER_PUPIL, "student"),
                seed.Membership(TEACHER, "teacher"),
            ]
            course = await seed.put_course(connection, "7b", "2026/27", members)
            await seed.put_course(connection, "8a", "2026/27", [seed.Membership(FOREIGN_TEACHER, "teacher")])
            task_id = await seed.put_task(connection, course, seed.NewTask("Light", TASK))
            practice = seed.NewTask("Practice", replace(TASK, scores_visible=True), "practice", 1)
            practice_id = await seed.put_task(connection, course, practice)
        site = Site(deps, create_app(deps), owner, worker, blobs, task_id, practice_id)
        yield site
        for client in site.clients:
            await client.aclose()
    finally:
        for pool in pools:
            await pool.close()


def review_fields(page: str, **changes: str) -> dict[str, str]:
    """The fields of a teacher's form as the page fills them, with changes."""
    fields = dict(re.findall(r'<input type="hidden" name="(base_\w+)" value="([^"]*)"', page))
    fields |= dict(re.findall(r'name="(level-\d)" value="(\d)" checked', page))
    for name, value in re.findall(
        r'<textarea[^>]* name="((?:explanation|next)-\d)"[^>]*>([^<]*)</textarea>', page
    ):
        fields[name] = value
    feedback = re.search(r'<textarea[^>]*name="feedback_md"[^>]*>([^<]*)</textarea>', page)
    fields["feedback_md"] = feedback.group(1) if feedback else ""
    return {name: html.unescape(value).removeprefix("\n") for name, value in fields.items()} | changes
