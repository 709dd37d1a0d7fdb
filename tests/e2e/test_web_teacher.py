"""A teacher's way: the list, one answer, a change beside the AI's original, release, and two teachers at once."""

from datetime import UTC, datetime

import pytest
from website import FOREIGN_TEACHER, OTHER_PUPIL, PUPIL, TEACHER, a_site, review_fields


@pytest.fixture
async def site(database):
    clock = lambda: datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC)  # noqa: E731
    async with a_site(database, clock=clock, timezone=UTC) as running:
        yield running


async def stored(site, answer):
    async with site.owner.transaction() as connection:
        cursor = await connection.execute(
            "select version, source, analysis_json, released_at, based_on from public.learning_reports"
            " where submission_id = %s order by version",
            (answer,),
        )
        return await cursor.fetchall()


async def an_assessed_answer(site, **options):
    answer = await site.hand_in(await site.browser(PUPIL))
    await site.assess(**options)
    teacher = await site.browser(TEACHER)
    page = await teacher.get(f"/teacher/answers/{answer}")
    return answer, teacher, page.text


async def test_the_list_puts_what_a_person_must_read_first(site):
    ada, ben = await site.browser(PUPIL), await site.browser(OTHER_PUPIL)
    await site.hand_in(ada)
    urgent = await site.hand_in(ben)
    await site.assess()
    async with site.owner.transaction() as connection:
        await connection.execute(
            "update public.learning_submissions set person_reads = true where id = %s", (urgent,)
        )

    page = (await (await site.browser(TEACHER)).get(f"/teacher/tasks/{site.task_id}")).text

    assert page.index(">Ben<") < page.index(">Ada<")
    assert "Please read today" in page
    assert "1: largely" in page


async def test_the_class_page_says_how_many_wait_and_that_the_end_is_not_known_yet(site):
    await site.hand_in(await site.browser(PUPIL))

    page = (await (await site.browser(TEACHER)).get(f"/teacher/tasks/{site.task_id}")).text

    assert "One answer of this class waits or is being checked. When they are done cannot be said yet" in page


async def test_the_class_page_and_the_api_say_when_the_class_is_done(site):
    pupil, teacher = await site.browser(PUPIL), await site.browser(TEACHER)
    await site.hand_in(pupil, key="done")
    await site.assess()
    await site.pretend_runs_took(600)
    for n in range(3):
        await site.hand_in(pupil, key=f"k{n}")
    (course,) = await site.owner.rows("select id from public.courses where title = '7b'")

    page = (await teacher.get(f"/teacher/tasks/{site.task_id}")).text
    pace = (await teacher.get(f"/api/teaching/courses/{course['id']}/pace")).json()
    foreign = await site.browser(FOREIGN_TEACHER)
    unseen = await foreign.get(f"/api/teaching/courses/{course['id']}/pace")
    as_pupil = await pupil.get(f"/api/teaching/courses/{course['id']}/pace")

    assert "3 answers of this class wait or are being checked. Done at about 08:31." in page
    assert pace == {"waiting": 3, "done_p50_s": 1800, "done_p90_s": 1800}
    assert (unseen.status_code, as_pupil.status_code) == (404, 403)


async def test_the_answer_shows_text_quotes_and_who_made_the_report(site):
    _, _, page = await an_assessed_answer(site)

    assert "AI draft" in page
    assert 'id="quote-1-1"' in page
    assert "Not released yet" in page
    assert 'name="level-1" value="2" checked' in page


async def test_an_accepted_draft_is_released_as_the_ais_own(site):
    answer, teacher, page = await an_assessed_answer(site)

    await teacher.post(f"/teacher/answers/{answer}", {**review_fields(page), "action": "release"})

    reports = await stored(site, answer)
    assert [(r["source"], r["released_at"] is not None) for r in reports] == [("dspy", True)]


async def test_a_change_becomes_the_teachers_version_beside_the_original(site):
    answer, teacher, page = await an_assessed_answer(site)
    form = review_fields(page, **{"level-2": "3", "explanation-2": "You do give one."})

    await teacher.post(f"/teacher/answers/{answer}", {**form, "action": "release"})
    after = (await teacher.get(f"/teacher/answers/{answer}")).text
    seen = (await (await site.browser(PUPIL)).get(f"/submissions/{answer}")).text

    original, changed = await stored(site, answer)
    assert (original["source"], original["released_at"]) == ("dspy", None)
    result = changed["analysis_json"]["criteria_results"][1]
    assert (changed["source"], result["level"], result["score"]) == ("teacher", 3, 10)
    assert result["evidence"]
    assert "Originally" in after
    assert "not yet" in after
    assert "You do give one." in seen
    assert "fully" in seen


