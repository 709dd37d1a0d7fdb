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
# With a quarter of 8192 tokens the rules and a page of text still fit.
MAX_HALVINGS = 2
Extract = Mapping[str, tuple[int, ...]]
_Found = dict[tuple[int, str], tuple[int, ...]]
# prompt, schema, attempt -> JSON text; attempt: 0, then 1 for the one retry.
Put = Callable[[SearchPrompt, Mapping[str, object], int], Awaitable[str]]


class SlowAnswers:
    """Answers about which a question did not end in time: the next run shows half as much at once, and asks for less.

    On a machine that reads 20 tokens a second a call of two minutes is over before a long answer is read.
    """

    def __init__(self) -> None:
        self._halvings: OrderedDict[str, int] = OrderedDict()

    def halvings(self, key: str) -> int:
        """How often what one call shows and may write is to be halved."""
        return self._halvings.get(key, 0)

    def timed_out(self, key: str, count: int) -> None:
        """So many calls of a run that is over used up their time."""
        self._halvings[key] = min(MAX_HALVINGS, self.halvings(key) + count)
        while len(self._halvings) > MAX_REMEMBERED:
            self._halvings.popitem(last=False)

    def forget(self, key: str) -> None:
        """The answer has its results."""
        self._halvings.pop(key, None)


@dataclass(frozen=True)
class LongAnswer:
    """An answer in sections. key: the same for the same answer, task and model."""

    key: str
    case: Case
    parts: Sequence[range]


class LongAnswers:
    """Searches long answers. Keeps sentence numbers, no text: a run that ends early need not be repeated by the next."""

    def __init__(self) -> None:
        # Per answer: its sections, and (first sentence of a section, criterion id) -> the sentences found there.
        self._begun: OrderedDict[str, tuple[Sequence[range], _Found]] = OrderedDict()

    def sections_of(self, key: str) -> Sequence[range] | None:
        """The sections of an answer of which one was searched already; they are small enough, as that one shows."""
        parts, found = self._begun.get(key, ((), {}))
        return parts if found else None

    async def extract(self, answer: LongAnswer, wanted: Sequence[Criterion], put: Put) -> Extract:
        """Per id of the wanted criteria the sentences of the whole answer that speak to it, in order.

        Raises BadAnswer when a section could not be searched, for then nobody knows what stands in it, and what `put`
        raises.
        """
        found = self._remembered(answer)
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
        self._begun.pop(key, None)

    def _remembered(self, answer: LongAnswer) -> _Found:
        parts, found = self._begun.pop(answer.key, ((), {}))
        found = found if parts == answer.parts else {}
        self._begun[answer.key] = (answer.parts, found)
        while len(self._begun) > MAX_REMEMBERED:
            self._begun.popitem(last=False)
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
