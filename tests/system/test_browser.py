"""The demo in a real browser: a pupil hands in and reads feedback, a teacher reviews and releases, on a desk and a phone."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

playwright_api = pytest.importorskip("playwright.sync_api", reason="the group `system` is not installed")

pytestmark = pytest.mark.system
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ANSWER = "Die Pflanze braucht Licht, weil das Licht ihr Energie gibt. Aus Wasser und Luft macht sie Zucker."
CLOSED = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path is not None, "Debian's package `chromium` is needed"
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CLOSED))
        yield browser
        browser.close()


@contextmanager
def tab(chromium, demo_url, person, viewport=DESK, locale="de-DE") -> Iterator["playwright_api.Page"]:
    """A page signed in as a person of the demo. Fails on an error in the console, and on a request to anywhere else."""
    context = chromium.new_context(viewport=viewport, locale=locale, base_url=demo_url)
    page = context.new_page()
    problems = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda r: problems.append(r.url) if not r.url.startswith((demo_url, "blob:", "data:")) else None,
    )
    page.goto("/demo/sign-in")
    follow(page, page.get_by_role("button", name=person))
    yield page
    context.close()
    assert problems == []


def follow(page, link):
    """Click and wait for the page behind it: a click alone does not, and what comes next would meet the page before it."""
    with page.expect_navigation():
        link.click()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_pupil_hands_in_and_the_feedback_appears_without_a_reload(chromium, demo_url, viewport):
    with tab(chromium, demo_url, "Zoë Marchand", viewport) as page:
        follow(page, page.get_by_role("link", name="Stadtluft macht frei?"))
        page.get_by_label("Dein Text").fill(ANSWER)
        page.get_by_role("button", name="Abgeben").click()
        page.wait_for_url(re.compile("/submissions/"))
        page.evaluate("window.sameDocument = true")

        page.get_by_text("Deine Rückmeldung ist da.").first.wait_for(timeout=30_000)

        assert page.evaluate("window.sameDocument")
        assert page.get_by_role("heading", name="Rückmeldung", exact=True).is_visible()
        assert page.locator("mark.q").count() > 0
        assert page.locator(".pupil-text").inner_text().startswith("Die Pflanze")
        assert fits(page)
        page.reload()
        assert page.get_by_text("Deine Rückmeldung ist da.").is_visible()


def test_a_draft_survives_a_reload_and_goes_at_hand_in(chromium, demo_url):
    with tab(chromium, demo_url, "Samuel Tesfaye") as page:
        follow(page, page.get_by_role("link", name="Stadtluft macht frei?"))
        task, attempts = page.url, page.locator(".attempts li").count()
        page.get_by_label("Dein Text").fill(ANSWER)
        page.reload()
        assert page.get_by_label("Dein Text").input_value() == ANSWER

        page.get_by_role("button", name="Abgeben").dblclick()
        page.wait_for_url(re.compile("/submissions/"))
        page.goto(task)

        assert page.get_by_label("Dein Text").input_value() == ""
        assert page.locator(".attempts li").count() == attempts + 1


def test_a_photo_can_be_added_turned_and_handed_in(chromium, demo_url, tmp_path):
    with tab(chromium, demo_url, "Paul Winkelmann", PHONE) as page:
        picture = tmp_path / "Seite.png"
        picture.write_bytes(page.screenshot())
        follow(page, page.get_by_role("link", name="Warum Pflanzen Licht brauchen"))
        page.get_by_text("Fotos oder Dateien").click()
        page.locator("#files").set_input_files([picture, picture])
        page.get_by_role("button", name="Drehen").first.click()
        page.get_by_role("button", name="Entfernen").last.click()
        assert page.locator(".pages li").count() == 1
        assert page.locator('.pages input[name="rotation"]').input_value() == "90"

        page.get_by_role("button", name="Abgeben").click()

        page.wait_for_url(re.compile("/submissions/"))
        assert page.get_by_text("Deine Antwort ist angekommen.").is_visible()
        assert fits(page)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_teacher_changes_a_level_by_key_and_releases(chromium, demo_url, viewport):
    with tab(chromium, demo_url, "Frau Berger", viewport) as page:
        follow(page, page.get_by_role("link", name="Warum Pflanzen Licht brauchen"))
        assert fits(page)
        follow(page, page.locator("tr.ready a").first)
        answer = page.url
        first = page.locator("[data-criterion]").first
        first.locator("input[type=radio]").first.focus()
        page.keyboard.press("4")
        page.get_by_label("Begründung").first.fill("Von mir gelesen.")

        page.get_by_role("button", name="Freigeben", exact=True).click()

        page.get_by_text("Freigegeben. Die Rückmeldung ist jetzt sichtbar.").wait_for()
        assert page.url.startswith(answer)
        assert page.get_by_label("Begründung").first.input_value() == "Von mir gelesen."
        assert page.locator('[data-criterion] [value="3"]').first.is_checked()
        assert page.locator(".original").count() > 0
        assert fits(page)


def test_release_and_next_opens_the_next_answer(chromium, demo_url):
    with tab(chromium, demo_url, "Frau Berger", locale="en-GB") as page:
        follow(page, page.get_by_role("button", name="Switch to English"))
        follow(page, page.get_by_role("link", name="Should schools start later?"))
        follow(page, page.locator("tr.ready a").first)
        name = page.locator("h1").inner_text()

        page.get_by_role("button", name="Release and next").click()

        playwright_api.expect(page.locator("h1")).not_to_have_text(name)
        assert re.search("/teacher/(answers|tasks)/", page.url)


@pytest.mark.parametrize("person", ["Amira Haddad", "Frau Berger", "Frau Haas"])
def test_everything_can_be_reached_by_keyboard_and_has_a_name(chromium, demo_url, person):
    with tab(chromium, demo_url, person) as page:
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea')]
                .filter((e) => !(e.innerText || e.ariaLabel || e.labels?.length || e.title)).map((e) => e.outerHTML)"""
        )
        page.keyboard.press("Tab")

        assert nameless == []
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.documentElement.lang") == "de"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_stands_beside_the_text_that_was_read_from_it(chromium, demo_url, viewport):
    with tab(chromium, demo_url, "Jana Dvořák", viewport) as page:
        follow(page, page.get_by_role("link", name="Versuch 1").first)
        picture, text = page.locator(".picture img"), page.get_by_label("Dein Text")
        # Not `wait_for_function`: it polls by eval, which the page's own policy forbids.
        picture.evaluate("image => image.decode()")
        page_box, text_box = picture.bounding_box(), text.bounding_box()

        larger = page.get_by_role("switch", name="Größer")
        larger.focus()
        page.keyboard.press("Space")

        if viewport is DESK:
            assert page_box["x"] + page_box["width"] <= text_box["x"]
        else:
            assert page.locator(".frame").bounding_box()["y"] < text_box["y"]
        larger_box = picture.bounding_box()
        assert larger_box["width"] > 2 * page_box["width"]
        assert abs(larger_box["height"] / page_box["height"] - larger_box["width"] / page_box["width"]) < 0.05
        assert fits(page)


def test_an_operator_reads_every_check_on_a_phone_without_moving_a_table(chromium, demo_url):
    with tab(chromium, demo_url, "Frau Haas", PHONE) as page:
        page.get_by_text("queue_visibility").wait_for()

        assert page.locator(".scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
        assert page.get_by_text("live=1").is_visible()
        assert fits(page)
