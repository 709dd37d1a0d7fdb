"""Machines: the JSON API, the health report, and what happens without a database."""

from dataclasses import replace

import pytest
from website import OPERATOR, PUPIL, TEACHER, TEXT, a_site

from learning_worker.db.health import Check
from learning_worker.db.pool import Database

HEALTH = "/internal/health/learning-worker"


@pytest.fixture
async def site(database):
    async with a_site(database) as running:
        yield running


@pytest.fixture
async def nowhere():
    database = Database("host=127.0.0.1 port=1 dbname=x connect_timeout=1", acquire_s=0.2)
    await database.open()
    yield database
    await database.close()


async def heartbeat(site):
    async with site.worker.transaction() as connection:
        await connection.execute("select public.learning_worker_heartbeat('w1', false, '{}')")


async def test_the_same_key_and_text_give_the_same_submission(site):
    browser, path = await site.browser(PUPIL), f"/api/learning/tasks/{site.task_id}/submissions"

    first = await browser.api_post(path, {"text": TEXT}, "k")
    second = await browser.api_post(path, {"text": TEXT}, "k")
    other = await browser.api_post(path, {"text": TEXT + "!"}, "k")

    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 409)
    assert (first.json()["created"], second.json()["created"]) == (True, False)
    assert first.json()["id"] == second.json()["id"]
    assert other.json() == {"error": "key_reused"}


@pytest.mark.parametrize(
    "body",
    [
        '{"text": "a\\u0000b"}',
        '{"text": "\\ud800"}',
        '{"text": ""}',
        '{"text": 1}',
        "{}",
        "[",
        '{"text": "x", "y": 1}',
    ],
)
async def test_what_cannot_be_stored_is_a_422_without_an_echo(site, body):
    browser = await site.browser(PUPIL)

    response = await browser.client.post(
        f"/api/learning/tasks/{site.task_id}/submissions",
        content=body,
        headers={"Idempotency-Key": "k", "X-CSRF-Token": browser.csrf, "content-type": "application/json"},
    )

    assert response.status_code == 422
    assert response.json() == {"error": "invalid_input"}


async def test_a_text_over_the_limit_is_a_422(site):
    browser = await site.browser(PUPIL)

    response = await browser.api_post(
        f"/api/learning/tasks/{site.task_id}/submissions", {"text": "x" * 100_001}, "k"
    )

    assert response.status_code == 422


async def test_a_missing_key_is_a_422_and_a_stranger_a_401(site):
    browser, path = await site.browser(PUPIL), f"/api/learning/tasks/{site.task_id}/submissions"

    without_key = await browser.client.post(path, json={"text": TEXT}, headers={"X-CSRF-Token": browser.csrf})
    stranger = await site.anonymous().client.post(path, json={"text": TEXT})

    assert without_key.status_code == 422
    assert (stranger.status_code, stranger.json()) == (401, {"error": "not_signed_in"})


async def test_without_a_database_nothing_is_invented(site, nowhere):
    site.app.state.deps = replace(site.deps, db=nowhere)
    browser = await sign_in_again(site)

    sent = await browser.api_post(f"/api/learning/tasks/{site.task_id}/submissions", {"text": TEXT}, "k")
    page = await browser.get("/tasks")

    assert (sent.status_code, sent.json()) == (503, {"error": "unavailable"})
    assert page.status_code == 503
    assert "does not answer" in page.text


async def sign_in_again(site):
    """The session store still answers; only the pages' database is away."""
    browser = site.anonymous()
    browser.client.cookies.set("lang", "en")
    response = await browser.client.post("/demo/sign-in", data={"sub": PUPIL})
    assert response.status_code == 303
    async with site.owner.transaction() as connection:
        row = await (
            await connection.execute(
                "select csrf_token from public.web_sessions order by created_at desc limit 1"
            )
        ).fetchone()
    browser.csrf = row["csrf_token"]
    return browser


async def test_the_openapi_description_covers_the_api_only(site):
    description = (await site.anonymous().get("/api/openapi.json")).json()

    assert sorted(description["paths"]) == [
        "/api/learning/submissions",
        "/api/learning/submissions/{submission_id}",
        "/api/learning/tasks/{task_id}/submissions",
        "/api/teaching/courses/{course_id}/pace",
    ]


@pytest.mark.parametrize("sub", [TEACHER, OPERATOR])
async def test_the_health_report_has_its_shape_and_headers(site, sub):
    await heartbeat(site)

    response = await (await site.browser(sub)).get(HEALTH)

    body = response.json()
    assert response.status_code == 200
    assert list(body) == ["status", "currentRole", "checks"]
    assert body["status"] == "healthy"
    assert [check["check"] for check in body["checks"]][:2] == ["db_role", "queue_visibility"]
    assert {tuple(check) for check in body["checks"]} == {("check", "status", "detail")}
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["vary"] == "Origin"


async def test_the_health_report_is_for_teachers_and_operators(site):
    stranger = await site.anonymous().get(HEALTH)
    pupil = await (await site.browser(PUPIL)).get(HEALTH)

    assert (stranger.status_code, pupil.status_code) == (401, 403)
    for response in (stranger, pupil):
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "private, no-store"


async def test_one_failed_check_makes_it_degraded_and_503(site):
    await heartbeat(site)

    async def storage_is_full():
        return Check("storage", "failed", "no space")

    site.app.state.deps = replace(site.deps, health_checks=(storage_is_full,))
    response = await (await site.browser(OPERATOR)).get(HEALTH)

    assert response.status_code == 503
    assert response.json()["status"] == "degraded"


async def test_a_login_outside_gustav_limited_fails_db_role_and_makes_it_503(site):
    await heartbeat(site)
    operator = await site.browser(OPERATOR)
    site.app.state.deps = replace(site.deps, db=site.deps.sessions)

    response = await operator.get(HEALTH)

    body = response.json()
    assert (response.status_code, body["status"]) == (503, "degraded")
    assert (body["checks"][0]["check"], body["checks"][0]["status"]) == ("db_role", "failed")


async def test_health_without_a_database_is_degraded_not_broken(site, nowhere):
    operator = await site.browser(OPERATOR)
    site.app.state.deps = replace(site.deps, db=nowhere)
    no_rows = await operator.get(HEALTH)
    site.app.state.deps = replace(site.deps, sessions=nowhere)
    no_sessions = await operator.get(HEALTH)

    for response in (no_rows, no_sessions):
        assert response.status_code == 503
        assert (response.json()["status"], response.json()["currentRole"]) == ("degraded", None)