async def test_a_criterion_left_open_by_the_ai_can_be_given_a_level(site):
    answer, teacher, page = await an_assessed_answer(site, is_first_open=True)
    assert "A quote is not in the text" in page

    await teacher.post(
        f"/teacher/answers/{answer}", {**review_fields(page, **{"level-1": "1"}), "action": "save"}
    )

    report = (await stored(site, answer))[-1]["analysis_json"]
    assert (report["criteria_results"][0]["status"], report["assessed"]) == ("scored", 2)


async def test_points_of_criteria_v1_stay_when_their_level_is_confirmed(site):
    answer, teacher, page = await an_assessed_answer(site, schema="criteria.v1")
    assert "Demo result, no AI" in page

    form = review_fields(page, feedback_md="My own words.")
    await teacher.post(f"/teacher/answers/{answer}", {**form, "action": "save"})

    report = (await stored(site, answer))[-1]["analysis_json"]
    assert (report["schema"], report["source"]) == ("criteria.v2", "teacher")
    assert [result["score"] for result in report["criteria_results"]] == [7, 0]


async def test_release_and_next_goes_to_the_next_open_answer_then_to_the_list(site):
    first = await site.hand_in(await site.browser(PUPIL))
    second = await site.hand_in(await site.browser(OTHER_PUPIL))
    await site.assess()
    teacher = await site.browser(TEACHER)

    places = []
    for answer in (first, second):
        form = review_fields((await teacher.get(f"/teacher/answers/{answer}")).text)
        response = await teacher.post(f"/teacher/answers/{answer}", {**form, "action": "release_next"})
        places.append(response.headers["location"])

    assert places == [f"/teacher/answers/{second}", f"/teacher/tasks/{site.task_id}?done=1"]


@pytest.mark.parametrize("second_action", ["save", "release"])
async def test_two_teachers_at_once_lose_nothing(site, second_action):
    answer, teacher, page = await an_assessed_answer(site)
    mine = review_fields(page, **{"explanation-1": "My long explanation."})
    theirs = review_fields(page, **{"level-1": "3", "explanation-1": "Theirs."})

    await teacher.post(f"/teacher/answers/{answer}", {**theirs, "action": "save"})
    conflict = await teacher.post(f"/teacher/answers/{answer}", {**mine, "action": second_action})

    assert conflict.status_code == 409
    assert "My long explanation." in conflict.text
    assert "Theirs." in conflict.text
    assert "Somebody was faster" in conflict.text
    again = await teacher.post(
        f"/teacher/answers/{answer}", {**review_fields(conflict.text), "action": "save"}
    )
    assert again.status_code == 303
    assert (await stored(site, answer))[-1]["analysis_json"]["criteria_results"][0]["explanation_md"] == (
        "My long explanation."
    )


async def test_an_unreleased_draft_is_not_overwritten_unseen_either(site):
    answer, teacher, page = await an_assessed_answer(site)
    await teacher.post(
        f"/teacher/answers/{answer}", {**review_fields(page, feedback_md="One."), "action": "save"}
    )
    draft = (await teacher.get(f"/teacher/answers/{answer}")).text

    await teacher.post(
        f"/teacher/answers/{answer}", {**review_fields(draft, feedback_md="Two."), "action": "save"}
    )
    late = await teacher.post(
        f"/teacher/answers/{answer}", {**review_fields(draft, feedback_md="Three."), "action": "save"}
    )

    assert late.status_code == 409
    assert "Three." in late.text


async def test_a_corrected_text_is_assessed_again(site):
    answer, teacher, _ = await an_assessed_answer(site)

    response = await teacher.post(
        f"/teacher/answers/{answer}/text", {"text_version": "1", "text": "New words."}
    )
    page = (await teacher.get(f"/teacher/answers/{answer}")).text

    assert response.status_code == 303
    assert "New words." in page
    assert "still running" in page
