"""What was read stands beside the pages it was read from, can be mended, and nobody's words are lost on the way."""

import html
import io
import re
import time

import pytest
from fakes import FakeVision
from paper import encoded, printed
from PIL import Image
from website import OTHER_PUPIL, PUPIL, TEACHER, a_site, review_fields
from workbench import PUPIL as WORK_PUPIL
from workbench import a_bench, a_school, lease

from learning_worker.db import seed, submissions
from learning_worker.domain.submission import Phase
from learning_worker.worker import pipeline

READ, MENDED = "Plants need lihgt.", "Plants need light."


def paper_page(*, is_landscape=False):
    """A page that passes for one: what is blank or tiny is not shown to a reader."""
    page = printed(["Plants need light."] * 12, dpi=100).convert("L")
    return page.rotate(90, expand=True) if is_landscape else page


def photo(**options):
    return encoded(paper_page(**options))


def scan(pages=1):
    """A PDF of pictures, without a text layer."""
    buffer = io.BytesIO()
    first, *rest = [paper_page() for _ in range(pages)]
    first.save(buffer, "PDF", resolution=100, save_all=True, append_images=rest)
    return buffer.getvalue()


def size(image):
    return Image.open(io.BytesIO(image.content)).size


@pytest.fixture
async def site(database):
    async with a_site(database) as running:
        yield running


async def hand_in(site, browser, *contents, rotation="0", task_id=None):
    page = await browser.client.post(
        f"/tasks/{task_id or site.task_id}/hand-in",
        data={"csrf": browser.csrf, "key": "k", "rotation": [rotation] * len(contents)},
        files=[("files", ("page", content, "application/octet-stream")) for content in contents],
    )
    assert page.status_code == 303, page.text
    return page.headers["location"].removeprefix("/submissions/").split("?")[0]


async def an_answer(site, *, is_waiting=False, task_id=None):
    """A pupil's browser, and an answer of one page that was read; is_waiting: for the pupil's confirmation."""
    browser = await site.browser(PUPIL)
    answer = await hand_in(site, browser, photo(), task_id=task_id)
    await was_read(site, answer)
    if is_waiting:
        async with site.owner.transaction() as connection:
            await seed.as_waiting_for_the_pupil(connection, answer)
    return browser, answer


async def was_read(site, answer, *pages):
    async with site.owner.transaction() as connection:
        await seed.as_read(connection, answer, READ, 0.6)
        for nr, source in enumerate(pages, start=1):
            await connection.execute(
                "insert into public.learning_page_readings (submission_id, page_nr, text_md, source)"
                " values (%s, %s, 'x', %s)",
                (answer, nr, source),
            )


def typed_in(page):
    """What stands in the form's text field."""
    return html.unescape(re.search(r"<textarea[^>]*>\n?([^<]*)</textarea>", page.text).group(1))


def version_in(page):
    found = re.search(r'name="text_version" value="(\d+)"', page.text)
    return found and found.group(1)


async def test_the_pupil_sees_the_page_beside_the_text_to_confirm(site):
    browser, answer = await an_answer(site, is_waiting=True)

    page = await browser.get(f"/submissions/{answer}")
    image = await browser.client.get(f"/submissions/{answer}/pages/1")

    assert f'src="/submissions/{answer}/pages/1"' in page.text
    assert (typed_in(page), size(image)) == (READ, paper_page().size)
    assert (image.headers["content-type"], image.headers["x-content-type-options"]) == (
        "image/jpeg",
        "nosniff",
    )
    assert "no-store" in image.headers["cache-control"]
    assert "sandbox" in image.headers["content-security-policy"]


async def test_pages_are_shown_to_their_pupil_and_teacher_and_to_nobody_else(site):
    _, answer = await an_answer(site)
    other, teacher = await site.browser(OTHER_PUPIL), await site.browser(TEACHER)
    foreign = await site.browser("herr-fremd")

    seen = [
        (await browser.client.get(f"{path}/{answer}/pages/1")).status_code
        for browser, path in (
            (teacher, "/teacher/answers"),
            (foreign, "/teacher/answers"),
            (other, "/submissions"),
            (other, "/teacher/answers"),
            (site.anonymous(), "/submissions"),
        )
    ]

    # Who is not signed in is led to the start page.
    assert seen == [200, 404, 404, 403, 303]
    assert (await other.client.get(f"/submissions/{answer}/text")).status_code == 404
    assert (await foreign.client.get(f"/teacher/answers/{answer}/text")).status_code == 404


