"""Properties of what is kept of a model's answer, for any text and any quote."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from learning_worker.domain.criteria import Criterion, CriterionResult, ResultStatus
from learning_worker.domain.feedback import escape_md, feedback_md
from learning_worker.domain.judging import judged
from learning_worker.domain.language import is_other_language, lix, lix_limit
from learning_worker.domain.linter import broken_rules
from learning_worker.domain.markup import plain
from learning_worker.domain.phrases import ENGLISH, GERMAN_DU, GERMAN_SIE
from learning_worker.domain.prompts import Case, criterion_prompt, delimiter, neutral
from learning_worker.domain.quotes import folded, locate, sentences
from learning_worker.domain.submission import FormOfAddress, Language, Task
from learning_worker.domain.tokens import fewest_tokens, most_tokens
from learning_worker.web.markdown import to_html

CRITERION = Criterion("c1", "Names light")
TASK = Task("Why?", (CRITERION,), language=Language.ENGLISH)
letters = st.sampled_from("aäßeéi .,!?\n„“\"'-…👍👩‍🔬שלום\u202e\u0301\u00adü[]<>|#0")
texts = st.text(letters, max_size=200) | st.text(max_size=80)


def an_answer(**changes: object) -> str:
    return json.dumps(
        {
            "criterion_id": "c1",
            "evidence": [],
            "status": "judged",
            "level": "largely",
            "confidence": "low",
            "reason": "It is named.",
            "next_step": "",
            **changes,
        }
    )


@given(text=texts, quote=texts, sentence=st.integers(-2, 12))
@settings(max_examples=300, deadline=None)
def test_whatever_is_quoted_what_is_kept_stands_in_the_text_at_its_offsets(text, quote, sentence):
    case = Case(TASK, text, sentences(text))
    content = an_answer(evidence=[{"sentence": sentence, "quote": quote}])

    result = judged(content, CRITERION, case)

    if isinstance(result, CriterionResult) and result.status is ResultStatus.SCORED:
        assert result.evidence
        assert all(text[e.start : e.end] == e.quote for e in result.evidence)


@given(text=texts, at=st.integers(0, 150), length=st.integers(5, 40))
@settings(max_examples=300, deadline=None)
def test_a_quote_copied_from_the_prompt_is_found_in_the_text(text, at, length):
    shown = neutral(text)[at : at + length]

    copied = locate(shown, text)

    if sum(map(str.isalnum, shown)) >= 3 and copied is not None:
        assert copied.quote in text
    assert folded(neutral(text)).folded == folded(text).folded


@given(content=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_content_at_all_makes_a_score_by_itself(content):
    result = judged(content, CRITERION, Case(TASK, "Light.", sentences("Light.")))

    assert not (isinstance(result, CriterionResult) and result.status is ResultStatus.SCORED)


@given(text=texts)
@settings(max_examples=200, deadline=None)
def test_no_text_can_close_its_own_markers(text):
    prompt = criterion_prompt(Case(TASK, text, sentences(text)), CRITERION)

    assert delimiter(text) not in text
    assert prompt.answer.count(f"</answer {delimiter(text)}>") == 1
    assert "[[ ##" not in prompt.answer
    assert "<|" not in prompt.answer


@given(text=texts)
@settings(max_examples=200, deadline=None)
def test_the_bounds_of_a_token_count_are_in_order(text):
    assert 0 <= fewest_tokens(text) <= most_tokens(text) <= len(text.encode("utf-8", "surrogatepass"))


def test_what_a_model_says_is_shown_as_one_plain_line():
    assert (
        plain("See <b>this</b>\n![x](https://a.example/y) and https://evil.example/z now", 80)
        == "See this x and now"
    )
    assert plain("word " * 40, 20) == "word word word …"


MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
markup = st.lists(
    st.sampled_from(
        [
            "<",
            "<b>",
            "</b>",
            "<script",
            ">",
            "![",
            "[",
            "a x",
            "](",
            "](http://e.example)",
            ")",
            "!",
            " ",
            "<!--",
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<<b>script>alert(1)</script>", "alert(1)"),
        ("[[a x](http://e.example/1)](http://e.example/2)", "a x"),
        ('<a href="http://e.example">see</a> <br/><img src=x onerror=alert(1)><!-- so -->it', "see it"),
        ("Wow! [sic] 3 < 4 and a[0] (first)", "Wow! [sic] 3 < 4 and a[0] (first)"),
    ],
)
def test_what_is_hidden_in_other_markup_does_not_come_out_of_it(said, kept):
    assert plain(said, 400) == kept


@given(said=markup | texts)
@settings(max_examples=100, deadline=None)
def test_no_tag_link_or_image_is_left_of_what_a_model_says(said):
    line = f"x {escape_md(plain(said, 400))}"
    tokens = [t for token in MARKDOWN.parse(line) for t in (token, *(token.children or ()))]

    assert not [t.type for t in tokens if t.type in {"html_inline", "html_block", "link_open", "image"}]


MATHEMATICS = [
    "Prüfe, ob 3<x gilt und x>1.",
    "Zeige, dass a<b gilt und c>d.",
    "Wenn x<y ist, stimmt dein Schluss.",
    "Aus a<b und c=5>d folgt a<d.",
    "Setze x<-2 und i<=n ein.",
    "Rechne 3*4*5 und 2_a_b noch einmal.",
    "Nutze p<q>r als Zeichen.",
    "Das Wort <unleserlich> fehlt.",
]


@pytest.mark.parametrize("said", MATHEMATICS)
def test_mathematics_in_a_reason_or_step_reads_on_the_page_as_it_was_meant(said):
    case = Case(GERMAN, "Licht.", sentences("Licht."))
    quote = [{"sentence": 1, "quote": "Licht"}]

    result = judged(an_answer(evidence=quote, reason=said, next_step=said), CRITERION, case)

    assert isinstance(result, CriterionResult)
    for stored in (result.explanation_md, result.next_step_md or ""):
        assert read_on_the_page(stored) == said
        assert "html_inline" not in {t.type for t in MARKDOWN.parseInline(stored)[0].children or ()}
    again = feedback_md([replace(result, level=1, score=3)], GERMAN)
    assert said in read_on_the_page(again)


def read_on_the_page(markdown: str) -> str:
    return unescape(re.sub(r"<[^<>]*>", "", to_html(markdown))).strip()


def test_tags_too_deep_to_be_taken_out_are_left_out_with_their_sentence():
    nested = "<" * 9 + "b>" * 9 + "a"

    assert "markup" in broken_rules((plain(nested, 400),), TASK, "")
    assert "markup" in broken_rules((nested,), TASK, "")


GERMAN = replace(TASK, instruction_md="Warum?", language=Language.GERMAN, grade_level=6)
BREAKS = [
    (TASK, "That is 7/10 points, grade 3."),
    (TASK, "You get 10/10 points."),
    (TASK, "You write “the moon is round” here."),
    (replace(TASK, hints_md="The word is chlorophyll."), "The text lacks chlorophyll."),
    (
        replace(TASK, grade_level=5),
        "Add what it is that the plant does with it in the day and what it does in the night.",
    ),
    (GERMAN, "Schreiben Sie mehr."),
    (GERMAN, "Mehr, dann gibt es die Note 1."),
    (GERMAN, "Hier gibt es Punktabzug."),
    (replace(GERMAN, form_of_address=FormOfAddress.SIE), "Du nennst das Licht."),
]


@pytest.mark.parametrize(("task", "said"), BREAKS)
def test_what_breaks_a_rule_beside_a_quote_is_left_out_and_the_judgement_stands(task, said):
    text = "Light."
    case = Case(task, text, sentences(text))
    quote = [{"sentence": 1, "quote": "Light"}]
    fine = "Das steht klar da." if task.language is Language.GERMAN else "It is named."

    by_reason = judged(an_answer(evidence=quote, reason=said, next_step=fine), CRITERION, case)
    by_step = judged(an_answer(evidence=quote, reason=fine, next_step=said), CRITERION, case)

    assert isinstance(by_reason, CriterionResult)
    assert isinstance(by_step, CriterionResult)
    assert (by_reason.level, by_reason.explanation_md, by_reason.next_step_md) == (2, "", fine)
    assert (by_step.level, by_step.explanation_md, by_step.next_step_md) == (2, fine, None)


def test_points_may_be_named_where_the_task_shows_them():
    task = replace(TASK, scores_visible=True)
    content = an_answer(evidence=[{"sentence": 1, "quote": "Light"}], reason="That is worth eight points.")

    result = judged(content, CRITERION, Case(task, "Light.", sentences("Light.")))

    assert isinstance(result, CriterionResult)
    assert result.explanation_md == "That is worth eight points."


def test_a_wrong_language_is_noticed_and_a_short_or_mixed_text_passes():
    german = "Du nennst das Licht und das Wasser, aber der Grund ist noch nicht da."
    english = "You name the light and the water, but the reason is not yet there."

    assert is_other_language(german, Language.ENGLISH)
    assert is_other_language(english, Language.GERMAN)
    assert not is_other_language(german, Language.GERMAN)
    assert not is_other_language("Photosynthese.", Language.ENGLISH)
    assert not is_other_language("Der Satz „light and water“ ist gut.", Language.GERMAN)


def test_our_own_sentences_are_easy_enough_for_the_fifth_grade():
    for phrases, language in (
        (GERMAN_DU, Language.GERMAN),
        (GERMAN_SIE, Language.GERMAN),
        (ENGLISH, Language.ENGLISH),
    ):
        prose = " ".join(
            (phrases.try_weak, phrases.try_strong, phrases.generic_step, phrases.nothing_to_improve)
        )
        assert lix(prose) <= lix_limit(language, 5)
