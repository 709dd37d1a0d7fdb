"""A class as an administrator writes it down: people, course and tasks of one YAML file."""

from collections.abc import Hashable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from learning_worker.domain.criteria import CriteriaError, Criterion, is_storable, parse_criteria
from learning_worker.domain.sentences import Sentence
from learning_worker.domain.submission import ConfirmText, FormOfAddress, Language

TOLD = 20


class ClassFileError(ValueError):
    """The file cannot be used. `problems`: one sentence each, with its place in the file."""

    def __init__(self, problems: list[Sentence]) -> None:
        super().__init__("\n".join(problem.english for problem in problems))
        self.problems = problems


def _storable(text: str) -> str:
    if not is_storable(text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


def _bare(sub: str) -> str:
    if sub != sub.strip():
        raise PydanticCustomError("space_around", "begins or ends with a space")
    return sub


def _zoned(moment: datetime) -> datetime:
    """A time without a zone is this machine's."""
    return moment.astimezone()


def _moment(raw: object) -> object:
    """A day alone stands for its end: who belongs to a class until July 31 still does so that evening."""
    if isinstance(raw, str):
        # YAML takes a time without seconds for a text.
        try:
            raw = date.fromisoformat(raw) if len(raw) == len("2026-07-31") else datetime.fromisoformat(raw)
        except ValueError:
            return raw
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return datetime.combine(raw, time()) + timedelta(days=1)
    return raw


def _criteria(raw: object) -> tuple[Criterion, ...]:
    try:
        return parse_criteria(raw)
    except CriteriaError as error:
        told = {"english": error.sentence.english, "german": error.sentence.german}
        raise PydanticCustomError("criteria", "{english}", told) from None


Short = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Long = Annotated[str, Field(max_length=20_000), AfterValidator(_storable)]
Sub = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_storable), AfterValidator(_bare)]
Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_zoned)]
Days = Annotated[int, Field(ge=1, le=3650)]


class _Part(BaseModel):
    # Strict: a number in place of a name is a slip of the pen (`sub: 0123` would be 83).
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Person(_Part):
    """Somebody who signs in. `sub`: the identity provider's subject."""

    sub: Sub
    name: Short
    language: Annotated[Language, Field(strict=False)] = Language.GERMAN


class Member(_Part):
    """Somebody in the course; the last two matter for pupils and observers."""

    sub: Sub
    name: Short
    language: Annotated[Language, Field(strict=False)] = Language.GERMAN
    ai_allowed: bool = True
    valid_until: Moment | None = None


class Course(_Part):
    """Title and school year name the course; files are kept no longer than texts."""

    title: Short
    school_year: Annotated[str, Field(pattern=r"^\d{4}/\d{2}$")] | None = None
    file_retention_days: Days = 180
    text_retention_days: Days = 730

    def model_post_init(self, _: object) -> None:
        """Refuse files that would outlive their texts."""
        if self.file_retention_days > self.text_retention_days:
            raise PydanticCustomError("retention", "file_retention_days is longer than text_retention_days")


class ClassTask(_Part):
    """A task with its criteria; the title names it within the course."""

    title: Short
    instruction: Long = ""
    hints: Long = ""
    criteria: Annotated[tuple[Criterion, ...], BeforeValidator(_criteria)]
    language: Annotated[Language, Field(strict=False)] = Language.GERMAN
    form_of_address: Annotated[FormOfAddress, Field(strict=False)] = FormOfAddress.DU
    grade_level: Annotated[int, Field(ge=1, le=13)] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    deadline: Moment | None = None
    release_mode: Literal["practice", "reviewed"] = "reviewed"
    scores_visible: bool = False
    confirm_text: Annotated[ConfirmText, Field(strict=False)] = ConfirmText.DOUBTFUL
    pupil_may_correct: bool = True