async def test_a_photo_that_the_pupil_turned_is_shown_upright(site):
    browser = await site.browser(PUPIL)
    answer = await hand_in(site, browser, photo(), rotation="90")

    image = await browser.client.get(f"/submissions/{answer}/pages/1")

    width, height = size(image)
    assert width > height


async def test_scanned_pages_of_a_pdf_are_shown_by_their_number_through_all_files(site):
    browser = await site.browser(PUPIL)
    answer = await hand_in(site, browser, photo(), scan(pages=2), photo(is_landscape=True))
    await was_read(site, answer, "ocr", "ocr", "ocr", "ocr")

    page = await browser.get(f"/submissions/{answer}/text")
    shown = [await browser.client.get(f"/submissions/{answer}/pages/{nr}") for nr in (3, 4, 5, 0)]

    assert re.findall(r'/pages/(\d)"', page.text) == ["1", "2", "3", "4"]
    assert [image.status_code for image in shown] == [200, 200, 404, 404]
    (wide, high), (last_wide, last_high) = [size(image) for image in shown[:2]]
    assert wide < high
    assert last_wide > last_high


async def test_a_page_with_a_text_layer_has_no_picture_to_compare(site):
    browser = await site.browser(PUPIL)
    answer = await hand_in(site, browser, scan())
    await was_read(site, answer, "layer")

    assert "/pages/" not in (await browser.get(f"/submissions/{answer}/text")).text


async def test_a_pupil_mends_the_text_after_it_was_read_and_sees_it(site):
    browser, answer = await an_answer(site)
    link = f'href="/submissions/{answer}/text"'
    first = await browser.get(f"/submissions/{answer}")
    form = await browser.get(f"/submissions/{answer}/text")

    saved = await browser.post(
        f"/submissions/{answer}/text", {"text": MENDED, "text_version": version_in(form)}
    )
    page = await browser.get(saved.headers["location"])

    assert link in first.text
    assert typed_in(form) == READ
    assert "The feedback is being made again." in page.text
    assert MENDED in page.text


async def test_the_second_of_two_windows_keeps_its_words_and_can_save_them(site):
    browser, answer = await an_answer(site)
    stale = version_in(await browser.get(f"/submissions/{answer}/text"))
    await browser.post(f"/submissions/{answer}/text", {"text": MENDED, "text_version": stale})

    late = await browser.post(
        f"/submissions/{answer}/text", {"text": "From window two.", "text_version": stale}
    )
    again = await browser.post(
        f"/submissions/{answer}/text", {"text": typed_in(late), "text_version": version_in(late)}
    )

    assert (late.status_code, typed_in(late)) == (409, "From window two.")
    assert MENDED in late.text
    assert again.status_code == 303
    assert "From window two." in (await browser.get(f"/submissions/{answer}")).text


@pytest.mark.parametrize("action", ["confirm", "text"])
async def test_words_that_come_too_late_are_shown_and_not_saved(site, action):
    browser, answer = await an_answer(site, is_waiting=True)
    await (await site.browser(TEACHER)).get(f"/teacher/answers/{answer}")
    if action == "confirm":
        await browser.post(f"/submissions/{answer}/confirm", {"text": READ})

    late = await browser.post(
        f"/submissions/{answer}/{action}", {"text": "My late words.", "text_version": "1"}
    )

    assert (late.status_code, typed_in(late), version_in(late)) == (409, "My late words.", None)
    assert "no longer be mended" in late.text


async def test_where_the_task_does_not_allow_it_nothing_offers_to_mend(site):
    browser, answer = await an_answer(site)
    async with site.owner.transaction() as connection:
        await connection.execute("update public.tasks set pupil_may_correct = false")

    page = await browser.get(f"/submissions/{answer}")

    assert f"/submissions/{answer}/text" not in page.text
    assert (await browser.get(f"/submissions/{answer}/text")).status_code == 303


