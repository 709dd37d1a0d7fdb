"""A pupil's way: hand in once, follow it, and read nothing before it is released."""

import asyncio
import io
import logging
import re
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest
from paper import encoded
from PIL import Image
from website import PUPIL, TEACHER, TEXT, a_site, review_fields

from learning_worker.db import seed
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.upload import UploadLimits
from learning_worker.storage.objects import ObjectStore

PNG, OTHER_PNG = (encoded(Image.new("RGB", size, "white")) for size in ((60, 40), (30, 20)))
CANARY = b"zzcanaryzz"
HEIC = Path(__file__).parents[1] / "files" / "phone.heic"


@pytest.fixture
async def site(database):
    limits = UploadLimits(max_file_bytes=10_000, max_files=3, max_submission_bytes=20_000)
    async with a_site(database, limits=limits) as running:
        yield running


async def count(site, table="learning_submissions"):
    async with site.owner.transaction() as connection:
        row = await (await connection.execute(f"select count(*) as n from public.{table}")).fetchone()
    return row["n"]


async def test_a_handed_in_text_gives_a_receipt_and_a_job(site):
    browser = await site.browser(PUPIL)

    answer = await site.hand_in(browser)

    page = await browser.get(f"/submissions/{answer}?arrived=1")
    assert "Your answer has arrived." in page.text
    assert "Attempt 1" in page.text
    assert await count(site, "learning_submission_jobs") == 1


async def test_a_waiting_answer_shows_its_place_and_admits_what_nobody_can_know(site):
    browser = await site.browser(PUPIL)
    await site.hand_in(browser, key="first")
    second = await site.hand_in(browser, key="second")

    page = (await browser.get(f"/submissions/{second}")).text
    data = (await browser.get(f"/api/learning/submissions/{second}")).json()

    assert "Number 2 in line. How long it takes cannot be said yet." in page
    assert data["place"] == {"phase": "feedback", "ahead": 1, "start_p50_s": None, "start_p90_s": None}


async def test_the_place_in_line_moves_on_the_open_page(site):
    browser = await site.browser(PUPIL)
    first = await site.hand_in(browser, key="first")
    second = await site.hand_in(browser, key="second")
    page = (await browser.get(f"/submissions/{second}")).text
    live = re.search(r'hx-get="([^"]+)"', page).group(1)
    assert (await browser.get(live)).status_code == 204

    await browser.get(f"/submissions/{first}")
    await browser.post(f"/submissions/{first}/take-back", {})

    assert "You are next." in (await browser.get(live)).text


async def test_runs_to_go_by_become_minutes(site):
    browser = await site.browser(PUPIL)
    for n in range(2):
        await site.hand_in(browser, key=f"done{n}")
    await site.assess()
    await site.pretend_runs_took(150)
    waiting = [await site.hand_in(browser, key=f"k{n}") for n in range(3)]

    page = (await browser.get(f"/submissions/{waiting[2]}")).text
    data = (await browser.get("/api/learning/submissions")).json()

    assert "Number 3 in line. Your turn comes in about 5 minutes." in page
    assert [one["place"] and one["place"]["start_p50_s"] for one in data] == [300, 150, 0, None, None]


async def test_a_double_click_is_one_submission(site):
    browser = await site.browser(PUPIL)

    first, second = await asyncio.gather(*(site.hand_in(browser, key="same") for _ in range(2)))

    assert first == second
    assert await count(site) == 1


async def test_another_text_with_a_used_form_is_kept_and_asked_about(site):
    browser = await site.browser(PUPIL)
    await site.hand_in(browser, key="same")

    page = await browser.post(f"/tasks/{site.task_id}/hand-in", {"key": "same", "text": "A better text."})

    assert page.status_code == 409
    assert "A better text." in page.text
    assert 'value="same"' not in page.text
    assert await count(site) == 1


async def test_nothing_of_an_unreleased_report_reaches_the_pupil(site):
    browser = await site.browser(PUPIL)
    answer = await site.hand_in(browser)
    await site.assess()

    page = (await browser.get(f"/submissions/{answer}")).text
    data = (await browser.get(f"/api/learning/submissions/{answer}")).json()

    assert "Your teacher reads this" in page
    assert "Because of" not in page
    assert "A clear" not in page
    assert (data["criteria"], data["feedback_md"], data["source"]) == ([], None, None)


