"""Live pages: a change in the database reaches the stream of the page that shows it, and nobody else's."""

import asyncio
import socket
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from uuid import UUID

import httpx2
import psycopg
import pytest
import uvicorn
from website import OTHER_PUPIL, PUPIL, a_site

from learning_worker.db.notify import RESYNC, listen
from learning_worker.web.app import create_app

LIMIT_S = 10


@asynccontextmanager
async def served(app):
    """The application behind a real server, for streams that an in-process client would collect first."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


async def next_event(lines):
    async with asyncio.timeout(LIMIT_S):
        async for line in lines:
            if line.startswith("event:"):
                return line.removeprefix("event:").strip()
    return None


async def test_a_committed_result_reaches_the_open_page(database):
    async with (
        a_site(database) as site,
        served(create_app(replace(site.deps, listen_dsn=database.dsns.app))) as url,
    ):
        browser = await site.browser(PUPIL)
        answer = await site.hand_in(browser)
        cookies = {"session": browser.client.cookies["session"]}
        async with (
            httpx2.AsyncClient(base_url=url, cookies=cookies, trust_env=False, timeout=LIMIT_S) as client,
            client.stream("GET", f"/events/{answer}") as stream,
        ):
            lines = stream.aiter_lines()
            first = await next_event(lines)
            await site.assess()
            second = await next_event(lines)

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert (first, second) == ("changed", "changed")


async def test_a_change_is_told_to_nobody_else(database):
    async with a_site(database) as site:
        ada = await site.hand_in(await site.browser(PUPIL))
        ben = await site.hand_in(await site.browser(OTHER_PUPIL))
        hub = site.app.state.hub

        with hub.stream(PUPIL, UUID(ada)) as for_ada, hub.stream(OTHER_PUPIL, UUID(ben)) as for_ben:
            hub.tell(f"{ada} not-an-id")

            assert (for_ada.is_set(), for_ben.is_set()) == (True, False)
            hub.tell(RESYNC)
            assert for_ben.is_set()


async def test_listening_survives_a_lost_connection(database):
    payloads = listen(database.dsns.app, "some_channel")
    async with asyncio.timeout(LIMIT_S):
        first = await anext(payloads)
        async with await psycopg.AsyncConnection.connect(database.owner, autocommit=True) as owner:
            await owner.execute("notify some_channel, 'one'")
            second = await anext(payloads)
            await owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%listen%'"
                " and datname = current_database()"
            )
            third = await anext(payloads)
            await owner.execute("notify some_channel, 'two'")
            fourth = await anext(payloads)
    await payloads.aclose()

    assert [first, second, third, fourth] == [RESYNC, "one", RESYNC, "two"]


@pytest.mark.parametrize("streams", [10])
async def test_one_person_cannot_hold_endless_streams(database, streams):
    async with a_site(database) as site:
        browser = await site.browser(PUPIL)
        answer = await site.hand_in(browser)
        hub = site.app.state.hub

        with ExitStack() as stack:
            for _ in range(streams):
                stack.enter_context(hub.stream(PUPIL, UUID(answer)))
            response = await browser.client.get(f"/events/{answer}")

    assert response.status_code == 429
