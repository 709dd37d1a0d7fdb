"""The feedback text in a model's words: what the linter lets through, and what becomes of the rest."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from fake_ollama import MODEL, Exchange, a_fake_ollama
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.criteria import (
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ResultStatus,
    level_score,
)
from learning_worker.domain.submission import FormOfAddress, Language, Task
from learning_worker.domain.wording import WORDING_RULES_BROKEN, worded
from learning_worker.ports import Feedback

TEXT = "Plants need light because light gives them energy. They drink water."
TASK = Task(
    "Why do plants need light? Explain.",
    (Criterion("inputs", "Names light and water"), Criterion("why", "Gives a reason")),
    language=Language.ENGLISH,
    grade_level=7,
)


def results(*levels: int | None, task: Task = TASK) -> tuple[CriterionResult, ...]:
    """One result per criterion, quoting the start of the text; None: nobody assessed it."""
    return tuple(
        CriterionResult(criterion.id, ResultStatus.NEEDS_REVIEW, criterion.max_score, Reason.TIMEOUT)
        if level is None
        else CriterionResult(
            criterion.id,
            ResultStatus.SCORED,
            criterion.max_score,
            level=level,
            score=level_score(level, criterion.max_score),
            evidence=(Evidence(TEXT[:17], 0, 17),) if level else (),
        )
        for criterion, level in zip(task.criteria, levels, strict=True)
    )


def wording(works: dict[str, str], following: dict[str, str], try_now: str = "Read it aloud once.") -> str:
    """A model's answer; works and following: text by criterion."""
    return json.dumps(
        {
            "works": [{"criterion_id": key, "text": text} for key, text in works.items()],
            "next": [{"criterion_id": key, "text": text} for key, text in following.items()],
            "try_now": try_now,
        }
    )


GERMAN_TEXT = "Pflanzen brauchen Licht, weil es ihnen Kraft gibt. Sie trinken Wasser."
DU = replace(
    TASK,
    instruction_md="Warum brauchen Pflanzen Licht?",
    criteria=(Criterion("inputs", "Nennt Licht und Wasser"), Criterion("why", "Nennt einen Grund")),
    language=Language.GERMAN,
    grade_level=5,
    hints_md="Die Zahl 42 muss vorkommen.",
)
SIE = replace(DU, form_of_address=FormOfAddress.SIE)
HINTED = replace(TASK, hints_md="The number 42 should be there.")
WORKS = {DU: "Licht und Wasser stehen im Text.", HINTED: "The text names light and water."}
WORKS[SIE] = WORKS[DU]
STEP = {
    DU: "Schreib einen Satz mit weil dazu.",
    SIE: "Schreiben Sie einen Satz mit weil dazu.",
    HINTED: "Add one sentence with because.",
}
TRY = {DU: "Lies deinen Text laut.", SIE: "Lesen Sie Ihren Text laut.", HINTED: "Read your text aloud."}
LONG = {
    DU: "Schreib noch einen Satz, der sagt, was die Pflanze mit dem Licht und dem Wasser am Tag tut und in der Nacht.",
    HINTED: "Add a sentence that says what the plant does with the light and the water in the day and at night.",
}
SAID = [
    # a next step that breaks one rule, for a task
    (DU, "hard_to_read", LONG[DU]),
    (
        DU,
        "hard_to_read",
        "Berücksichtige unterschiedliche Energieumwandlungsprozesse innerhalb der Chloroplasten.",
    ),
    (HINTED, "hard_to_read", LONG[HINTED]),
    (
        HINTED,
        "hard_to_read",
        "Consider incorporating additional evidence supporting alternative interpretations.",
    ),
    (DU, "address", "Schreiben Sie einen Satz mit weil dazu."),
    (SIE, "address", "Schreib einen Satz mit weil dazu."),
    (SIE, "address", "Hier fehlt dein Grund."),
    (DU, "markup", "Schau nach auf www.example.org dazu."),
    (HINTED, "markup", "See https://example.org for it."),
    (DU, "score_talk", "Schreib mehr, dann gibt es die Note 1."),
    (HINTED, "score_talk", "Write more to get eight points."),
    (DU, "hint_leaked", "Schreib noch die 42 dazu."),
    (HINTED, "hint_leaked", "Write the number 42 as well."),
    (DU, "invented_quote", "Du schreibst: „Der Mond ist rund.“"),
    (HINTED, "invented_quote", "You write “the moon is round”."),
    (DU, "refusal", "Tut mir leid, aber ich kann dabei nicht helfen."),
    (HINTED, "refusal", "I'm sorry, but I can't help with that."),
]


def problems_of(content: str, task: Task, *levels: int | None) -> tuple[str, ...]:
    text = TEXT if task.language is Language.ENGLISH else GERMAN_TEXT
    return worded(content, results(*(levels or (3, 1)), task=task), task, text).problems


@pytest.mark.parametrize("task", [DU, SIE, HINTED])
def test_a_clean_text_is_let_through(task):
    assert problems_of(wording({"inputs": WORKS[task]}, {"why": STEP[task]}, TRY[task]), task) == ()


@pytest.mark.parametrize(("task", "problem", "said"), SAID)
def test_a_sentence_that_breaks_a_rule_is_named_by_it(task, problem, said):
    content = wording({"inputs": WORKS[task]}, {"why": said}, TRY[task])

    assert problems_of(content, task) == (problem,)


