"""Log lines: only allowed keys and plain values get out; a pupil's words never do."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog

from learning_worker.domain.submission import Phase
from learning_worker.observability import logs

CANARY = "canary 7d20 Kim Beispiel"
ID = UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield io.StringIO()
    root.handlers[:], sys.excepthook, threading.excepthook, sys.unraisablehook = before[0], *before[2:]
    root.setLevel(before[1])
    logging.captureWarnings(False)
    logs._rules.strict, logs._rules.level, logs._rules.stream = False, logging.INFO, None


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail_on_purpose() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        raise RuntimeError(CANARY) from error


def test_a_line_is_json_with_its_keys(stream):
    logs.configure(stream=stream)

    logs.logger("x.y").info("job_done", job_id=ID, phase=Phase.VISION, wait_s=1.23456, count=3, code=None)

    (line,) = lines(stream)
    assert line.pop("ts", "")
    assert line == {
        "level": "info", "event": "job_done", "module": "x.y", "job_id": str(ID), "phase": "vision",
        "wait_s": 1.235, "count": 3, "code": None,
    }  # fmt: skip


def test_in_production_what_is_not_allowed_is_dropped_and_the_line_stays(stream):
    logs.configure(stream=stream)

    logs.logger("x").error(CANARY, text_body=CANARY, code=CANARY, status="a" * 201, model=[CANARY], job_id=ID)

    (line,) = lines(stream)
    assert (line["event"], line["job_id"]) == ("event_dropped", str(ID))
    assert (line["code"], line["status"], line["model"]) == ("[dropped]", "[dropped]", "[dropped]")
    assert "text_body" not in line
    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        ("ok_event", {"text_body": "x"}),
        ("ok_event", {"code": CANARY}),
        ("Not constant", {}),
        ("ok", {"code": {}}),
    ],
)
def test_strict_logging_refuses_what_production_drops(stream, event, keys):
    logs.configure(stream=stream, strict=True)

    with pytest.raises(logs.LogRefused) as refused:
        logs.logger("x").info(event, **keys)

    assert CANARY not in str(refused.value)


def test_an_exception_is_logged_by_class_and_place_only(stream):
    logs.configure(stream=stream, strict=True)

    try:
        fail_on_purpose()
    except RuntimeError:
        logs.logger("x").exception("it_failed")

    (line,) = lines(stream)
    assert line["error_class"] == "builtins.RuntimeError<builtins.ValueError"
    assert str(line["where"]).endswith(":fail_on_purpose")
    assert "canary" not in stream.getvalue()


def test_a_database_error_keeps_its_sqlstate(stream):
    error = RuntimeError(CANARY)
    error.sqlstate = "LW001"  # type: ignore[attr-defined]

    assert logs.described(error)["sqlstate"] == "LW001"


def test_other_libraries_lose_their_message_and_keep_name_level_and_class(stream):
    logs.configure(stream=stream, strict=True)

    try:
        fail_on_purpose()
    except RuntimeError:
        logging.getLogger("psycopg.pool").exception("connecting to %s failed", CANARY)
    logging.getLogger("httpx").info(CANARY)
    logging.getLogger(CANARY).warning(CANARY)

    first, second = lines(stream)
    assert (first["event"], first["module"], first["level"]) == ("foreign_record", "psycopg.pool", "error")
    assert first["error_class"] == "builtins.RuntimeError<builtins.ValueError"
    assert second["module"] == "[dropped]"
    assert "canary" not in stream.getvalue()


def test_warnings_and_uncaught_exceptions_lose_their_words_too(stream, capsys):
    logs.configure(stream=stream)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(CANARY, stacklevel=1)
    thread = threading.Thread(target=fail_on_purpose)
    thread.start()
    thread.join()
    sys.excepthook(RuntimeError, RuntimeError(CANARY), None)

    events = [line["event"] for line in lines(stream)]
    assert events.count("uncaught_exception") == 2
    assert "canary" not in stream.getvalue()
    assert "canary" not in "".join(capsys.readouterr())


def test_a_module_that_goes_straight_to_structlog_is_filtered_as_well(stream):
    logs.configure(stream=stream)

    structlog.get_logger().warning("known_event", text=CANARY)

    assert "canary" not in stream.getvalue()
    assert lines(stream)[0]["event"] == "known_event"


def test_lines_below_the_level_are_not_written(stream):
    logs.configure(stream=stream, level="warning")

    logs.logger("x").info("too_quiet")

    assert stream.getvalue() == ""


def test_a_number_json_cannot_hold_is_dropped(stream):
    logs.configure(stream=stream)

    logs.logger("x").info("odd_numbers", wait_s=float("nan"), age_s=float("inf"))

    assert lines(stream)[0]["wait_s"] == "[dropped]"
