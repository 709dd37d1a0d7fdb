"""What the database refuses on purpose: SQLSTATEs of our functions, read once, here."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


class Refused(Exception):
    """The database said no and nothing was written; `code` is stable and safe to show."""

    code = "refused"


class NotAllowed(Refused):
    """LW010: this person may not do this here, or there is no such thing."""

    code = "not_allowed"


class KeyReused(Refused):
    """LW011: the idempotency key belongs to another answer."""

    code = "key_reused"


class NoAttemptLeft(Refused):
    """LW012: the task allows no further attempt."""

    code = "no_attempt_left"


class DeadlinePassed(Refused):
    """LW013: the task is closed."""

    code = "deadline_passed"


class InvalidInput(Refused):
    """LW014, or a value that PostgreSQL cannot hold (NUL, a lone surrogate)."""

    code = "invalid_input"


class NotPossibleNow(Refused):
    """LW015: not in this state, or no such thing for this person."""

    code = "not_possible_now"


class ChangedMeanwhile(Refused):
    """LW016: somebody else, or the worker, changed it since it was read."""

    code = "changed_meanwhile"


class ReportInvalid(Refused):
    """LW002: the report does not fit its criteria or its text."""

    code = "report_invalid"


_BY_SQLSTATE: dict[str, type[Refused]] = {
    "LW002": ReportInvalid,
    "LW010": NotAllowed,
    "LW011": KeyReused,
    "LW012": NoAttemptLeft,
    "LW013": DeadlinePassed,
    "LW014": InvalidInput,
    "LW015": NotPossibleNow,
    "LW016": ChangedMeanwhile,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the refusals of our functions into typed errors.

    `from None`: a driver's message can quote the row, and with it a pupil's words.
    """
    try:
        yield
    except psycopg.Error as error:
        refused = _BY_SQLSTATE.get(error.sqlstate or "")
        if refused is None and isinstance(error, psycopg.DataError):
            refused = InvalidInput
        if refused is None:
            raise
        raise refused from None
    except UnicodeEncodeError:
        raise InvalidInput from None