@pytest.mark.parametrize(
    ("language", "note", "saved"),
    [
        ("en", "No AI may be used for this child.", "Saved."),
        ("de", "Für dieses Kind ist keine KI erlaubt.", "Gespeichert."),
    ],
)
async def test_where_no_model_may_be_asked_any_more_both_are_told_what_happens_now(
    site, language, note, saved
):
    browser, answer = await an_answer(site, is_waiting=True)
    teacher = await site.browser(TEACHER)
    await teacher.post("/language", {"language": language})
    async with site.owner.transaction() as connection:
        await connection.execute(
            "update public.course_members set ai_allowed = false where sub = %s", (PUPIL,)
        )

    late = await browser.post(f"/submissions/{answer}/confirm", {"text": READ})
    form = await teacher.get(f"/teacher/answers/{answer}/text")
    done = await teacher.post(
        f"/teacher/answers/{answer}/text", {"text": MENDED, "text_version": version_in(form)}
    )
    page = await teacher.get(done.headers["location"])

    assert (late.status_code, "it is with your teacher now" in late.text) == (409, True)
    assert "teacher reads" in (await browser.get(f"/submissions/{answer}")).text
    assert [note in form.text, note in page.text, saved in page.text, MENDED in page.text] == [True] * 4


async def test_a_teacher_sees_who_mended_what_and_mends_it_beside_the_page(site):
    browser, answer = await an_answer(site)
    await browser.post(f"/submissions/{answer}/text", {"text": MENDED, "text_version": "1"})
    teacher = await site.browser(TEACHER)

    form = await teacher.get(f"/teacher/answers/{answer}/text")
    saved = await teacher.post(
        f"/teacher/answers/{answer}/text", {"text": "Plants need light!", "text_version": version_in(form)}
    )
    after = await teacher.get(f"/teacher/answers/{answer}/text")

    assert f'src="/teacher/answers/{answer}/pages/1"' in form.text
    assert typed_in(form) == MENDED
    assert "Version 1: as it was read" in form.text
    assert saved.status_code == 303
    assert "Version 2: mended by the pupil" in after.text


async def test_a_teachers_second_window_keeps_its_words(site):
    _, answer = await an_answer(site)
    teacher = await site.browser(TEACHER)
    await teacher.get(f"/teacher/answers/{answer}/text")
    await teacher.post(f"/teacher/answers/{answer}/text", {"text": MENDED, "text_version": "1"})

    late = await teacher.post(f"/teacher/answers/{answer}/text", {"text": "Mine.", "text_version": "1"})

    assert (late.status_code, typed_in(late), version_in(late)) == (409, "Mine.", "2")
    assert MENDED in late.text


async def test_a_failed_answer_is_no_dead_end(site):
    browser = await site.browser(PUPIL)
    answer = await hand_in(site, browser, photo())
    async with site.owner.transaction() as connection:
        await connection.execute(
            "select public.learning_worker_close_job(id, 'input_unreadable', 'page_blank', null)"
            "  from public.learning_submission_jobs"
        )
    teacher = await site.browser(TEACHER)
    failed = await teacher.get(f"/teacher/answers/{answer}")

    await teacher.post(f"/teacher/answers/{answer}/by-hand", {})
    form = review_fields((await teacher.get(f"/teacher/answers/{answer}")).text)
    fields = {
        **form,
        "level-1": "2",
        "level-2": "3",
        "feedback_md": "I read your page myself.",
        "action": "release",
    }
    released = await teacher.post(f"/teacher/answers/{answer}", fields)

    assert f"/teacher/answers/{answer}/by-hand" in failed.text
    assert released.status_code == 303
    assert "I read your page myself." in (await browser.get(f"/submissions/{answer}")).text


async def test_a_mended_text_costs_no_further_look_at_the_pages(database):
    async with a_school(database) as school:
        vision = FakeVision(text_md=READ)
        bench = a_bench(database, school, vision=vision)
        answer = await school.hand_in_files(bench.blobs, photo())
        await pipeline.process((await lease(school, Phase.VISION))[0], time.monotonic(), bench.deps)
        looks = vision.script.calls

        async with school.app.acting_as(WORK_PUPIL) as connection:
            await submissions.correct(connection, answer, 1, MENDED)
        (job,) = await lease(school, Phase.FEEDBACK)
        await pipeline.process(job, time.monotonic(), bench.deps)

        assert await lease(school, Phase.VISION) == []
        assert (looks, vision.script.calls) == (1, 1)
        assert (await school.stored(answer))["text_body"] == MENDED
        await bench.deps.endings.close()
