"""The closed sets that settings choose from, and the error that says what is wrong with them."""

from collections.abc import Sequence
from enum import StrEnum

from learning_worker.domain.sentences import Sentence


class SettingsError(Exception):
    """The settings do not hold together. `problems`: one sentence each, without any value that was given."""

    def __init__(self, problems: Sequence[Sentence]) -> None:
        super().__init__("\n".join(problem.english for problem in problems))
        self.problems = tuple(problems)

    def said(self, language: str) -> str:
        """All problems in one language, one a line."""
        return "\n".join(problem.said(language) for problem in self.problems)


class Environment(StrEnum):
    """What this deployment is for."""

    DEMO = "demo"
    DEV = "dev"
    TEST = "test"
    STAGE = "stage"
    PROD = "prod"


class Backend(StrEnum):
    """Which family of adapters answers."""

    STUB = "stub"
    LOCAL = "local"


class VisionChoice(StrEnum):
    """Who reads pictures of pages."""

    OCR = "ocr"
    STUB = "stub"
    LOCAL = "local"


class FeedbackChoice(StrEnum):
    """Who assesses texts."""

    STUB = "stub"
    LOCAL = "local"


class LogLevel(StrEnum):
    """The least important level that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class DatabaseUse(StrEnum):
    """What a connection is for; the value is the setting that names it."""

    WORKER = "LEARNING_DATABASE_URL"
    WEB = "DATABASE_URL"
    SESSIONS = "SESSION_DATABASE_URL"
    OPERATOR = "OPERATOR_DATABASE_URL"
    MIGRATION = "MIGRATION_DATABASE_URL"
