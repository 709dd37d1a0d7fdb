"""`learning-worker purge`: removes what is past its time, from the database and then from the store.

Two phases: a deletion is noted in the transaction that removes the row, and carried out afterwards. A run that is cut
short anywhere is finished by the next one.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from learning_worker.db import retention
from learning_worker.db.line import Asks
from learning_worker.db.retention import Overdue
from learning_worker.storage.objects import PARTS, PROBES, Listed, ObjectStore

# Longer than any upload takes from its first byte to its row.
GRACE = timedelta(hours=24)
# More than this share of a store without rows is more likely the wrong database, or an old backup of it, than litter.
BRAKE_SHARE, BRAKE_COUNT = 0.1, 20


class TooManyOrphans(Exception):
    """So many files belong to no answer that something else must be wrong; none of them was deleted."""

    def __init__(self, orphans: int, objects: int) -> None:
        super().__init__(orphans, objects)
        self.orphans = orphans
        self.objects = objects


@dataclass(frozen=True)
class Purged:
    """What one run removed, or would remove. missing: files that answers point to and the store does not have."""

    removed: Overdue
    deleted: int
    orphans: int
    missing: int

    def as_json(self) -> dict[str, int]:
        """Counts only."""
        return {
            **asdict(self.removed),
            "deleted": self.deleted,
            "orphans": self.orphans,
            "missing": self.missing,
        }


@dataclass(frozen=True)
class Survey:
    """The store compared with the database."""

    orphans: tuple[Listed, ...]
    missing: int
    objects: int


@dataclass(frozen=True)
class Purge:
    """One run. may_sweep_all: delete orphans however many there are."""

    asks: Asks
    store: ObjectStore
    now: datetime
    may_sweep_all: bool = False

    async def look(self) -> Purged:
        """What `run` would do; nothing is changed. Raises TransientError, DatabaseUnavailable."""
        overdue, noted = await retention.due(self.asks)
        survey = await self._survey()
        return Purged(overdue, noted + overdue.files, len(survey.orphans), survey.missing)

    async def run(self) -> Purged:
        """Expire, delete what is noted, sweep what belongs to nobody.

        Raises TooManyOrphans, TransientError, DatabaseUnavailable; what was done until then is done.
        """
        removed = await retention.expire(self.asks)
        deleted = await self._delete_noted()
        survey = await self._survey()
        if not self.may_sweep_all and len(survey.orphans) > max(BRAKE_COUNT, BRAKE_SHARE * survey.objects):
            raise TooManyOrphans(len(survey.orphans), survey.objects)
        for orphan in survey.orphans:
            await self.store.discard(orphan)
        return Purged(removed, deleted, len(survey.orphans), survey.missing)

    async def _delete_noted(self) -> int:
        """First the store, then the note: a run that dies in between deletes the same objects again."""
        count = 0
        while keys := await retention.deletions(self.asks):
            await self.store.delete(keys)
            await retention.deleted(self.asks, keys)
            count += len(keys)
        return count

    async def _survey(self) -> Survey:
        """Part by part, so that a big school's names never lie in memory all at once."""
        noted = set(await retention.deletions(self.asks, limit=None))
        orphans: list[Listed] = []
        missing = objects = 0
        for part in (*PARTS, PROBES):
            # Rows first: what is handed in meanwhile is too young to be an orphan.
            known = await retention.object_keys(self.asks, part)
            listed = await self.store.listed(part)
            objects += len(listed)
            orphans += [
                each
                for each in listed
                if each.name not in known | noted and each.modified_at < self.now - GRACE
            ]
            lost = known - {each.name for each in listed}
            # Looked at again: an answer may have been taken back between the two looks.
            missing += len(lost & await retention.object_keys(self.asks, part)) if lost else 0
        return Survey(tuple(orphans), missing, objects)
