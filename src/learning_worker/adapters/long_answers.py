"""Long answers: every section is searched once, and what was found is remembered until the answer is judged."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from learning_worker.adapters.asking import BadAnswer
from learning_worker.domain.criteria import Criterion, Reason
from learning_worker.domain.prompts import Case
from learning_worker.domain.refusals import is_refusal
from learning_worker.domain.sections import (
    CRITERIA_PER_SEARCH,
    SearchPrompt,
    search_prompt,
    search_schema,
    searched,
)

MAX_REMEMBERED = 64
Extract = Mapping[str, tuple[int, ...]]
# prompt, schema, attempt -> JSON text; attempt: 0, then 1 for the one retry.
Put = Callable[[SearchPrompt, Mapping[str, object], int], Awaitable[str]]


@dataclass(frozen=True)
class LongAnswer:
    """An answer in sections. key: the same for the same answer, task and model."""

    key: str
    case: Case
    parts: Sequence[range]


class LongAnswers:
    """Searches long answers. Keeps sentence numbers, no text: a run that ends early need not be repeated by the next."""

    def __init__(self) -> None:
        # Per answer: (first sentence of a section, criterion id) -> the sentences found there.
        self._found: OrderedDict[str, dict[tuple[int, str], tuple[int, ...]]] = OrderedDict()

    async def extract(self, answer: LongAnswer, wanted: Sequence[Criterion], put: Put) -> Extract:
        """Per id of the wanted criteria the sentences of the whole answer that speak to it, in order.

        Raises BadAnswer when a section could not be searched, for then nobody knows what stands in it, and what `put`
        raises.
        """
        found = self._remembered(answer.key)
        for section in answer.parts:
            missing = [criterion for criterion in wanted if (section.start, criterion.id) not in found]
            for at in range(0, len(missing), CRITERIA_PER_SEARCH):
                part = await _search(answer.case, section, missing[at : at + CRITERIA_PER_SEARCH], put)
                found |= {(section.start, criterion_id): numbers for criterion_id, numbers in part.items()}
        return {
            criterion.id: tuple(nr for section in answer.parts for nr in found[section.start, criterion.id])
            for criterion in wanted
        }

    def forget(self, key: str) -> None:
        """The answer has its results."""
        self._found.pop(key, None)

    def _remembered(self, key: str) -> dict[tuple[int, str], tuple[int, ...]]:
        found = self._found.setdefault(key, {})
        self._found.move_to_end(key)
        while len(self._found) > MAX_REMEMBERED:
            self._found.popitem(last=False)
        return found


async def _search(case: Case, section: range, criteria: Sequence[Criterion], put: Put) -> Extract:
    prompt, schema = search_prompt(case, section, criteria), search_schema(criteria)
    reason = Reason.ANSWER_INVALID
    for attempt in range(2):
        try:
            content = await put(prompt, schema, attempt)
            if is_refusal(content):
                raise BadAnswer(Reason.REFUSED)
            found = searched(content, section, criteria)
        except BadAnswer as bad:
            found, reason = None, bad.reason
        if found is not None:
            return found
        if reason in {Reason.TEXT_TOO_LONG, Reason.REFUSED}:
            break
    raise BadAnswer(reason)
