"""What an answer was made with, as one code."""

from dataclasses import replace

import pytest

from learning_worker.adapters.asking import ModelTerms
from learning_worker.adapters.fingerprint import fingerprint
from learning_worker.domain import prompts, wording

TERMS = ModelTerms("model")


@pytest.mark.parametrize("change", [{"seed": 1}, {"num_predict": 300}, {"num_ctx": 4096}])
def test_what_changes_answers_changes_the_fingerprint(change):
    assert fingerprint(replace(TERMS, **change)) != fingerprint(TERMS)


def test_deadlines_are_no_part_of_an_answer():
    assert fingerprint(replace(TERMS, phase_s=1, call_s=1)) == fingerprint(TERMS)


@pytest.mark.parametrize(
    ("module", "text"), [(prompts, "RULES"), (prompts, "_EXTRACT"), (wording, "WORDING_RULES")]
)
def test_another_prompt_is_another_fingerprint(monkeypatch, module, text):
    before = fingerprint(TERMS)

    monkeypatch.setattr(module, text, "Something else.")

    assert fingerprint(TERMS) != before
