"""What an answer was made with, as a short code: it changes with every word that a model is told, and how it is asked."""

import hashlib
import json
from importlib.metadata import version

from learning_worker.adapters.asking import ModelTerms
from learning_worker.domain.criteria import Criterion, CriterionResult, ResultStatus
from learning_worker.domain.prompts import Case, criterion_prompt, criterion_schema
from learning_worker.domain.quotes import sentences
from learning_worker.domain.sections import search_prompt, search_schema
from learning_worker.domain.submission import FormOfAddress, Language, Task
from learning_worker.domain.wording import (
    WORDING_RULES_BROKEN,
    wording_note,
    wording_results,
    wording_rules,
    wording_schema,
)

_CRITERION = Criterion("c1", "names a cause", levels=("none", "hinted", "named", "named in full"))
_TEXT = "Plants need light. They make sugar."


def fingerprint(terms: ModelTerms) -> str:
    """12 characters: prompts, schemas, our version, seed and token limits; deadlines are no part of an answer."""
    parts = [version("learning-worker"), str(terms.seed), str(terms.num_predict), str(terms.num_ctx)]
    for language, form in ((Language.GERMAN, FormOfAddress.SIE), (Language.ENGLISH, FormOfAddress.DU)):
        parts += _prompts(Task("Why?", (_CRITERION,), language, form, grade_level=7, hints_md="a hint"))
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def _prompts(task: Task) -> list[str]:
    """Everything a model would be told about a sample answer."""
    case = Case(task, _TEXT, sentences(_TEXT))
    result = CriterionResult("c1", ResultStatus.SCORED, 10, level=1, score=3, explanation_md="Named.")
    found = []
    for prompt in (criterion_prompt(case, _CRITERION), criterion_prompt(case, _CRITERION, "note", (2,))):
        found += [prompt.system(), prompt.user()]
    search = search_prompt(case, range(1, 3), task.criteria)
    found += [search.system(), search.user(), json.dumps(search_schema(task.criteria))]
    found += [json.dumps(criterion_schema(_CRITERION)), wording_rules(task), json.dumps(wording_schema(task))]
    found.append(wording_results((result,), task, wording_note(tuple(WORDING_RULES_BROKEN))))
    return found
