"""What the models can do, asked once per digest: for the worker's log, the health page and the doctor. It informs only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from learning_worker.domain.errors import AnalysisError
from learning_worker.observability.logs import logger
from learning_worker.settings import FeedbackChoice, Settings, VisionChoice
from learning_worker.wiring.ai import ollama_client

if TYPE_CHECKING:
    from learning_worker.adapters.capability import Capability

log = logger(__name__)


def asked_models(settings: Settings) -> tuple[str, ...]:
    """The models that these settings ask, each once."""
    asked = (
        settings.ai_vision_model if settings.vision_adapter is VisionChoice.LOCAL else None,
        settings.ai_feedback_model if settings.feedback_adapter is FeedbackChoice.LOCAL else None,
    )
    return tuple(dict.fromkeys(model for model in asked if model))


async def probed(settings: Settings, model: str) -> Capability:
    """What a model can do; one short call of it. Raises TransientError or PermanentError."""
    from learning_worker.adapters.capability import Prober

    client = ollama_client(settings)
    try:
        return await Prober(client).probe(model)
    finally:
        await client.aclose()


async def log_capabilities(settings: Settings) -> None:
    """One line per model. A server that is not there yet is no reason to wait, and stops nothing."""
    for model in asked_models(settings):
        try:
            found = await probed(settings, model)
        except AnalysisError as error:
            log.info("model_not_probed", model=model, code=error.code)
        else:
            log.info("model_probed", model=model, code=found.code)


class Probes:
    """Capabilities by digest, found out in the background: a page of health does not wait for a model to be loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, str] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def codes(self, models: Sequence[tuple[str, str]]) -> str:
        """What is known of these (model, digest) by now; asks for what is not."""
        for model, digest in models:
            if digest not in self._known and digest not in self._running:
                self._running[digest] = asyncio.create_task(self._ask(model, digest))
        return " ".join(self._known.get(digest, "probing") for _, digest in models)

    async def aclose(self) -> None:
        """Stop asking."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _ask(self, model: str, digest: str) -> None:
        try:
            found = await probed(self._settings, model)
            self._known[digest] = found.code
        except AnalysisError:
            # The next page of health asks again.
            pass
        finally:
            self._running.pop(digest, None)
