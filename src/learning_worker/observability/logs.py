"""JSON log lines: one constant event, keys from an allow-list, values that cannot hold a sentence."""

import logging
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from json import JSONEncoder
from types import TracebackType
from typing import Any, Protocol, TextIO
from uuid import UUID

import structlog

# Ids, codes, counts, durations. A key that could carry a pupil's words, a name, a path or a DSN has no place here.
ALLOWED_KEYS = frozenset(
    {
        *("job_id", "submission_id", "report_id", "course_id", "task_id", "worker_id", "request_id", "pid"),
        *(
            "phase",
            "lane",
            "status",
            "outcome",
            "code",
            "error_code",
            "fault",
            "reason",
            "sqlstate",
            "constraint",
        ),
        *("check", "role", "schema", "source", "adapter", "model", "language", "version", "environment"),
        *(
            "retry_count",
            "attempt",
            "attempts",
            "crash_count",
            "interruption_count",
            "count",
            "applied",
            "lost",
        ),
        *(
            "queued",
            "leased",
            "failed",
            "expired",
            "released",
            "slots",
            "batch",
            "pages",
            "files",
            "criteria",
        ),
        *("scored", "unscored", "chars", "bytes", "tokens_in", "tokens_out", "calls", "exit_code", "signal"),
        *(
            "wait_s",
            "waited_s",
            "duration_s",
            "vision_s",
            "feedback_s",
            "total_s",
            "timeout_s",
            "age_s",
            "overdue_s",
        ),
        *(
            "endpoint",
            "host",
            "port",
            "method",
            "route",
            "http_status",
            "backend",
            "migration",
            "applied_count",
        ),
        *("error_class", "where", "module"),
    }
)
MAX_TEXT = 200
_MAX_FRAMES = 8
# No white space: a word of code or an id fits, a sentence does not.
_TEXT = re.compile(r"[A-Za-z0-9_.:/@+<>{}\[\],=-]*")
_EVENT = re.compile(r"[a-z][a-z0-9_]{1,59}")
_JSON = JSONEncoder(separators=(",", ":"))
_DROPPED = "[dropped]"
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "exception": 40, "critical": 50}

EventDict = dict[str, Any]
ErrorTriple = tuple[type[BaseException], BaseException, TracebackType | None]


class LogRefused(Exception):
    """A log call broke the rules; raised only when logging is strict, which is how the tests run."""


class Logger(Protocol):
    """What modules call: a constant event, then keys of ALLOWED_KEYS. `exc_info=error` adds class and positions."""

    def bind(self, **keys: object) -> "Logger": ...
    def debug(self, event: str, **keys: object) -> object: ...
    def info(self, event: str, **keys: object) -> object: ...
    def warning(self, event: str, **keys: object) -> object: ...
    def error(self, event: str, **keys: object) -> object: ...
    def exception(self, event: str, **keys: object) -> object: ...


@dataclass
class _Rules:
    strict: bool = False
    level: int = logging.INFO
    stream: TextIO | None = None


_rules = _Rules()


def logger(name: str) -> Logger:
    """The log of one module: `log = logger(__name__)`."""
    # Bound once: a proxy would bind itself anew for each line.
    log: Logger = structlog.get_logger(module=name).bind()
    return log


def configure(*, level: str = "info", strict: bool = False, stream: TextIO | None = None) -> None:
    """Send everything through the allow-list: our lines, other libraries' records, warnings, uncaught exceptions.

    strict: an unknown key, a wrong value or a changing event raises LogRefused; otherwise it is dropped.
    stream: default is standard error, looked up at each line. Affects the whole process; call it once, at the start.
    """
    _rules.level, _rules.strict, _rules.stream = _LEVELS[level], strict, stream
    root = logging.getLogger()
    root.handlers[:] = [_ForeignRecords()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda hook: _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)
    sys.unraisablehook = lambda hook: _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)


def described(error: BaseException) -> dict[str, str]:
    """`error_class` and `where` (module:line:function, innermost last), and the SQLSTATE of a database error.

    Never `str(error)`: the messages of parsers, HTTP clients and databases repeat what they were given.
    """
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 5:
        chain.append(cause)
    names = (f"{type(one).__module__}.{type(one).__qualname__}" for one in chain)
    keys = {"error_class": "<".join(names)[:MAX_TEXT]}
    if places := _positions(error.__traceback__):
        keys["where"] = ",".join(places)[-MAX_TEXT:]
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        keys["sqlstate"] = sqlstate
    return keys


def _positions(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        # The module's name, not its file: a path holds the name of an account.
        module = str(traceback.tb_frame.f_globals.get("__name__", "?"))
        places.append(f"{module}:{traceback.tb_lineno}:{traceback.tb_frame.f_code.co_name}")
        traceback = traceback.tb_next
    return places[-_MAX_FRAMES:]


def _at_least_level(_: object, method: str, event: EventDict) -> EventDict:
    if _LEVELS.get(method, 50) < _rules.level:
        raise structlog.DropEvent
    event["level"] = {"warn": "warning", "exception": "error"}.get(method, method)
    return event


def _describe_error(_: object, method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", method == "exception")
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        error = given[1]
    return event if error is None else {**event, **described(error)}


def _keep_allowed(_: object, __: str, event: EventDict) -> EventDict:
    name, level = event.pop("event", ""), event.pop("level", "error")
    if not (isinstance(name, str) and _EVENT.fullmatch(name)):
        _refuse("the event is not a constant word")
        name = "event_dropped"
    line: EventDict = {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": name,
    }
    for key, value in event.items():
        if key in ALLOWED_KEYS:
            line[key] = _plain(key, value)
        else:
            _refuse(f"the key {key!r} is not on the allow-list")
    return line


def _plain(key: str, value: object) -> str | int | float | bool | None:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3) if abs(value) < 1e15 else _DROPPED
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and len(value) <= MAX_TEXT and _TEXT.fullmatch(value):
        return value
    _refuse(f"the value of {key!r} is not an id, a code or a number")
    return _DROPPED


def _refuse(reason: str) -> None:
    if _rules.strict:
        raise LogRefused(reason)


def _as_json(_: object, __: str, event: EventDict) -> str:
    return _JSON.encode(event)


class _ForeignRecords(logging.Handler):
    """Other libraries' records without their words: their messages quote URLs, input and connection strings."""

    def emit(self, record: logging.LogRecord) -> None:
        name = record.name if _TEXT.fullmatch(record.name) else _DROPPED
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        method = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(logger(name[:MAX_TEXT]), method)("foreign_record", exc_info=error)


def _uncaught(_: object, error: BaseException | None, __: TracebackType | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        logger(__name__).error("uncaught_exception", exc_info=error)


class _Lines:
    """Writes finished lines; where to is looked up at each line."""

    def msg(self, line: str) -> None:
        stream = _rules.stream or sys.stderr
        # In one piece: threads write, too.
        stream.write(f"{line}\n")
        stream.flush()

    debug = info = warning = error = exception = msg


_CHAIN: list[Callable[..., Any]] = [
    structlog.contextvars.merge_contextvars,
    _at_least_level,
    _describe_error,
    _keep_allowed,
    _as_json,
]
# At import, so that no line is ever written by structlog's own defaults, which print whatever they are given.
structlog.configure(processors=_CHAIN, logger_factory=lambda *_: _Lines(), cache_logger_on_first_use=False)