async def test_practice_feedback_marks_the_pupils_own_words_and_shows_points(site):
    browser = await site.browser(PUPIL)
    answer = await site.hand_in(browser, task_id=site.practice_id)
    await site.assess()

    page = (await browser.get(f"/submissions/{answer}")).text

    assert "AI draft" in page
    assert "7 of 10 points" in page
    assert "largely" in page
    assert 'id="quote-1-1"' in page
    shown = re.search(r'<div class="pupil-text"[^>]*>(.*?)</div>', page, re.DOTALL).group(1)
    words = re.sub(r"<a class=\"n[^>]*>\d</a>|<(?:mark|span)[^>]*>|</(?:mark|span)>", "", shown)
    assert words == TEXT.replace("<", "&lt;").replace(">", "&gt;")


async def test_markdown_of_a_model_brings_no_image_link_or_script(site):
    browser = await site.browser(PUPIL)
    answer = await site.hand_in(browser, task_id=site.practice_id)
    await site.assess()

    page = (await browser.get(f"/submissions/{answer}")).text

    assert "<strong>start</strong>" in page
    assert "<img" not in page
    assert 'href="http' not in page
    assert "<script>" not in page


async def test_hidden_points_stay_hidden_after_release(site):
    browser, teacher = await site.browser(PUPIL), await site.browser(TEACHER)
    answer = await site.hand_in(browser)
    await site.assess()
    form = review_fields((await teacher.get(f"/teacher/answers/{answer}")).text)
    await teacher.post(f"/teacher/answers/{answer}", {**form, "action": "release"})

    page = (await browser.get(f"/submissions/{answer}")).text
    data = (await browser.get(f"/api/learning/submissions/{answer}")).json()

    assert "largely" in page
    assert "points" not in page
    assert [criterion["score"] for criterion in data["criteria"]] == [None, None]


async def test_the_live_part_is_silent_until_something_changed(site):
    browser = await site.browser(PUPIL)
    answer = await site.hand_in(browser, task_id=site.practice_id)
    page = (await browser.get(f"/submissions/{answer}")).text
    live = re.search(r'hx-get="([^"]+)"', page).group(1)

    before = await browser.get(live)
    await site.assess()
    after = await browser.get(live)

    assert before.status_code == 204
    assert "Your feedback is here." in after.text
    assert 'hx-swap-oob="innerHTML"' in after.text


async def test_an_answer_nobody_opened_can_be_taken_back_with_its_files(site):
    browser = await site.browser(PUPIL)
    answer = await upload(site, browser, PNG)

    response = await browser.post(f"/submissions/{answer}/take-back", {})

    assert response.headers["location"] == "/tasks?taken_back=1"
    assert await count(site) == 0
    assert site.blobs.blobs == {}


async def test_an_opened_answer_cannot_be_taken_back(site):
    browser, teacher = await site.browser(PUPIL), await site.browser(TEACHER)
    answer = await site.hand_in(browser)
    await teacher.get(f"/teacher/answers/{answer}")

    assert (await browser.post(f"/submissions/{answer}/take-back", {})).status_code == 409
    assert "take-back" not in (await browser.get(f"/submissions/{answer}")).text


async def upload(site, browser, *contents, key="f1", names=(), **options):
    named = zip_longest(names[: len(contents)], contents, fillvalue="page.png")
    files = [("files", (name, content, "image/png")) for name, content in named]
    response = await browser.client.post(
        f"/tasks/{site.task_id}/hand-in",
        data={"csrf": browser.csrf, "key": key, "rotation": ["90"] * len(contents)},
        files=files,
        **options,
    )
    if response.status_code != 303:
        return response
    return response.headers["location"].removeprefix("/submissions/").split("?")[0]


