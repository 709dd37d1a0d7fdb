"""Handing in, for pages and API alike: store the files, submit, and leave no orphan behind a refusal."""

from uuid import UUID

from learning_worker.db import submissions
from learning_worker.db.errors import InvalidInput, Refused
from learning_worker.db.submissions import NewAnswer, Receipt
from learning_worker.domain.criteria import is_storable
from learning_worker.web.deps import WebDeps
from learning_worker.web.uploads import CheckedFile, cleaned, discard, store

KEY_LIMIT = 200


class NothingHandedIn(Exception):
    """Neither a text nor a file."""


class TextTooLong(Exception):
    """More characters than one answer may have."""


def check_text(text: str, max_chars: int) -> None:
    """Raises TextTooLong, or InvalidInput for what PostgreSQL and a web page cannot hold."""
    if len(text) > max_chars:
        raise TextTooLong
    if not is_storable(text):
        raise InvalidInput


def check_key(key: str) -> None:
    """Raises InvalidInput unless the idempotency key has 1 to 200 printable characters."""
    if not 1 <= len(key) <= KEY_LIMIT or not key.isprintable():
        raise InvalidInput


async def hand_in_text(deps: WebDeps, sub: str, task_id: UUID, key: str, text: str) -> Receipt:
    """Hand in a typed text. Raises as `db.submissions.submit`, and TextTooLong."""
    check_key(key)
    check_text(text, deps.limits.max_text_chars)
    async with deps.db.acting_as(sub) as connection:
        return await submissions.submit(connection, NewAnswer(task_id, key, text=text))


async def hand_in_files(
    deps: WebDeps, sub: str, task_id: UUID, key: str, files: tuple[CheckedFile, ...]
) -> Receipt:
    """Hand in files, as clean copies. Raises as `db.submissions.submit`, InputError, and TransientError of store or cleaner.

    When the connection breaks at commit nobody knows the outcome: the objects then stay, for they may belong to an
    answer; an orphan costs a little space, a missing page cannot be had again.
    """
    check_key(key)
    stored = await store(deps.blobs, await cleaned(deps.cleaner, files))
    try:
        async with deps.db.acting_as(sub) as connection:
            receipt = await submissions.submit(connection, NewAnswer(task_id, key, files=stored))
    except Refused:
        await discard(deps.blobs, stored)
        raise
    if not receipt.created:
        await discard(deps.blobs, stored)
    return receipt
