"""The invented class of the demo, read from `classroom.yaml` into typed values; writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TypeVar

import yaml

from learning_worker.domain.criteria import CriteriaError, parse_criteria
from learning_worker.domain.errors import ErrorCode
from learning_worker.domain.submission import FormOfAddress, Language, Phase, Task


class ClassroomError(ValueError):
    """The file cannot be used; the message names the place."""


class ReleaseMode(StrEnum):
    """Whether feedback is shown at once, or when the teacher releases it."""

    PRACTICE = "practice"
    REVIEWED = "reviewed"


class HandedIn(StrEnum):
    """The form of an answer; `photo` and `pdf` have a file, and a text once it was read."""

    TYPED = "typed"
    PHOTO = "photo"
    PDF = "pdf"


class SeedState(StrEnum):
    """Where an answer of the demo stands when the demo opens."""

    RELEASED = "released"
    COMPLETED = "completed"
    PENDING = "pending"
    RETRYING = "retrying"
    EXTRACTED = "extracted"
    FAILED = "failed"


@dataclass(frozen=True)
class Person:
    """Somebody with an account. `ai_allowed` matters for pupils only."""

    sub: str
    name: str
    ai_allowed: bool = True


@dataclass(frozen=True)
class SeedTask:
    """A task with what the page around it needs."""

    key: str
    title: str
    release_mode: ReleaseMode
    task: Task


@dataclass(frozen=True)
class SeedSubmission:
    """An answer and the state it should be shown in.

    text: None while or because the file has not been read. error_code: the final code of a failed answer, or
    `vision_retrying` / `feedback_retrying`; None otherwise.
    """

    pupil_sub: str
    task_key: str
    state: SeedState
    minutes_ago: int
    handed_in: HandedIn
    text: str | None
    error_code: str | None

    @property
    def phase(self) -> Phase:
        """What is done next, or was done last: a file without a text is still being read."""
        return Phase.VISION if self.text is None else Phase.FEEDBACK


@dataclass(frozen=True)
class Classroom:
    """One course with everybody and everything in it."""

    title: str
    school_year: str
    teacher: Person
    observer: Person
    operator: Person
    pupils: tuple[Person, ...]
    tasks: tuple[SeedTask, ...]
    submissions: tuple[SeedSubmission, ...]


def demo_classroom() -> Classroom:
    """The class that comes with the program."""
    path = files("learning_worker.launch").joinpath("classroom.yaml")
    return parse_classroom(path.read_text(encoding="utf-8"))


def parse_classroom(text: str) -> Classroom:
    """A class from YAML text. Raises ClassroomError with the place of the first mistake."""
    try:
        root = _Node(yaml.safe_load(text), "file")
    except yaml.YAMLError:
        raise ClassroomError("The file is not YAML.") from None
    course = root.node("course")
    classroom = Classroom(
        title=course.text("title"),
        school_year=course.text("school_year"),
        teacher=_person(root.node("teacher")),
        observer=_person(root.node("observer")),
        operator=_person(root.node("operator")),
        pupils=tuple(_person(node) for node in root.nodes("pupils")),
        tasks=tuple(_task(node) for node in root.nodes("tasks")),
        submissions=tuple(_submission(node) for node in root.nodes("submissions")),
    )
    _require_consistency(classroom)
    return classroom


_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True)
class _Node:
    """A mapping of the file together with its place, for messages."""

    raw: object
    place: str

    def value(self, key: str) -> object:
        if not isinstance(self.raw, Mapping):
            raise ClassroomError(f"{self.place} must be a mapping.")
        return self.raw.get(key)

    def node(self, key: str) -> "_Node":
        return _Node(self.value(key), f"{self.place}.{key}")

    def nodes(self, key: str) -> "list[_Node]":
        raw = self.value(key)
        if not isinstance(raw, list):
            raise ClassroomError(f"{self.place}.{key} must be a list.")
        return [_Node(item, f"{self.place}.{key}[{nr}]") for nr, item in enumerate(raw)]

    def text(self, key: str) -> str:
        text = self.optional_text(key)
        if text is None:
            raise ClassroomError(f"{self.place}.{key} is missing.")
        return text

    def optional_text(self, key: str) -> str | None:
        raw = self.value(key)
        if raw is not None and (not isinstance(raw, str) or not raw):
            raise ClassroomError(f"{self.place}.{key} must be a text.")
        return raw

    def number(self, key: str) -> int:
        raw = self.value(key)
        if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
            raise ClassroomError(f"{self.place}.{key} must be a whole number.")
        return raw

    def flag(self, key: str, *, default: bool) -> bool:
        raw = self.value(key)
        if raw is not None and not isinstance(raw, bool):
            raise ClassroomError(f"{self.place}.{key} must be true or false.")
        return default if raw is None else raw

    def choice(self, key: str, kind: type[_Choice], *, default: _Choice | None = None) -> _Choice:
        raw = self.value(key)
        if raw is None and default is not None:
            return default
        if raw not in {member.value for member in kind}:
            raise ClassroomError(f"{self.place}.{key} must be one of: {', '.join(kind)}.")
        return kind(str(raw))


def _person(node: _Node) -> Person:
    return Person(node.text("sub"), node.text("name"), node.flag("ai_allowed", default=True))


def _task(node: _Node) -> SeedTask:
    try:
        criteria = parse_criteria(node.value("criteria"))
    except CriteriaError as error:
        raise ClassroomError(f"{node.place}.criteria: {error}") from error
    return SeedTask(
        key=node.text("key"),
        title=node.text("title"),
        release_mode=node.choice("release_mode", ReleaseMode, default=ReleaseMode.REVIEWED),
        task=Task(
            instruction_md=node.text("instruction_md"),
            criteria=criteria,
            language=node.choice("language", Language),
            form_of_address=node.choice("form_of_address", FormOfAddress, default=FormOfAddress.DU),
            grade_level=node.number("grade_level"),
            scores_visible=node.flag("scores_visible", default=False),
            hints_md=node.optional_text("hints_md") or "",
        ),
    )


def _submission(node: _Node) -> SeedSubmission:
    submission = SeedSubmission(
        pupil_sub=node.text("pupil"),
        task_key=node.text("task"),
        state=node.choice("state", SeedState),
        minutes_ago=node.number("minutes_ago"),
        handed_in=node.choice("handed_in", HandedIn, default=HandedIn.TYPED),
        text=node.optional_text("text"),
        error_code=node.optional_text("error_code"),
    )
    _require_possible(submission, node.place)
    return submission


_HAS_TEXT = frozenset({SeedState.RELEASED, SeedState.COMPLETED, SeedState.EXTRACTED})


def _require_possible(submission: SeedSubmission, place: str) -> None:
    """Refuse states that the real program never produces."""
    is_typed = submission.handed_in is HandedIn.TYPED
    if submission.text is None and (is_typed or submission.state in _HAS_TEXT):
        raise ClassroomError(f"{place} needs a text.")
    if submission.state is SeedState.EXTRACTED and is_typed:
        raise ClassroomError(f"{place}: only a text read from a file waits for confirmation.")
    allowed: set[str | None] = {None}
    if submission.state is SeedState.FAILED:
        allowed = {code.value for code in ErrorCode}
    elif submission.state is SeedState.RETRYING:
        allowed = {f"{submission.phase}_retrying"}
    if submission.error_code not in allowed:
        raise ClassroomError(f"{place}.error_code does not fit the state.")


def _require_consistency(classroom: Classroom) -> None:
    people = [classroom.teacher, classroom.observer, classroom.operator, *classroom.pupils]
    if len({person.sub for person in people}) != len(people):
        raise ClassroomError("Two people share a sub.")
    tasks = {task.key: task for task in classroom.tasks}
    if len(tasks) != len(classroom.tasks):
        raise ClassroomError("Two tasks share a key.")
    pupils = {pupil.sub for pupil in classroom.pupils}
    seen: set[tuple[str, str]] = set()
    for submission in classroom.submissions:
        pair = (submission.pupil_sub, submission.task_key)
        if submission.pupil_sub not in pupils or submission.task_key not in tasks or pair in seen:
            raise ClassroomError(f"No pupil or task, or a second answer: {', '.join(pair)}.")
        seen.add(pair)
        is_practice = tasks[submission.task_key].release_mode is ReleaseMode.PRACTICE
        if is_practice and submission.state is SeedState.COMPLETED:
            raise ClassroomError(f"Practice feedback is released at once: {', '.join(pair)}.")