async def test_uploaded_pages_keep_their_order_and_rotation(site):
    browser = await site.browser(PUPIL)

    answer = await upload(site, browser, PNG, OTHER_PNG)

    first, second = [await browser.client.get(f"/submissions/{answer}/files/{nr}") for nr in (1, 2)]
    assert [Image.open(io.BytesIO(page.content)).size for page in (first, second)] == [(40, 60), (20, 30)]
    assert first.headers["content-type"] == "image/jpeg"
    assert first.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in first.headers["content-security-policy"]
    async with site.owner.transaction() as connection:
        rows = await (
            await connection.execute("select rotation from public.learning_submission_files")
        ).fetchall()
    assert [row["rotation"] for row in rows] == [0, 0]


async def test_nothing_but_the_picture_of_a_photo_is_kept(site):
    site.app.state.deps = replace(site.deps, limits=UploadLimits())
    browser = await site.browser(PUPIL)
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    photo = encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif, comment=CANARY)

    answer = await upload(site, browser, photo, HEIC.read_bytes())

    served = [await browser.client.get(f"/submissions/{answer}/files/{nr}") for nr in (1, 2)]
    assert CANARY in photo
    assert CANARY in HEIC.read_bytes()
    assert [page.headers["content-type"] for page in served] == ["image/jpeg"] * 2
    kept = [*site.blobs.blobs.values(), *(page.content for page in served)]
    assert not any(CANARY in content for content in kept)


@pytest.mark.parametrize(
    "name",
    [
        "../../zzcanaryzz.png",
        "/etc/zzcanaryzz.png",
        "..\\..\\zzcanaryzz.png",
        "zzcanaryzz\x00.png",
        "zzcanaryzz" + "x" * 4000 + ".png",
        "zzcanaryzz\u202egnp.exe",
        "zzcanaryzz.png.exe",
        "zzcanaryzz.png\r\nX-Injected: 1",
        '";drop zzcanaryzz".png',
    ],
    ids=["up", "root", "up on Windows", "NUL", "4,000 letters", "turned round", "exe", "new line", "quotes"],
)
async def test_the_name_that_a_file_came_with_is_nowhere_kept_served_or_logged(site, tmp_path, caplog, name):
    caplog.set_level(logging.DEBUG)
    site.app.state.deps = replace(site.deps, blobs=ObjectStore.in_directory(tmp_path / "kept"))
    browser = await site.browser(PUPIL)

    answer = await upload(site, browser, PNG, names=[name])

    served = await browser.client.get(f"/submissions/{answer}/files/1")
    assert served.headers["content-disposition"] == 'attachment; filename="page-1.jpeg"'
    assert not {key for key in served.headers if "injected" in key}
    paths = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    async with site.owner.transaction() as connection:
        rows = await connection.execute(
            "select f::text as told, object_key from public.learning_submission_files f"
        )
        [row] = await rows.fetchall()
    assert paths == [f"kept/{row['object_key']}"]
    assert re.fullmatch(r"submissions/[0-9a-f]{2}/[0-9a-f]{32}", row["object_key"])
    ours = "\n".join(record.getMessage() for record in caplog.records if "learning_worker" in record.name)
    assert CANARY.decode() not in row["told"] + ours + served.text + str(served.headers)


async def test_text_files_become_the_typed_text(site):
    browser = await site.browser(PUPIL)

    answer = await upload(site, browser, "Größe\r\nund Maß.".encode(), b"Second file.")

    found = await browser.get(f"/api/learning/submissions/{answer}")
    assert found.json()["text"] == "Größe\nund Maß.\n\nSecond file."
    assert site.blobs.blobs == {}


async def test_a_damaged_photo_is_refused_while_the_pupil_can_still_take_another(site):
    browser = await site.browser(PUPIL)

    page = await upload(site, browser, PNG[:40])

    assert page.status_code == 422
    assert "damaged or empty" in page.text
    assert site.blobs.blobs == {}