class SchoolClass(_Part):
    """One file. Somebody stands in one of the lists, once."""

    course: Course
    teachers: Annotated[list[Member], Field(min_length=1, max_length=50)]
    observers: Annotated[list[Member], Field(max_length=50)] = []
    operators: Annotated[list[Person], Field(max_length=50)] = []
    pupils: Annotated[list[Member], Field(max_length=1000)] = []
    tasks: Annotated[list[ClassTask], Field(max_length=200)] = []

    @property
    def members(self) -> Iterator[tuple[str, Member]]:
        """Role in the course and member."""
        for role, members in (
            ("teacher", self.teachers),
            ("observer", self.observers),
            ("student", self.pupils),
        ):
            for member in members:
                yield role, member

    @classmethod
    def parse(cls, text: str) -> Self:
        """The class in a YAML text. Raises ClassFileError with every problem, at most twenty."""
        try:
            raw = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark is not None else 1
            raise ClassFileError(
                [
                    Sentence(
                        f"Line {line} is not YAML, or repeats a key.",
                        f"Zeile {line} ist kein YAML oder wiederholt einen Schlüssel.",
                    )
                ]
            ) from None
        try:
            found = cls.model_validate(raw)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            raise ClassFileError([_problem(detail) for detail in details[:TOLD]]) from None
        if problems := found._doubles():
            raise ClassFileError(problems[:TOLD])
        return found

    def _doubles(self) -> list[Sentence]:
        people = [member.sub for _, member in self.members] + [person.sub for person in self.operators]
        titles = [task.title for task in self.tasks]
        return [
            Sentence(
                f"{sub} stands in the lists twice; a person has one role at the school.",
                f"{sub} steht zweimal in den Listen; eine Person hat eine Rolle an der Schule.",
            )
            for sub in _twice(people)
        ] + [
            Sentence(f"Two tasks are called {title}.", f"Zwei Aufgaben heißen {title}.")
            for title in _twice(titles)
        ]


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping; the usual loader would drop the first without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As usual, after a look at the keys."""
        keys = [key.value for key, _ in node.value]
        for key, _ in reversed(node.value):
            if keys.count(key.value) > 1:
                raise yaml.constructor.ConstructorError(None, None, "key stands twice", key.start_mark)
        return super().construct_mapping(node, deep)


def _twice(words: list[str]) -> list[str]:
    return sorted({word for word in words if words.count(word) > 1})


# pydantic's kind of error -> what we say of it; {braces} are filled from the error's context.
_WORDS = {
    "missing": ("is missing", "fehlt"),
    "extra_forbidden": ("is not a key that is known", "ist kein bekannter Schlüssel"),
    "string_type": ("must be a text (a number in quotes)", "muss ein Text sein (eine Zahl in Anführungszeichen)"),
    "string_too_short": ("is empty", "ist leer"),
    "string_too_long": ("has more than {max_length} characters", "hat mehr als {max_length} Zeichen"),
    "string_pattern_mismatch": ("must look like 2026/27", "muss aussehen wie 2026/27"),
    "space_around": ("begins or ends with a space", "beginnt oder endet mit einem Leerzeichen"),
    "enum": ("must be one of: {expected}", "muss eines sein von: {expected}"),
    "literal_error": ("must be one of: {expected}", "muss eines sein von: {expected}"),
    "int_type": ("must be a whole number", "muss eine ganze Zahl sein"),
    "bool_type": ("must be true or false", "muss true oder false sein"),
    "greater_than_equal": ("is below {ge}", "liegt unter {ge}"),
    "less_than_equal": ("is above {le}", "liegt über {le}"),
    "list_type": ("must be a list", "muss eine Liste sein"),
    "too_short": ("needs at least {min_length} entry", "braucht mindestens {min_length} Eintrag"),
    "too_long": ("has more than {max_length} entries", "hat mehr als {max_length} Einträge"),
    "model_type": ("must be a mapping (key: value)", "muss eine Zuordnung sein (Schlüssel: Wert)"),
    "datetime_type": ("must be a day or a time (2026-12-01 18:00)", "muss ein Tag oder Zeitpunkt sein (2026-12-01 18:00)"),
    "control_character": ("holds a control character", "enthält ein Steuerzeichen"),
    "retention": (
        "keeps files longer than texts (file_retention_days, text_retention_days)",
        "behält Dateien länger als Texte (file_retention_days, text_retention_days)",
    ),
    "criteria": ("does not fit: {english}", "passt nicht: {german}"),
}  # fmt: skip


def _problem(error: ErrorDetails) -> Sentence:
    place = ".".join(f"{part + 1}" if isinstance(part, int) else part for part in error["loc"]) or "root"
    english, german = _WORDS.get(
        error["type"], ("has a value that is not allowed", "hat einen unzulässigen Wert")
    )
    context = {
        name: str(value).replace("'", "").replace(" or ", ", ")
        for name, value in error.get("ctx", {}).items()
    }
    told = Sentence(english.format(**context), german.format(**context))
    end = "" if error["type"] == "criteria" else "."
    return Sentence(f"{place} {told.english}{end}", f"{place} {told.german}{end}")
