"""What can go wrong with one submission; every leaf answers "retry?" and carries a stable code."""

from enum import StrEnum

from learning_worker.domain.submission import Phase

DETAIL_LIMIT = 1024


class ErrorCode(StrEnum):
    """Final codes of `learning_submissions.error_code`."""

    VISION_FAILED = "vision_failed"
    FEEDBACK_FAILED = "feedback_failed"
    INPUT_CORRUPT = "input_corrupt"
    INPUT_UNSUPPORTED = "input_unsupported"
    INPUT_TOO_LARGE = "input_too_large"
    INPUT_UNREADABLE = "input_unreadable"
    WORKER_CRASHED = "worker_crashed"
    CANCELLED = "cancelled"


class Fault(StrEnum):
    """Causes kept in `vision_last_error` and `feedback_last_error`; codes only, never a foreign message."""

    TIMEOUT = "timeout"
    MODEL_UNREACHABLE = "model_unreachable"
    MODEL_BUSY = "model_busy"
    MODEL_TIMEOUT = "model_timeout"
    MODEL_MISSING = "model_missing"
    MODEL_BLIND = "model_blind"
    MODEL_REFUSED = "model_refused"
    ANSWER_INVALID = "answer_invalid"
    PROMPT_TOO_LONG = "prompt_too_long"
    REQUEST_REFUSED = "request_refused"
    READER_CRASHED = "reader_crashed"
    DECODER_CRASHED = "decoder_crashed"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    STORAGE_FULL = "storage_full"
    STORAGE_DENIED = "storage_denied"
    FILE_MISSING = "file_missing"
    FILE_CHANGED = "file_changed"
    REPORT_INVALID = "report_invalid"
    PHOTO_BLURRED = "photo_blurred"
    PHOTO_DARK = "photo_dark"
    PHOTO_TOO_SMALL = "photo_too_small"
    PAGE_BLANK = "page_blank"
    UNEXPECTED = "unexpected"


class LeaseLost(Exception):
    """Another worker holds the job by now, or nobody; nothing was written."""


class AnalysisError(Exception):
    """Base of everything an adapter or store may raise; `code` goes into the error column."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code: str = str(code)[:DETAIL_LIMIT]


class TransientError(AnalysisError):
    """Worth another run later. `retry_after_s`: seconds the other side asked us to wait, if it did."""

    def __init__(self, code: Fault, *, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s


class PermanentError(AnalysisError):
    """Another run would end the same way, through no fault of the file."""

    def __init__(self, code: Fault) -> None:
        super().__init__(code)


class InputError(AnalysisError):
    """The file itself is the reason; `final` ends the submission and has a sentence for the pupil.

    flaw: what exactly is wrong with a photo, where that is known; it is then the `code`, with a sentence of its own.
    """

    def __init__(self, final: ErrorCode, flaw: Fault | None = None) -> None:
        super().__init__(flaw or final)
        self.final = final


def final_code(error: AnalysisError, phase: Phase) -> ErrorCode:
    """The code a submission ends with when this error closes it."""
    if isinstance(error, InputError):
        return error.final
    return ErrorCode.VISION_FAILED if phase is Phase.VISION else ErrorCode.FEEDBACK_FAILED