async def test_the_same_upload_again_is_the_same_answer_and_leaves_no_orphan(site):
    browser = await site.browser(PUPIL)

    first = await upload(site, browser, PNG, key="same")
    second = await upload(site, browser, PNG, key="same")

    assert first == second
    assert len(site.blobs.blobs) == 1


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        ([b"MZ\x00\x01\x02" * 9], "We cannot read this kind of file."),
        ([b""], "damaged or empty"),
        ([PNG + bytes(10_000)], "too large"),
        ([PNG] * 4, "Too many files"),
    ],
    ids=["a program", "an empty file", "a large file", "many files"],
)
async def test_what_cannot_be_handed_in_is_refused_with_what_to_do(site, contents, sentence):
    browser = await site.browser(PUPIL)

    page = await upload(site, browser, *contents)

    assert page.status_code == 422
    assert sentence in page.text
    assert site.blobs.blobs == {}
    assert await count(site) == 0


async def test_a_refused_upload_leaves_no_file_behind(site):
    browser = await site.browser(PUPIL)
    async with site.owner.transaction() as connection:
        await connection.execute("update public.tasks set deadline = now() - interval '1 minute'")

    page = await upload(site, browser, PNG)

    assert page.status_code == 422
    assert "deadline has passed" in page.text
    assert site.blobs.blobs == {}


@pytest.mark.parametrize("fault", [Fault.STORAGE_FULL, Fault.STORAGE_DENIED, Fault.STORAGE_UNAVAILABLE])
async def test_a_store_that_takes_no_files_says_so_and_keeps_no_half_answer(site, fault):
    browser = await site.browser(PUPIL)
    site.blobs.script.errors = {2: TransientError(fault)}

    page = await upload(site, browser, PNG, OTHER_PNG)

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "Files cannot be kept right now" in page.text
    assert site.blobs.blobs == {}
    assert await count(site) == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
async def test_a_body_over_the_limit_is_not_read_to_its_end(site, kind):
    browser = await site.browser(PUPIL)
    megabytes = 0

    async def endless():
        nonlocal megabytes
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(20):
            megabytes += 1
            yield b"x" * 1_000_000

    response = await browser.client.post(
        f"/tasks/{site.task_id}/hand-in",
        content=endless(),
        headers={"content-type": kind},
    )

    assert response.status_code == 413
    assert megabytes == 5


async def test_the_pupil_confirms_or_mends_what_was_read(site):
    browser = await site.browser(PUPIL)
    answer = await upload(site, browser, PNG)
    async with site.owner.transaction() as connection:
        await seed.as_read(connection, answer, "Plants need lihgt.", 0.6)
        await seed.as_waiting_for_the_pupil(connection, answer)

    page = (await browser.get(f"/submissions/{answer}")).text
    await browser.post(f"/submissions/{answer}/confirm", {"text": "Plants need light."})
    after = await browser.get(f"/api/learning/submissions/{answer}")

    assert "Is this your text?" in page
    assert "Plants need lihgt." in page
    assert (after.json()["analysis_status"], after.json()["text"]) == ("pending", "Plants need light.")


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b"])
async def test_characters_that_cannot_be_stored_are_refused_kindly(site, text):
    browser = await site.browser(PUPIL)

    page = await browser.post(f"/tasks/{site.task_id}/hand-in", {"key": "k", "text": text})

    assert page.status_code == 422
    assert "characters we cannot store" in page.text


async def test_the_page_of_an_archived_course_offers_no_form(site):
    browser = await site.browser(PUPIL)
    async with site.owner.transaction() as connection:
        await connection.execute("update public.courses set archived_at = now()")

    page = await browser.get(f"/tasks/{site.task_id}")

    assert "This course has ended." in page.text
    assert "<textarea" not in page.text


async def test_the_last_attempt_is_the_last(site):
    browser = await site.browser(PUPIL)
    async with site.owner.transaction() as connection:
        await connection.execute("update public.tasks set max_attempts = 1")
    await site.hand_in(browser)

    page = await browser.post(f"/tasks/{site.task_id}/hand-in", {"key": "k2", "text": "Again."})

    assert page.status_code == 422
    assert "used all attempts" in page.text


async def test_every_feedback_page_shows_the_schools_help_text(site):
    site.app.state.deps = replace(site.deps, help_md="Talk to **Ms Green**, room 12.")
    browser = await site.browser(PUPIL)
    answer = await site.hand_in(browser)

    assert "<strong>Ms Green</strong>" in (await browser.get(f"/submissions/{answer}")).text
