"""`--ai`: a model server that runs already, and one of its models. Without the option nothing of this happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning_worker import wiring
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.domain.model_server import host_and_port
from learning_worker.domain.sentences import Sentence
from learning_worker.launch.oneshot import LaunchError
from learning_worker.settings import FeedbackChoice, Settings, spoken_language

if TYPE_CHECKING:
    from learning_worker.adapters.ollama import OllamaClient

# Where Ollama listens on a machine of one's own; the default of OLLAMA_BASE_URL is its name among containers.
LOCAL_SERVER = "http://127.0.0.1:11434"
_AWAY = frozenset({Fault.MODEL_UNREACHABLE, Fault.MODEL_BUSY, Fault.TIMEOUT})


@dataclass(frozen=True)
class LocalAi:
    """The settings with server and model filled in, and the same for processes that are started."""

    settings: Settings
    environment: Mapping[str, str]


def without_ai(settings: Settings) -> LocalAi:
    """The settings as they are."""
    return LocalAi(settings, {})


def local_ai(settings: Settings, say: Callable[[str], None]) -> LocalAi:
    """Settings that let a running model server assess; says which model.

    Takes OLLAMA_BASE_URL, else this machine; AI_FEEDBACK_MODEL, else the first model of the server that can answer.
    Raises LaunchError with one sentence that holds the cure.
    """
    if "ollama_base_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"ollama_base_url": LOCAL_SERVER})
    url = settings.ollama_base_url
    model, others = asyncio.run(_chosen(settings))
    choice = f" (others there: {', '.join(others)}; AI_FEEDBACK_MODEL chooses)" if others else ""
    host, port = host_and_port(url)
    say(f"Feedback comes from the model {model} on {host}:{port}{choice}.")
    chosen = {
        "learning_feedback_adapter": FeedbackChoice.LOCAL,
        "ollama_base_url": url,
        "ai_feedback_model": model,
    }
    environment = {name.upper(): str(value) for name, value in chosen.items()}
    return LocalAi(settings.model_copy(update=chosen), environment)


async def _chosen(settings: Settings) -> tuple[str, list[str]]:
    """The model to ask, and what else could be asked where nobody chose."""
    url, wanted = settings.ollama_base_url, settings.ai_feedback_model
    client = wiring.ollama_client(settings)
    try:
        if wanted is not None:
            await client.digest(wanted)
            return wanted, []
        usable = [name for name in await client.names() if await _can_answer(client, name)]
    except AnalysisError as error:
        raise LaunchError(_sentence(error.code, url, wanted).said(spoken_language())) from error
    finally:
        await client.aclose()
    if not usable:
        raise LaunchError(
            Sentence(
                f"The model server at {url} has no model of its own that can answer; get one with `ollama pull <model>`, or "
                "name one in AI_FEEDBACK_MODEL.",
                f"Der Modellserver auf {url} hat kein eigenes Modell, das antworten kann; mit `ollama pull <Modell>` eines "
                "holen, oder eines in AI_FEEDBACK_MODEL nennen.",
            ).said(spoken_language())
        )
    return usable[0], usable[1:]


async def _can_answer(client: OllamaClient, model: str) -> bool:
    """Whether the server says so; older servers do not say, then anything but a model for embeddings."""
    capabilities = (await client.card(model)).capabilities
    return "completion" in capabilities if capabilities else "embed" not in model


def _sentence(code: str, url: str, wanted: str | None) -> Sentence:
    if code == Fault.MODEL_MISSING and wanted is not None:
        return Sentence(
            f"The model server at {url} does not have the model {wanted}; get it with `ollama pull {wanted}`, or unset "
            "AI_FEEDBACK_MODEL to take one that is there.",
            f"Der Modellserver auf {url} hat das Modell {wanted} nicht; mit `ollama pull {wanted}` holen, oder "
            "AI_FEEDBACK_MODEL weglassen, dann wird ein vorhandenes genommen.",
        )
    if code in _AWAY:
        return Sentence(
            f"No model server answers at {url}; start one with `ollama serve`, or set OLLAMA_BASE_URL to where one runs, "
            "or leave out --ai.",
            f"Auf {url} antwortet kein Modellserver; mit `ollama serve` einen starten, oder in OLLAMA_BASE_URL nennen, "
            "wo einer läuft, oder --ai weglassen.",
        )
    return Sentence(
        f"What answers at {url} does not speak Ollama's protocol; set OLLAMA_BASE_URL to a server that does.",
        f"Was auf {url} antwortet, spricht nicht das Protokoll von Ollama; OLLAMA_BASE_URL auf einen solchen Server setzen.",
    )
