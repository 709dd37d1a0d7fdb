"""What is overdue, and which deletions are noted for the store; as the operator, who sees counts and names of files."""

from collections.abc import Sequence
from dataclasses import dataclass

from learning_worker.db.line import Asks

BATCH = 500


@dataclass(frozen=True)
class Overdue:
    """How much is past its time: whole answers, files (those of the answers among them), memberships, sessions."""

    answers: int = 0
    files: int = 0
    memberships: int = 0
    sessions: int = 0

    def __add__(self, other: "Overdue") -> "Overdue":
        return Overdue(
            self.answers + other.answers,
            self.files + other.files,
            self.memberships + other.memberships,
            self.sessions + other.sessions,
        )


async def due(asks: Asks) -> tuple[Overdue, int]:
    """What `expire` would remove, and how many deletions are noted already."""
    (row,) = await asks.rows("select * from public.learning_purge_due()")
    deletions: int = row.pop("deletions")
    return Overdue(**row), deletions


async def expire(asks: Asks) -> Overdue:
    """Remove everything that is overdue, in small transactions; what was removed."""
    removed = Overdue()
    while True:
        (row,) = await asks.rows("select * from public.learning_purge_expire(%s)", (BATCH,))
        batch = Overdue(**row)
        removed += batch
        if not batch.answers and not batch.files:
            return removed


async def deletions(asks: Asks, limit: int | None = BATCH) -> list[str]:
    """The next objects to delete from the store; limit None: all."""
    rows = await asks.rows("select public.learning_purge_deletions(%s) as object_key", (limit,))
    return [row["object_key"] for row in rows]


async def deleted(asks: Asks, object_keys: Sequence[str]) -> None:
    """These objects are gone."""
    await asks.rows("select public.learning_purge_deleted(%s)", (list(object_keys),))


async def object_keys(asks: Asks, part: str) -> set[str]:
    """The names of all files of answers in one part of the store, by the first 13 characters of their names."""
    rows = await asks.rows("select public.learning_purge_object_keys(%s) as object_key", (part,))
    return {row["object_key"] for row in rows}
