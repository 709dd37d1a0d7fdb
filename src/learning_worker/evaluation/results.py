"""The file that an interrupted evaluation goes on from: one line per case and run, only ever added to, no text."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from learning_worker.evaluation.run import Answered


class ResultsFileError(ValueError):
    """The file belongs to another evaluation or is none; the message is one sentence for a person."""


class Subject(BaseModel):
    """What is evaluated on what. model, model_digest: None where no model is asked."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, protected_namespaces=())

    product_version: str
    adapter: str
    model: str | None
    model_digest: str | None
    case_set: str
    case_set_sha256: str


@dataclass
class Results:
    """What is known so far; `add` also writes it down when there is a file."""

    answers: dict[tuple[str, int], Answered] = field(default_factory=dict)
    file: BinaryIO | None = None

    def add(self, answer: Answered) -> None:
        """Keep one answer; it survives a kill from here on. Raises OSError when it cannot be written."""
        if self.file is not None:
            _write_line(self.file, answer)
        self.answers[answer.case_id, answer.run] = answer


@contextmanager
def results_at(path: Path | None, subject: Subject) -> Iterator[Results]:
    """The results in a file, which is made when it is not there; without a path they live in memory.

    A last line that a kill cut short is dropped. Raises ResultsFileError for a file of another evaluation.
    """
    if path is None:
        yield Results()
        return
    try:
        file = path.open("a+b")
    except OSError:
        raise ResultsFileError(f"{path} cannot be written.") from None
    with file:
        answers = _read(file, path, subject)
        yield Results(answers, file)


def _read(file: BinaryIO, path: Path, subject: Subject) -> dict[tuple[str, int], Answered]:
    file.seek(0)
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        if content and not content.startswith(b'{"product_version"'):
            raise ResultsFileError(f"{path} is not a file of results; name another one.")
        file.truncate(0)
        _write_line(file, subject)
        return {}
    head, *lines = whole.splitlines()
    try:
        found = Subject.model_validate_json(head)
        answers = [Answered.model_validate_json(line) for line in lines]
    except ValidationError:
        raise ResultsFileError(f"{path} is not a file of results; name another one.") from None
    if found != subject:
        other = [name for name in Subject.model_fields if getattr(found, name) != getattr(subject, name)]
        raise ResultsFileError(
            f"{path} holds results of another evaluation ({', '.join(other)} differ); name another file."
        )
    file.truncate(len(whole))
    return {(answer.case_id, answer.run): answer for answer in answers}


def _write_line(file: BinaryIO, line: BaseModel) -> None:
    file.write(line.model_dump_json().encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
