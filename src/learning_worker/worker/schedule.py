"""Which phase to lease next: slots per phase, one loaded model at a time if so wished, and a share for bulk."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from learning_worker.db.queue import Want
from learning_worker.domain.submission import Lane, LeasedJob, Phase

# Of five slots that fall free while both lanes wait, bulk gets one: it is behind, and it does not starve.
INTERACTIVE_PER_BULK = 4
# Jobs per lease: while these begin, the database looks for the next ones. Measured: a tenth more no-op jobs on 100 slots.
AT_A_TIME = 50


@dataclass(frozen=True)
class Plan:
    """How a worker shares itself out (seconds).

    slots: jobs of each phase at a time. affinity_s: how long a due job may wait for the other phase's model to be put
    away; 0: both models fit, phases run side by side. poll_s: between two looks. drain_s: for running work at the end.
    """

    slots: Mapping[Phase, int]
    poll_s: float = 0.5
    drain_s: float = 25.0
    affinity_s: float = 0.0
    endpoints: Mapping[Phase, str] = field(default_factory=dict)


def slots_asked_for(wants: Sequence[Want], jobs: Sequence[LeasedJob]) -> int:
    """How many jobs could have come; a second choice is asked for only where the first brought nothing."""
    came = {job.phase for job in jobs}
    is_first_enough = any(want.phase in came and not want.is_second_choice for want in wants)
    return sum(want.slots for want in wants if not (want.is_second_choice and is_first_enough))


class Schedule:
    """Remembers what was leased; decides what to ask for. No clock and no database of its own."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loaded: Phase | None = None
        self._loaded_at = float("-inf")
        self._is_quiet = False
        self._interactive_in_row: Counter[Phase] = Counter()

    def needs_due(self, running: Mapping[Phase, int], now: float) -> bool:
        """Whether `choices` wants to know how long jobs have waited: only when it may be time for the other model."""
        return (
            self._plan.affinity_s > 0
            and self._loaded is not None
            # After a look at everything that found nothing, nobody can have waited for long.
            and not (self._is_quiet and sum(running.values()) == 0)
            and sum(running.values()) < sum(self._plan.slots.values())
            and now - self._loaded_at >= self._plan.affinity_s
        )

    def choices(self, running: Mapping[Phase, int], due: Mapping[Phase, float]) -> list[Want]:
        """What to ask for, best first.

        running: jobs per phase now. due: seconds that each phase's oldest due job has waited; empty where not needed.
        """
        if self._plan.affinity_s <= 0:
            return [want for phase in self._plan.slots for want in self._wants(phase, running)]
        phases = self._by_affinity(due)
        if sum(running.values()):
            # The loaded model works: its phase alone may start more, and nothing once the other one's turn has come.
            phases = [phase for phase in phases[:1] if running.get(phase)]
        wants = [want for phase in phases for want in self._wants(phase, running)]
        return wants[:1] + [replace(want, is_second_choice=True) for want in wants[1:]]

    def leased(self, wants: Sequence[Want], jobs: Sequence[LeasedJob], now: float) -> None:
        """Take note of what was asked for and of what came."""
        self._is_quiet = not jobs and len(wants) == len(self._plan.slots)
        for job in jobs:
            if job.phase is not self._loaded:
                self._loaded, self._loaded_at = job.phase, now
            self._interactive_in_row[job.phase] = (
                self._interactive_in_row[job.phase] + 1 if job.lane is Lane.INTERACTIVE else 0
            )

    def _wants(self, phase: Phase, running: Mapping[Phase, int]) -> list[Want]:
        free = min(self._plan.slots[phase] - running.get(phase, 0), AT_A_TIME)
        if free <= 0:
            return []
        in_row = min(self._interactive_in_row[phase], INTERACTIVE_PER_BULK)
        bulk_first = (in_row + free) // (INTERACTIVE_PER_BULK + 1)
        return [Want(phase, free, bulk_first, self._plan.endpoints.get(phase))]

    def _by_affinity(self, due: Mapping[Phase, float]) -> list[Phase]:
        """The loaded phase first, unless a job of another one has waited beyond the bound."""
        if self._loaded is None:
            return list(self._plan.slots)
        others = [phase for phase in self._plan.slots if phase is not self._loaded]
        overdue = [phase for phase in others if due.get(phase, 0.0) >= self._plan.affinity_s]
        waiting = [phase for phase in others if phase not in overdue]
        return [*overdue, self._loaded, *waiting]
