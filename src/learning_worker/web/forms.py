"""The body of a page's form: parsed within limits, its token checked before anything else looks at it."""

from fastapi import Request
from starlette.datastructures import FormData

from learning_worker.db.sessions import Session
from learning_worker.web.auth import CSRF_FIELD, CSRF_HEADER, deps_of
from learning_worker.web.security import FORM_BYTES, check_token

_MAX_FIELDS = 200


async def form_of(request: Request, session: Session) -> FormData:
    """The fields and files of a form. Raises Forged without the session's token, BodyTooLarge while it streams in."""
    form = await request.form(
        max_files=deps_of(request).limits.max_files + 10, max_fields=_MAX_FIELDS, max_part_size=FORM_BYTES
    )
    check_token(session.csrf_token, form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER))
    return form


def text_field(form: FormData, name: str) -> str:
    """A field's text with plain line breaks, "" when it is missing or is a file."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def number_field(form: FormData, name: str) -> int | None:
    """A field's whole number, None when it is missing or anything else."""
    value = text_field(form, name).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
