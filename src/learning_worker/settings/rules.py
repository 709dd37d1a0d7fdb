"""What settings must not say together."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

from learning_worker.domain.model_server import host_and_port, is_allowed, is_loopback
from learning_worker.domain.object_server import endpoint_of
from learning_worker.domain.sentences import Sentence
from learning_worker.settings.choices import Environment, FeedbackChoice, VisionChoice

if TYPE_CHECKING:
    from learning_worker.settings.model import Settings


def general_problems(settings: Settings) -> list[Sentence]:
    """One sentence per contradiction that concerns every command; none repeats a value."""
    problems = []
    # An empty variable counts as unset elsewhere; here that would turn a production host with a typo into "dev".
    if os.environ.get("GUSTAV_ENV") == "":
        problems.append(
            Sentence(
                f"GUSTAV_ENV is empty; allowed is {names(Environment)}, or leave it unset for dev.",
                f"GUSTAV_ENV ist leer; erlaubt ist {names(Environment)}, oder nicht setzen für dev.",
            )
        )
    if settings.learning_allow_unsafe_login and settings.gustav_env is not Environment.DEV:
        problems.append(
            Sentence(
                "LEARNING_ALLOW_UNSAFE_LOGIN is refused: it is for GUSTAV_ENV=dev only.",
                "LEARNING_ALLOW_UNSAFE_LOGIN wird abgelehnt: Es ist nur für GUSTAV_ENV=dev da.",
            )
        )
    if settings.worker_vision_concurrency == settings.worker_feedback_concurrency == 0:
        problems.append(
            Sentence(
                "WORKER_VISION_CONCURRENCY and WORKER_FEEDBACK_CONCURRENCY are both 0; one must be higher.",
                "WORKER_VISION_CONCURRENCY und WORKER_FEEDBACK_CONCURRENCY sind beide 0; eines muss höher sein.",
            )
        )
    if not is_allowed(*host_and_port(settings.ollama_base_url), settings.ollama_allowed_hosts):
        problems.append(
            Sentence(
                "OLLAMA_BASE_URL names a host that is not allowed; add its host:port to OLLAMA_ALLOWED_HOSTS.",
                "OLLAMA_BASE_URL nennt einen Host, der nicht erlaubt ist; host:port in OLLAMA_ALLOWED_HOSTS aufnehmen.",
            )
        )
    if settings.storage_bucket is not None:
        needed = ("storage_endpoint", "storage_access_key_id", "storage_secret_access_key")
        problems += [
            Sentence(
                f"{name.upper()} is not set; STORAGE_BUCKET needs it.",
                f"{name.upper()} ist nicht gesetzt; STORAGE_BUCKET braucht es.",
            )
            for name in needed
            if getattr(settings, name) is None
        ]
    return problems


def ai_problems(settings: Settings) -> list[Sentence]:
    """The same for commands that start an adapter."""
    problems = []
    if settings.gustav_env in {Environment.STAGE, Environment.PROD}:
        choices: dict[str, StrEnum | None] = {
            "AI_BACKEND": settings.ai_backend,
            "LEARNING_VISION_ADAPTER": settings.learning_vision_adapter,
            "LEARNING_FEEDBACK_ADAPTER": settings.learning_feedback_adapter,
        }
        problems += [
            Sentence(
                f"{name}=stub is refused where GUSTAV_ENV is stage or prod: pupils would get a demo text.",
                f"{name}=stub wird bei GUSTAV_ENV=stage und prod abgelehnt: Kinder bekämen einen Demotext.",
            )
            for name, choice in choices.items()
            if choice == "stub"
        ]
    if settings.vision_adapter is VisionChoice.LOCAL and not settings.ai_vision_model:
        problems.append(
            Sentence(
                "AI_VISION_MODEL is not set; reading with the model server needs it.",
                "AI_VISION_MODEL ist nicht gesetzt; das Lesen mit dem Modellserver braucht es.",
            )
        )
    if settings.feedback_adapter is FeedbackChoice.LOCAL and not settings.ai_feedback_model:
        problems.append(
            Sentence(
                "AI_FEEDBACK_MODEL is not set; assessing with the model server needs it.",
                "AI_FEEDBACK_MODEL ist nicht gesetzt; das Bewerten mit dem Modellserver braucht es.",
            )
        )
    return problems


def files_leave_the_machine(settings: Settings) -> str | None:
    """The host that handed-in files are kept on, or None when they stay on this machine."""
    if settings.storage_bucket is None or settings.storage_endpoint is None:
        return None
    _, host = endpoint_of(settings.storage_endpoint)
    return None if is_loopback(host) else host


def leaves_the_machine(settings: Settings) -> str | None:
    """`host:port` of the model server that pupils' texts are sent to, or None when none leave this machine."""
    asks_a_model = (
        settings.vision_adapter is VisionChoice.LOCAL or settings.feedback_adapter is FeedbackChoice.LOCAL
    )
    host, port = host_and_port(settings.ollama_base_url)
    return f"{host}:{port}" if asks_a_model and not is_loopback(host) else None


def names(kind: type[StrEnum]) -> str:
    """The members of a closed set, for a sentence."""
    return ", ".join(member.value for member in kind)
