"""What the doctor finds out about the model server and its models."""

from learning_worker import wiring
from learning_worker.adapters.capability import Prober
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig, full_name
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.launch.findings import Finding, Status, finding
from learning_worker.settings import Settings, VisionChoice
from learning_worker.wiring.probing import asked_models


async def model_server(settings: Settings, *, is_quick: bool) -> list[Finding]:
    """Whether the server answers, has the models, and what these can do; is_quick: no model is asked anything."""
    if not asked_models(settings):
        return [finding("model_server", Status.SKIPPED, "model_server_unused")]
    client = OllamaClient(OllamaConfig(settings.ollama_base_url, settings.ollama_allowed_hosts))
    try:
        version = await client.version()
        findings = [finding("model_server", Status.OK, "model_server_ok", version=version)]
        for model in asked_models(settings):
            findings += await _model(client, settings, model, is_quick=is_quick)
    except AnalysisError as error:
        return [finding("model_server", Status.FAILED, "model_server_down", code=error.code)]
    finally:
        await client.aclose()
    return findings


async def _model(client: OllamaClient, settings: Settings, model: str, *, is_quick: bool) -> list[Finding]:
    try:
        await client.digest(model)
    except AnalysisError as error:
        if error.code != Fault.MODEL_MISSING:
            raise
        return [finding("models", Status.FAILED, "model_missing", model=model)]
    findings = []
    if settings.vision_adapter is VisionChoice.LOCAL and model == settings.ai_vision_model:
        findings.append(await _sight(client, model))
    if not is_quick:
        findings.append(await _form(client, model))
    # Last: the question before has brought the model into memory.
    return [*findings, await _place(client, model)]


async def _sight(client: OllamaClient, model: str) -> Finding:
    """Whether the model that is to read takes images."""
    try:
        await wiring.refuse_blind(client, model)
    except AnalysisError as error:
        if error.code != Fault.MODEL_BLIND:
            raise
        return finding("models", Status.FAILED, "model_blind", model=model)
    return finding("models", Status.OK, "model_sees", model=model)


async def _form(client: OllamaClient, model: str) -> Finding:
    """Whether the model keeps to a form, by one short question."""
    try:
        found = await Prober(client).probe(model)
    except AnalysisError as error:
        return finding("models", Status.WARNING, "model_not_probed", model=model, code=error.code)
    context = found.context_tokens or "?"
    if not found.enforces_schema:
        return finding("models", Status.WARNING, "model_ignores_form", model=model, context=context)
    return finding("models", Status.OK, "model_keeps_form", model=model, context=context)


async def _place(client: OllamaClient, model: str) -> Finding:
    """Where the model that is in memory lies."""
    loaded = [found for found in await client.loaded() if full_name(found.name) == full_name(model)]
    if not loaded:
        return finding("models", Status.OK, "model_ready", model=model)
    on_card, whole = loaded[0].vram_bytes, loaded[0].size_bytes
    if on_card == 0:
        return finding("models", Status.WARNING, "model_on_cpu", model=model)
    if whole is not None and on_card < whole:
        percent = 100 - 100 * on_card // whole
        return finding("models", Status.WARNING, "model_partly_on_cpu", model=model, percent=percent)
    return finding("models", Status.OK, "model_on_gpu", model=model)
