"""What the doctor finds out about the model server and its models."""

from learning_worker import wiring
from learning_worker.adapters.capability import Prober
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.launch.findings import Finding, Status, finding
from learning_worker.settings import FeedbackChoice, Settings, VisionChoice
from learning_worker.wiring.probing import asked_models


async def model_server(settings: Settings, *, is_quick: bool) -> list[Finding]:
    """Whether the server answers, has the models, and what these can do; is_quick: no model is asked anything."""
    if not asked_models(settings):
        return [finding("model_server", Status.SKIPPED, "model_server_unused")]
    client = OllamaClient(OllamaConfig(settings.ollama_base_url, settings.ollama_allowed_hosts))
    try:
        version = await client.version()
        findings = [finding("model_server", Status.OK, "model_server_ok", version=version)]
        findings += [await _model(client, model) for model in asked_models(settings)]
        if settings.vision_adapter is VisionChoice.LOCAL:
            findings += await _sight(client, settings.ai_vision_model or "")
        if not is_quick and settings.feedback_adapter is FeedbackChoice.LOCAL:
            findings += await _form(client, settings.ai_feedback_model or "")
    except AnalysisError as error:
        return [finding("model_server", Status.FAILED, "model_server_down", code=error.code)]
    finally:
        await client.aclose()
    return findings


async def _model(client: OllamaClient, model: str) -> Finding:
    try:
        await client.digest(model)
    except AnalysisError as error:
        if error.code != "model_missing":
            raise
        return finding("models", Status.FAILED, "model_missing", model=model)
    loaded = [found for found in await client.loaded() if found.name in (model, f"{model}:latest")]
    if not loaded:
        return finding("models", Status.OK, "model_ready", model=model)
    if loaded[0].vram_bytes == 0:
        return finding("models", Status.WARNING, "model_on_cpu", model=model)
    return finding("models", Status.OK, "model_on_gpu", model=model)


async def _sight(client: OllamaClient, model: str) -> list[Finding]:
    """Whether the model that is to read takes images; nothing about a model that is not there."""
    try:
        await wiring.refuse_blind(client, model)
    except AnalysisError as error:
        if error.code == Fault.MODEL_MISSING:
            return []
        if error.code != Fault.MODEL_BLIND:
            raise
        return [finding("models", Status.FAILED, "model_blind", model=model)]
    return [finding("models", Status.OK, "model_sees", model=model)]


async def _form(client: OllamaClient, model: str) -> list[Finding]:
    """Whether the model that assesses keeps to a form, by one short question; nothing about a model that is not there."""
    try:
        found = await Prober(client).probe(model)
    except AnalysisError as error:
        if error.code == Fault.MODEL_MISSING:
            return []
        return [finding("models", Status.WARNING, "model_not_probed", model=model, code=error.code)]
    context = found.context_tokens or "?"
    if not found.enforces_schema:
        return [finding("models", Status.WARNING, "model_ignores_form", model=model, context=context)]
    return [finding("models", Status.OK, "model_keeps_form", model=model, context=context)]
