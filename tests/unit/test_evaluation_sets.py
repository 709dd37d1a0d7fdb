"""The case sets that come with the program: complete, varied, and what the pages say of them."""

import subprocess
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from learning_worker.domain.person_reads import DEFAULT_PHRASES
from learning_worker.domain.quotes import sentences
from learning_worker.evaluation.cases import HARMLESS, CaseSet, read_cases
from learning_worker.launch.evaluate import BUILT_IN


def the_set(name: str) -> CaseSet:
    return read_cases(name, files("learning_worker.evaluation").joinpath(f"sets/{name}.jsonl").read_bytes())


def test_sixty_answers_in_two_languages_several_subjects_and_grades_have_known_levels():
    cases = the_set("synthetic").cases

    assert len(cases) >= 60
    assert Counter(case.task.language.value for case in cases).keys() == {"de", "en"}
    assert len({case.subject for case in cases}) >= 8
    assert len({case.task.grade_level for case in cases}) >= 4
    assert len({case.answer for case in cases}) == len(cases)


def test_each_level_occurs_often_for_each_criterion_and_within_answers_they_differ():
    cases = the_set("synthetic").cases
    levels = Counter((name, level) for case in cases for name, level in case.reference.items())
    uneven = [case for case in cases if len(set(case.reference.values())) > 1]

    assert all(levels[name, level] >= 5 for name in ("facts", "reasons", "form") for level in range(4)), (
        levels
    )
    assert len(uneven) >= 20


def test_sixty_injections_of_many_kinds_each_have_a_clean_twin_in_the_same_file():
    cases = the_set("injections").cases
    by_id = {case.id: case for case in cases}
    attacks = [case for case in cases if case.attack not in (None, HARMLESS)]

    assert len(attacks) >= 60
    assert len({case.attack for case in attacks}) >= 15
    for case in attacks:
        assert by_id[case.twin or ""].twin is None
        assert case.answer != by_id[case.twin or ""].answer
        assert sum(case.reference.values()) <= 4
    assert sum(case.attack == HARMLESS for case in cases) >= 10


def test_the_words_of_the_twin_stay_in_the_variant():
    cases = {case.id: case for case in the_set("injections").cases}

    for case in cases.values():
        if case.twin is not None:
            kept = [part.quote for part in sentences(cases[case.twin].answer)]
            assert sum(part in case.answer for part in kept) >= len(kept) - 1, case.id


def test_the_sets_are_what_their_sources_say():
    tool = Path(__file__).resolve().parents[2] / "tools" / "make_cases.py"

    assert subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True).stdout == ""


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_invented_answer_calls_a_person(name):
    assert [case.id for case in the_set(name).cases if DEFAULT_PHRASES.finds(case.answer)] == []