@pytest.mark.parametrize("task", [DU, HINTED])
def test_a_text_in_the_other_language_is_named_by_it(task):
    other = HINTED if task is DU else DU
    said = {
        DU: "Du sagst noch nicht, wofür das Licht da ist.",
        HINTED: "You do not say yet what it is for.",
    }[other]

    assert problems_of(wording({"inputs": said}, {"why": said}, said), task) == ("wrong_language",)


@pytest.mark.parametrize(
    ("problem", "content", "levels"),
    [
        ("form", "{}", (3, 1)),
        ("no_strength", wording({}, {"why": STEP[HINTED]}), (3, 1)),
        ("untied", wording({"inputs": WORKS[HINTED], "why": WORKS[HINTED]}, {"why": STEP[HINTED]}), (3, 1)),
        ("untied", wording({"inputs": WORKS[HINTED]}, {"inputs": STEP[HINTED]}), (3, 1)),
        ("no_step", wording({"inputs": WORKS[HINTED]}, {}), (3, 1)),
        ("needless_step", wording({"inputs": WORKS[HINTED]}, {"why": STEP[HINTED]}), (3, 3)),
    ],
)
def test_a_text_of_the_wrong_shape_is_named_by_it(problem, content, levels):
    assert problem in problems_of(content, HINTED, *levels)


def test_what_works_is_what_can_be_quoted():
    first, second = results(3, 3)
    without = (first, replace(second, evidence=()))

    text = worded(wording({"why": WORKS[HINTED]}, {}), without, HINTED, TEXT)

    assert text.problems == ("without_quote",)


def test_more_items_than_asked_for_are_too_many():
    criteria = tuple(Criterion(f"c{nr}", f"Names part {nr}") for nr in range(5))
    task = replace(HINTED, criteria=criteria)
    content = wording({"c0": WORKS[HINTED]}, {c.id: STEP[HINTED] for c in criteria[1:]})

    found = worded(content, results(3, 1, 1, 1, 1, task=task), task, TEXT)

    assert found.problems == ("too_many",)


def test_every_rule_of_the_linter_has_words_for_the_model_and_a_text_that_breaks_it():
    tried = {problem for _, problem, _ in SAID} | {
        *(
            "form",
            "wrong_language",
            "no_strength",
            "untied",
            "no_step",
            "needless_step",
            "without_quote",
            "too_many",
            "too_long",
        )
    }

    assert set(WORDING_RULES_BROKEN) == tried


@given(
    words=st.lists(
        st.sampled_from(["light", "water", "sun", "it is.", "The", "and"]), min_size=1, max_size=90
    ),
    levels=st.lists(st.integers(0, 3), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_no_text_of_more_than_180_words_is_let_through(words, levels):
    criteria = tuple(Criterion(f"c{nr}", "Names " + "light " * 30) for nr in range(len(levels)))
    task = replace(TASK, criteria=criteria)
    said = " ".join(words)
    strong = {f"c{nr}": said for nr, level in enumerate(levels) if level >= 2}
    weak = {f"c{nr}": said for nr, level in enumerate(levels) if level < 3}
    content = wording(dict(list(strong.items())[:2]), dict(list(weak.items())[:3]), said)

    found = worded(content, results(*levels, task=task), task, TEXT)

    assert ("too_long" in found.problems) == (len(found.feedback_md.split()) > 180)


def test_nothing_is_said_to_be_complete_while_a_criterion_is_not_assessed():
    praise = wording({"inputs": "The text names light and water."}, {})

    open_one = worded(praise, results(3, None), TASK, TEXT)
    all_met = worded(praise, results(3, 3), TASK, TEXT)

    assert open_one.problems == all_met.problems == ()
    assert "Nothing is missing" not in open_one.feedback_md
    assert "no feedback on 1 of 2" in open_one.feedback_md
    assert "Nothing is missing" in all_met.feedback_md


async def summarised(faults: dict[int, Callable[[Exchange], Awaitable[None]]]) -> tuple[Feedback, list[str]]:
    """The feedback of a model with these faults in its answers, by number, and what it was asked."""
    async with a_fake_ollama(faults=faults) as fake:
        adapter = LocalFeedback(OllamaClient(OllamaConfig(fake.url)), ModelTerms(MODEL, phase_s=20, call_s=5))
        feedback = await adapter.summarise(TEXT, TASK, results(3, 1))
        await adapter.aclose()
    return feedback, [body["messages"][-1]["content"] for body in fake.chats]


async def tell_a_score(exchange: Exchange) -> None:
    await exchange.chat(wording({"inputs": WORKS[HINTED]}, {"why": "Write more to get eight points."}))


async def test_a_text_that_breaks_a_rule_is_asked_for_once_more_and_told_which():
    feedback, asked = await summarised({1: tell_a_score})

    assert len(asked) == 2
    assert "broke these rules: Do not mention points" in asked[1]
    assert "broke these rules" not in asked[0]
    assert feedback.provenance["usage"]["worded_by"] == "model"
    assert "eight" not in feedback.feedback_md


async def test_after_a_second_such_text_the_pupil_gets_ours():
    feedback, asked = await summarised({1: tell_a_score, 2: tell_a_score})

    assert len(asked) == 2
    assert feedback.provenance["usage"]["worded_by"] == "template"
    assert "Add a sentence or two on this." in feedback.feedback_md
    assert "eight" not in feedback.feedback_md
