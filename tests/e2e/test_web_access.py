"""Who may see and do what: sign-in, sessions, forged requests, other people's answers, headers."""

import re
from dataclasses import replace

import pytest
from website import FOREIGN_TEACHER, OPERATOR, ORIGIN, OTHER_PUPIL, PUPIL, TEACHER, TEXT, a_site

from learning_worker.web.app import create_app


@pytest.fixture
async def site(database):
    async with a_site(database) as running:
        yield running


async def test_the_demo_offers_its_people_on_this_machine(site):
    page = await site.anonymous().get("/demo/sign-in")

    assert page.status_code == 200
    assert "Frau Berger" in page.text


@pytest.mark.parametrize(
    ("address", "host", "headers"),
    [
        ("192.168.1.20", "127.0.0.1:8080", {}),
        ("127.0.0.1", "evil.example:8080", {}),
        ("127.0.0.1", "127.0.0.1:8080", {"x-forwarded-for": "192.168.1.20"}),
    ],
    ids=["another machine", "a name that resolves here", "through a proxy"],
)
async def test_the_demo_sign_in_does_not_exist_for_anybody_else(site, address, host, headers):
    browser = site.anonymous(address=address, host=host)

    page = await browser.get("/demo/sign-in", headers=headers)
    posted = await browser.client.post("/demo/sign-in", data={"sub": TEACHER}, headers=headers)

    assert (page.status_code, posted.status_code) == (404, 404)


async def test_the_demo_knows_this_machine_by_the_gateway_of_its_container_network(site):
    app = create_app(replace(site.deps, local_gateways=("172.31.241.1",)))
    pages = [
        await site.anonymous(app=app, address=address).get("/demo/sign-in")
        for address in ("172.31.241.1", "172.31.241.2")
    ]

    assert [page.status_code for page in pages] == [200, 404]


@pytest.mark.parametrize("env", ["dev", "test", "stage", "prod"])
async def test_the_demo_sign_in_exists_in_the_demo_only(site, env):
    browser = site.anonymous(app=create_app(replace(site.deps, env=env)))

    page = await browser.get("/demo/sign-in")
    posted = await browser.client.post("/demo/sign-in", data={"sub": TEACHER})

    assert (page.status_code, posted.status_code) == (404, 404)


async def test_the_session_cookie_is_closed_to_scripts_and_other_sites(site):
    browser = site.anonymous()

    response = await browser.client.post("/demo/sign-in", data={"sub": PUPIL})

    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_the_database_knows_no_token_only_its_hash(site):
    browser = await site.browser(PUPIL)

    async with site.owner.transaction() as connection:
        row = await (await connection.execute("select token_hash from public.web_sessions")).fetchone()

    assert row["token_hash"].hex() not in browser.client.cookies["session"]
    assert len(row["token_hash"]) == 32


async def test_signing_out_ends_the_session_on_the_server(site):
    browser = await site.browser(PUPIL)
    token = browser.client.cookies["session"]

    await browser.post("/sign-out", {})
    browser.client.cookies.set("session", token)

    assert (await browser.client.get("/tasks")).headers["location"] == "/"


@pytest.mark.parametrize(
    "change", ["last_seen_at = now() - interval '9 hours'", "expires_at = now() - interval '1 second'"]
)
async def test_a_session_ends_when_idle_and_when_old(site, change):
    browser = await site.browser(PUPIL)
    async with site.owner.transaction() as connection:
        await connection.execute(f"update public.web_sessions set {change}")

    response = await browser.client.get("/tasks")

    assert response.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused(site, headers):
    browser = await site.browser(PUPIL)

    response = await browser.post(
        f"/tasks/{site.task_id}/hand-in", {"key": "k", "text": TEXT}, headers=headers
    )

    assert response.status_code == 403


async def test_a_form_without_any_word_on_its_origin_is_refused(site):
    browser = await site.browser(PUPIL)
    del browser.client.headers["origin"]

    response = await browser.post("/sign-out", {})

    assert response.status_code == 403


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_form_without_the_sessions_token_is_refused(site, token):
    browser = await site.browser(PUPIL)
    browser.csrf = token

    posted = await browser.post(f"/tasks/{site.task_id}/hand-in", {"key": "k", "text": TEXT})
    sent = await browser.api_post(f"/api/learning/tasks/{site.task_id}/submissions", {"text": TEXT}, "k")

    assert (posted.status_code, sent.status_code) == (403, 403)
    assert sent.json() == {"error": "forged"}


async def test_a_pupil_cannot_see_another_pupils_answer(site):
    ada, ben = await site.browser(PUPIL), await site.browser(OTHER_PUPIL)
    answer = await site.hand_in(ada)

    for path in ("", "/live", "/files/1"):
        assert (await ben.client.get(f"/submissions/{answer}{path}")).status_code == 404
    assert (await ben.client.get(f"/events/{answer}")).status_code == 404
    assert (await ben.client.get(f"/api/learning/submissions/{answer}")).status_code == 404
    assert (await ben.post(f"/submissions/{answer}/take-back", {})).status_code == 409
    assert TEXT[:18] not in (await ben.get("/tasks")).text


async def test_a_teacher_of_another_course_finds_nothing(site):
    answer = await site.hand_in(await site.browser(PUPIL))
    stranger = await site.browser(FOREIGN_TEACHER)

    assert (await stranger.client.get(f"/teacher/answers/{answer}")).status_code == 404
    assert (await stranger.client.get(f"/teacher/tasks/{site.task_id}")).status_code == 404
    assert (await stranger.post(f"/teacher/answers/{answer}/text", {"text": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("sub", "path"), [(PUPIL, "/teacher"), (TEACHER, "/tasks"), (OPERATOR, "/teacher"), (PUPIL, "/operator")]
)
async def test_pages_of_another_role_are_refused_with_a_page(site, sub, path):
    page = await (await site.browser(sub)).get(path)

    assert page.status_code == 403
    assert "<h1>" in page.text


async def test_every_response_carries_the_headers_and_no_inline_code(site):
    browser = await site.browser(PUPIL)

    for path in ("/tasks", f"/tasks/{site.task_id}", "/nowhere", "/api/learning/submissions"):
        response = await browser.get(path)
        csp = response.headers["content-security-policy"]
        assert csp.startswith("default-src 'none'")
        assert "unsafe" not in csp
        assert "frame-ancestors 'none'" in csp
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["vary"] == "Origin"
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", response.text)


async def test_pages_load_nothing_from_elsewhere(site):
    page = await (await site.browser(PUPIL)).get("/tasks")

    assert re.findall(r'(?:src|href)="(https?:)?//', page.text) == []


async def test_the_switch_changes_the_language_and_leads_nowhere_else(site):
    browser = await site.browser(PUPIL)

    response = await browser.post("/language", {"language": "de", "next": "//evil.example/"})
    page = await browser.get("/tasks")

    assert response.headers["location"] == "/"
    assert '<html lang="de">' in page.text
    assert "Meine Aufgaben" in page.text


async def test_an_unknown_page_says_so_in_the_readers_language(site):
    page = await site.anonymous().get("/nowhere", headers={"accept-language": "fr, de;q=0.8, en;q=0.5"})

    assert page.status_code == 404
    assert "Diese Seite gibt es nicht" in page.text


async def test_what_is_no_id_leads_nowhere(site):
    browser = await site.browser(PUPIL)

    assert (await browser.get("/submissions/1%00")).status_code == 404
    assert (await browser.get("/api/learning/submissions/x")).json() == {"error": "invalid_input"}
