"""The task of `learning-worker feedback`, read from the user's criteria.yaml."""

from pathlib import Path

import yaml

from learning_worker.domain.criteria import CriteriaError, parse_criteria
from learning_worker.domain.submission import ConfirmText, FormOfAddress, Language, Task

KEYS = {"criteria", "instruction", "hints", "language", "form_of_address", "grade_level"}


class CriteriaFileError(ValueError):
    """The file cannot be used; the message is one sentence for a person."""


def read_task(path: Path, instruction: str | None) -> Task:
    """The task in a YAML file; `instruction` replaces the file's own. Raises CriteriaFileError.

    Keys: criteria (strings or objects), instruction, hints, language (de or en), form_of_address (du or sie), grade_level.
    Scores are shown, since whoever runs the command wrote the criteria.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise CriteriaFileError(f"{path} cannot be read.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise CriteriaFileError(f"{path} is not a YAML file in UTF-8.") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("criteria"), list):
        raise CriteriaFileError(f"{path} needs a list `criteria`.")
    if unknown := sorted(str(key) for key in raw if key not in KEYS):
        raise CriteriaFileError(f"{path} has keys that are not known: {', '.join(unknown)}.")
    try:
        return Task(
            instruction_md=instruction if instruction is not None else str(raw.get("instruction") or ""),
            criteria=parse_criteria(raw["criteria"]),
            language=Language(str(raw.get("language", Language.GERMAN))),
            form_of_address=FormOfAddress(str(raw.get("form_of_address", FormOfAddress.DU))),
            grade_level=_grade(raw.get("grade_level")),
            scores_visible=True,
            confirm_text=ConfirmText.NEVER,
            hints_md=str(raw.get("hints") or ""),
        )
    except CriteriaError as error:
        raise CriteriaFileError(f"{path}: {error}") from None
    except ValueError:
        raise CriteriaFileError(
            f"{path}: language is de or en, form_of_address is du or sie, grade_level is 1 to 13."
        ) from None


def _grade(raw: object) -> int | None:
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= 13:
        raise ValueError("grade_level")
    return raw
