"""Who reads and who assesses, and the model server behind them. What only a model needs is imported where it is built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, assert_never

from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.stub import StubFeedback
from learning_worker.db.health import Check
from learning_worker.domain.errors import AnalysisError, Fault, PermanentError
from learning_worker.domain.person_reads import DEFAULT_PHRASES, PhraseList, phrase_list
from learning_worker.domain.sentences import Sentence
from learning_worker.domain.submission import Phase
from learning_worker.observability.logs import logger
from learning_worker.ports import FeedbackAdapter, VisionAdapter
from learning_worker.settings import FeedbackChoice, Settings, SettingsError, VisionChoice

if TYPE_CHECKING:
    from learning_worker.adapters.asking import Program
    from learning_worker.adapters.ollama import OllamaClient

MODEL_SERVER_S = 4.0
# A second or two of processor time even on a slow machine; the page's own deadline holds many times as much.
UPRIGHT_S = 30.0
PHRASES_FILE = "person_reads.txt"
NO_STUB = Sentence(
    "LEARNING_VISION_ADAPTER=stub is for tests only; set ocr or local.",
    "LEARNING_VISION_ADAPTER=stub ist nur für Tests; ocr oder local setzen.",
)
log = logger(__name__)


def vision_adapter(settings: Settings) -> VisionAdapter:
    """Who reads pictures of pages. Raises SettingsError for the stub, which exists in tests only."""
    match settings.vision_adapter:
        case VisionChoice.OCR:
            return OcrVision(page_timeout_s=settings.ai_call_timeout)
        case VisionChoice.LOCAL:
            from learning_worker.adapters.local_vision import LocalVision, VisionTerms
            from learning_worker.adapters.upright import UprightVision

            # Settings.load() has refused a local adapter without a model.
            terms = VisionTerms(settings.ai_vision_model or "", page_s=settings.ai_call_timeout)
            return UprightVision(
                LocalVision(ollama_client(settings), terms), OcrVision(page_timeout_s=UPRIGHT_S)
            )
        case VisionChoice.STUB:
            raise SettingsError([NO_STUB])
        case _:
            assert_never(settings.vision_adapter)


def feedback_adapter(settings: Settings) -> FeedbackAdapter:
    """Who assesses texts."""
    if settings.feedback_adapter is FeedbackChoice.STUB:
        return StubFeedback()
    from learning_worker.adapters.asking import ModelTerms
    from learning_worker.adapters.local_feedback import LocalFeedback

    terms = ModelTerms(
        # Settings.load() has refused a local adapter without a model.
        model=settings.ai_feedback_model or "",
        phase_s=settings.ai_timeout_feedback,
        call_s=settings.ai_call_timeout,
        num_ctx=settings.ai_context_tokens,
        num_predict=settings.ai_answer_tokens,
    )
    return LocalFeedback(ollama_client(settings), terms, dspy_program())


def ollama_client(settings: Settings) -> OllamaClient:
    """The client of the model server."""
    from learning_worker.adapters.ollama import OllamaClient, OllamaConfig

    return OllamaClient(OllamaConfig(settings.ollama_base_url, settings.ollama_allowed_hosts))


def dspy_program() -> Program | None:
    """The program that asks first, or None where DSPy cannot be imported: then fixed prompts do all the work."""
    try:
        # Here, not above: importing DSPy takes seconds, and only a worker with a model needs it.
        from learning_worker.adapters.dspy_program import DspyProgram
    except ImportError as error:
        log.warning("dspy_missing", exc_info=error)
        return None
    return DspyProgram()


def person_reads(settings: Settings) -> PhraseList:
    """What makes a person read an answer: `person_reads.txt` in the data directory, else the list of this version.

    Raises SettingsError when the file is there and cannot be used.
    """
    path = settings.learning_data_dir / PHRASES_FILE
    try:
        return phrase_list(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return DEFAULT_PHRASES
    except (OSError, ValueError) as error:
        problem = Sentence(
            f"{PHRASES_FILE} in LEARNING_DATA_DIR cannot be used.",
            f"{PHRASES_FILE} in LEARNING_DATA_DIR lässt sich nicht verwenden.",
        )
        raise SettingsError([problem]) from error


def model_servers(settings: Settings) -> dict[Phase, str]:
    """The model server behind each phase that asks one; they share a breaker when they share a server."""
    servers = {}
    if settings.vision_adapter is VisionChoice.LOCAL:
        servers[Phase.VISION] = settings.ollama_base_url
    if settings.feedback_adapter is FeedbackChoice.LOCAL:
        servers[Phase.FEEDBACK] = settings.ollama_base_url
    return servers


async def refuse_blind(client: OllamaClient, model: str) -> None:
    """Raise PermanentError(MODEL_BLIND) when the server says that the model takes no images."""
    capabilities = (await client.card(model)).capabilities
    if capabilities and "vision" not in capabilities:
        raise PermanentError(Fault.MODEL_BLIND)


async def model_server_check(
    settings: Settings, known: Callable[[Sequence[tuple[str, str]]], str] | None = None
) -> Check:
    """Whether the model server answers and has the models that these settings ask; well when they ask none.

    known: says of (model, digest) what the models can do, which only informs.
    """
    asked = {Phase.VISION: settings.ai_vision_model, Phase.FEEDBACK: settings.ai_feedback_model}
    models = {asked[phase] or "" for phase in model_servers(settings)}
    if not models:
        return Check("model_server", "ok", "not used")
    client = ollama_client(settings)
    try:
        # One deadline for all: a page of health must not wait for a server that hangs.
        async with asyncio.timeout(MODEL_SERVER_S):
            digests = [(model, await client.digest(model)) for model in sorted(models)]
            if Phase.VISION in model_servers(settings):
                await refuse_blind(client, settings.ai_vision_model or "")
    except (AnalysisError, TimeoutError) as error:
        return Check("model_server", "failed", error.code if isinstance(error, AnalysisError) else "timeout")
    finally:
        await client.aclose()
    abilities = f" {known(digests)}" if known else ""
    return Check("model_server", "ok", f"models={len(models)}{abilities}")
