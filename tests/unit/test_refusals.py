"""What a model says instead of a judgement, told from what it says of a text. The sentences lie in sentences/refusals.jsonl.

seen: at hand when the patterns were written. within: the refusal stands behind something else, and counts only where
nothing is quoted. unsure: no refusal, and no judgement. held_out: written afterwards and measured once; whoever changes a
pattern because of it writes a new one and adds this to `seen`.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from learning_worker.domain.criteria import Criterion, CriterionResult, Reason, ResultStatus
from learning_worker.domain.judging import Rejected, judged
from learning_worker.domain.prompts import Case
from learning_worker.domain.quotes import sentences
from learning_worker.domain.refusals import is_refusal, is_unsure, refuses
from learning_worker.domain.submission import Language, Task

ROWS = [
    json.loads(line)
    for line in (Path(__file__).resolve().parents[1] / "sentences" / "refusals.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
# Refusals in words of their own: no score, but no call for a person either.
NOT_KNOWN = {"Ich bin dafür nicht die richtige Ansprechpartnerin.", "Ich enthalte mich einer Bewertung."}
TEXT = "Plants need light. They drink water."


def said(name: str, kind: str) -> list[str]:
    return [row[kind] for row in ROWS if row["set"] == name and kind in row]


def taken_for(sentence: str, *, without_quote: bool) -> str:
    if is_refusal(sentence, without_quote=without_quote):
        return "refusal"
    return "unsure" if is_unsure(sentence, without_quote=without_quote) else "harmless"


@pytest.mark.parametrize("sentence", said("seen", "refusal"))
def test_a_refusal_calls_a_person_and_at_worst_leaves_the_criterion_to_one(sentence):
    expected = {"refusal"} if sentence not in NOT_KNOWN else {"unsure"}

    assert taken_for(sentence, without_quote=True) in expected


@pytest.mark.parametrize("sentence", said("seen", "harmless") + said("within", "harmless"))
def test_what_is_said_of_a_text_calls_nobody(sentence):
    assert taken_for(sentence, without_quote=False) == "harmless"
    assert not is_refusal(sentence, without_quote=True)


@pytest.mark.parametrize("sentence", said("within", "refusal"))
def test_behind_something_else_a_refusal_counts_where_nothing_is_quoted(sentence):
    assert is_refusal(sentence, without_quote=True)
    assert not is_refusal(sentence)


@pytest.mark.parametrize("sentence", said("unsure", "unsure"))
def test_a_judgement_that_could_not_be_made_is_neither_a_refusal_nor_a_score(sentence):
    assert not is_refusal(sentence, without_quote=True)
    assert is_unsure(sentence)


def test_of_refusals_nobody_had_in_mind_most_call_a_person_and_no_judgement_does():
    refusals = Counter(taken_for(sentence, without_quote=True) for sentence in said("held_out", "refusal"))
    harmless = Counter(taken_for(sentence, without_quote=True) for sentence in said("held_out", "harmless"))

    sys.stdout.write(f"held out: refusals {dict(refusals)}, harmless {dict(harmless)}\n")
    assert refusals == {"refusal": 14, "unsure": 1, "harmless": 1}
    assert harmless == {"harmless": 11, "unsure": 5}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": "I'm unable to help with content about self-harm."}, Reason.REFUSED),
        ({"reason": "Der Text enthält Gewalt, deshalb darf ich ihn nicht bewerten."}, Reason.REFUSED),
        ({"reason": "No.", "next_step": "I cannot assist with this."}, Reason.REFUSED),
        ({"reason": "I cannot assist with this.", "status": "off_topic"}, Reason.REFUSED),
        ({"reason": "I cannot provide a level as no sentence names water."}, Rejected),
        ({"reason": "Ich habe dafür keine Erlaubnis."}, Rejected),
        ({"reason": "I can't find a sentence on water."}, None),
        ({"reason": "The text says “I cannot help you” and no more."}, None),
        ({"reason": "I'm sorry that the story ends so soon."}, None),
        ({"reason": "I can't help but notice that water is missing."}, None),
        ({"reason": "As an AI example you name ChatGPT."}, None),
        ({"reason": "Tut mir leid, das steht so nicht im Text."}, None),
    ],
)
def test_a_zero_without_a_quote_is_never_a_refusal_in_disguise(changes, expected):
    criterion = Criterion("c1", "Names light")
    task = Task(
        "Why?",
        (criterion,),
        language=Language.GERMAN if "ich " in str(changes) or "nicht" in str(changes) else Language.ENGLISH,
    )
    judgement = {
        "criterion_id": "c1",
        "evidence": [],
        "status": "judged",
        "level": "not_yet",
        "confidence": "low",
    }

    result = judged(
        json.dumps({**judgement, "next_step": "", **changes}), criterion, Case(task, TEXT, sentences(TEXT))
    )

    if expected is Rejected:
        assert isinstance(result, Rejected)
        assert result.reason is Reason.UNKNOWN
    else:
        assert isinstance(result, CriterionResult)
        assert result.reason is expected
        assert (result.status is ResultStatus.SCORED) == (expected is None)


@pytest.mark.parametrize(
    "content",
    [
        r'{"works": [], "try_now": "I can\u2019t help with that."}',
        r'{"works": [], "try_now": "\nI cannot help with that."}',
        r'{"works": [{"text": "\"\tI\u0020cannot help with that."}]}',
        'Here you are: {"try_now": "I cannot help with that."} Anything else?',
        "I can’t help with that.",
        "I cannot help: {",
        "Ich darf das nicht bewerten.",
    ],
)
def test_a_refusal_is_found_in_whatever_wrapping_it_comes(content):
    assert refuses(content)


@pytest.mark.parametrize(
    "content",
    [
        '{"try_now": "Add the word light."}',
        '{"I cannot help": 1}',
        "Add light.",
        "[" * 5000,
        '{"a": ' * 5000,
        "",
        "{",
    ],
)
def test_anything_else_is_none(content):
    assert not refuses(content)
