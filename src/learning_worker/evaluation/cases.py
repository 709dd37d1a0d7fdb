"""Case files: answers whose levels are known, one JSON object per line."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from learning_worker.domain.criteria import TOP_LEVEL, CriteriaError, is_storable, parse_criteria
from learning_worker.domain.submission import FormOfAddress, Language, Task

MAX_PROBLEMS = 20
MAX_CASES = 10_000
# An addition that asks for nothing: what changes then is the model's own unrest.
HARMLESS = "harmless"
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class CaseFileError(ValueError):
    """The file cannot be used. `problems`: one sentence each with its line number, and no word of a pupil."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class CriterionLine(BaseModel):
    """A criterion as a case file writes it; a plain string is shorthand for `text` alone."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    id: str | None = Field(default=None, description="Unset: c1..cn by position.")
    text: str
    max_score: int = 10
    weight: float = 1.0
    levels: list[str] = Field(default=[], description="What each level 0..3 means: four texts, or none.")


class CaseLine(BaseModel):
    """One line of a case file."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, title="EvaluationCase")

    id: Id = Field(description="Unique in the file.")
    subject: Annotated[str, Field(min_length=1, max_length=60)] = Field(description="For readers only.")
    language: Annotated[Language, Field(strict=False)] = Field(description="Of task, answer and feedback.")
    grade_level: Annotated[int, Field(ge=1, le=13)] | None = None
    form_of_address: Annotated[FormOfAddress, Field(strict=False)] = FormOfAddress.DU
    instruction: Annotated[str, Field(min_length=1, max_length=20_000)]
    hints: Annotated[str, Field(max_length=20_000)] = Field(default="", description="For the model alone.")
    criteria: Annotated[list[CriterionLine | str], Field(min_length=1)]
    answer: Annotated[str, Field(max_length=100_000)]
    levels: dict[str, Annotated[int, Field(ge=0, le=TOP_LEVEL)]] = Field(
        description="The reference: criterion id -> level 0 (not yet), 1 (partly), 2 (largely), 3 (fully)."
    )
    twin: Id | None = Field(default=None, description="The case that is the same without the addition.")
    attack: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = Field(
        default=None,
        description=f"What the addition tries; `{HARMLESS}`: nothing. Goes with `twin`.",
    )


@dataclass(frozen=True)
class EvaluationCase:
    """An answer with the levels it should get. twin, attack: the clean case it is a variant of, and how."""

    id: str
    subject: str
    task: Task
    answer: str = field(repr=False)
    reference: Mapping[str, int]
    twin: str | None = None
    attack: str | None = None


@dataclass(frozen=True)
class CaseSet:
    """The cases of one file in its order. `sha256`: hash of the file's bytes, 64 hex digits."""

    name: str
    sha256: str
    cases: tuple[EvaluationCase, ...]

    def first(self, count: int) -> "CaseSet":
        """The first clean cases, at most `count`, and every variant of them; under a hash of its own."""
        clean = [case.id for case in self.cases if case.twin is None][:count]
        kept = tuple(case for case in self.cases if (case.twin or case.id) in clean)
        digest = hashlib.sha256(f"{self.sha256} first {len(clean)}".encode()).hexdigest()
        return CaseSet(f"{self.name} (first {len(clean)})", digest, kept)


def read_cases(name: str, content: bytes) -> CaseSet:
    """The cases of a file. Raises CaseFileError with everything that is wrong, at most 20 problems."""
    cases: dict[str, EvaluationCase] = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    for nr, raw in enumerate(content.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            case = _case(raw)
        except CaseFileError as error:
            problems += [f"Line {nr}: {problem}" for problem in error.problems]
            continue
        if case.id in cases:
            problems.append(f"Line {nr}: the id {case.id} is that of line {lines[case.id]}.")
        cases[case.id], lines[case.id] = case, nr
    problems += [
        f"Line {lines[case.id]}: {problem}" for case in cases.values() for problem in _twins(case, cases)
    ]
    if not cases and not problems:
        problems.append("The file holds no case.")
    if len(cases) > MAX_CASES:
        problems.append(f"The file holds more than {MAX_CASES} cases.")
    if problems:
        rest = len(problems) - MAX_PROBLEMS
        raise CaseFileError(problems[:MAX_PROBLEMS] + ([f"And {rest} more."] if rest > 0 else []))
    return CaseSet(name, hashlib.sha256(content).hexdigest(), tuple(cases.values()))


def _case(raw: bytes) -> EvaluationCase:
    try:
        line = CaseLine.model_validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise CaseFileError([_problem(e["loc"], e["type"], e["msg"]) for e in found]) from None
    try:
        criteria = parse_criteria(
            [item if isinstance(item, str) else item.model_dump(exclude_none=True) for item in line.criteria]
        )
    except CriteriaError as error:
        raise CaseFileError([f"criteria: {error}"]) from None
    ids = [criterion.id for criterion in criteria]
    problems = []
    if set(line.levels) != set(ids):
        problems.append(f"`levels` must name exactly the criteria {', '.join(ids)}.")
    if (line.twin is None) != (line.attack is None):
        problems.append("`twin` and `attack` go together.")
    if not all(map(is_storable, (line.answer, line.instruction, line.hints))):
        problems.append("a text holds a control character.")
    if problems:
        raise CaseFileError(problems)
    task = Task(
        instruction_md=line.instruction,
        criteria=criteria,
        language=line.language,
        form_of_address=line.form_of_address,
        grade_level=line.grade_level,
        hints_md=line.hints,
    )
    return EvaluationCase(line.id, line.subject, task, line.answer, line.levels, line.twin, line.attack)


def _problem(place: Sequence[int | str], kind: str, message: str) -> str:
    """One error of pydantic; its messages name what is allowed and, with input hidden, never what was given."""
    if kind == "json_invalid":
        return "this is no JSON object in UTF-8."
    name = ".".join(map(str, place))
    return f"`{name}`: {message[:1].lower()}{message[1:]}." if name else f"{message}."


def _twins(case: EvaluationCase, cases: Mapping[str, EvaluationCase]) -> list[str]:
    if case.twin is None:
        return []
    twin = cases.get(case.twin)
    if twin is None:
        return [f"there is no case {case.twin} to be the twin."]
    if twin.twin is not None:
        return [f"the twin {case.twin} has a twin itself; a twin must be clean."]
    if twin.task != case.task or twin.reference != case.reference:
        return [f"the twin {case.twin} has another task or other levels."]
    return []
