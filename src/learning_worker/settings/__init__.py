"""The only reader of the environment."""

from learning_worker.settings.choices import (
    Backend,
    DatabaseUse,
    Environment,
    FeedbackChoice,
    LogLevel,
    SettingsError,
    VisionChoice,
)
from learning_worker.settings.model import Settings, allowed, child_environment, spoken_language
from learning_worker.settings.rules import files_leave_the_machine, leaves_the_machine

__all__ = [
    "Backend",
    "DatabaseUse",
    "Environment",
    "FeedbackChoice",
    "LogLevel",
    "Settings",
    "SettingsError",
    "VisionChoice",
    "allowed",
    "child_environment",
    "files_leave_the_machine",
    "leaves_the_machine",
    "spoken_language",
]
