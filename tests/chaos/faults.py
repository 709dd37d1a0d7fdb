"""The faults of a storm: how many of each kind, in which order, and how one of them is done to a worker."""

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

from chaos.crew import Notes, Slot
from proxy import Weather

from learning_worker.db import embedded

LEASE_S = 2
VERBS = (
    b"update_completed_batch",
    b"save_criterion",
    b"save_text",
    b"save_page",
    b"lease_work",
    b"renew_batch",
)


class Kind(StrEnum):
    """What happens to one worker, or (the last two) to the database of all."""

    SIGKILL_IN_VISION = "SIGKILL while a page is read"
    SIGKILL_IN_FEEDBACK = "SIGKILL while a criterion is assessed"
    SIGTERM = "SIGTERM"
    SIGSTOP = "SIGSTOP for longer than a lease"
    CUT = "connections cut"
    BLACK_HOLE = "connections silent"
    REFUSED = "connections refused"
    LOST_REPLY = "committed, reply lost"
    HALF_REPLY = "committed, half the reply lost"
    RESTART = "PostgreSQL stopped at once and started"
    BACKEND_KILLED = "PostgreSQL process killed"


OF_400 = {
    Kind.SIGKILL_IN_VISION: 35,
    Kind.SIGKILL_IN_FEEDBACK: 45,
    Kind.SIGTERM: 50,
    Kind.SIGSTOP: 40,
    Kind.CUT: 55,
    Kind.BLACK_HOLE: 45,
    Kind.REFUSED: 30,
    Kind.LOST_REPLY: 45,
    Kind.HALF_REPLY: 35,
    Kind.RESTART: 12,
    Kind.BACKEND_KILLED: 8,
}
IN_PHASE = {Kind.SIGKILL_IN_VISION: "vision", Kind.SIGKILL_IN_FEEDBACK: "feedback"}
OF_ALL = {Kind.RESTART, Kind.BACKEND_KILLED}


def promised(faults: int) -> dict[Kind, int]:
    """How many of each kind make up a storm of so many faults, at least one of each. Raises ValueError for too few."""
    if faults < len(Kind):
        raise ValueError(f"a storm has at least {len(Kind)} faults, one of each kind")
    counts = {kind: max(1, share * faults // 400) for kind, share in OF_400.items()}
    counts[Kind.CUT] += faults - sum(counts.values())
    return counts


@dataclass(frozen=True)
class Fault:
    """One entry of the storm's programme. seconds: how long it lasts, where it lasts; verb: whose reply is lost."""

    kind: Kind
    pause_s: float
    seconds: float
    verb: bytes


def programme(faults: int, random: Random, pause_s: float) -> list[Fault]:
    """All faults of a storm in their order; the same seed draws the same."""
    kinds = [kind for kind, count in promised(faults).items() for _ in range(count)]
    random.shuffle(kinds)
    return [
        Fault(
            kind,
            random.uniform(0.2, 1.8) * pause_s,
            random.uniform(0.25, 1.5) * LEASE_S,
            random.choice(VERBS),
        )
        for kind in kinds
    ]


@dataclass
class Postgres:
    """The server of a storm, which can be stopped at once and started again."""

    base: Path
    _uses: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> embedded.Server:
        """Start it, or take part in it. Raises EmbeddedError when that fails for a minute."""
        end = time.monotonic() + 60
        while True:
            try:
                return self._uses.enter_context(embedded.server(self.base))
            except embedded.EmbeddedError:
                # The guard of the server before takes a moment to see that it has gone.
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def restart(self) -> None:
        """Immediate shutdown, as `pg_ctl stop -m immediate`, and a start with recovery from the log."""
        pid_file = (self.base / "server").resolve() / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        while pid_file.exists():
            time.sleep(0.02)
        self.start()

    def remove(self) -> None:
        """Stop it and delete everything."""
        self._uses.close()
        embedded.remove(self.base)


class Missed(Exception):
    """The fault met nobody whom it could hit; it is tried again on somebody else."""


@dataclass
class Weatherman:
    """Does a fault to a worker and counts it by what the worker was just being asked: never one that missed."""

    notes: Notes
    postgres: Postgres
    kill_backend: Callable[[], "asyncio.Future[None]"]
    done: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Faults so far."""
        return sum(self.done.values())

    def fits(self, fault: Fault, slot: Slot) -> bool:
        """Whether the fault would hit this worker now."""
        phase = IN_PHASE.get(fault.kind)
        return slot.is_up and (phase is None or phase in self.notes.phases(slot.pid))

    async def hit(self, fault: Fault, slot: Slot) -> None:
        """Raises Missed."""
        asked = "+".join(sorted(self.notes.phases(slot.pid))) or "idle"
        match fault.kind:
            case Kind.SIGKILL_IN_VISION | Kind.SIGKILL_IN_FEEDBACK:
                slot.signal(signal.SIGKILL)
                await self._gone(slot)
                # What it had been asked when it died, not when it was chosen.
                asked = "+".join(sorted(self.notes.phases(slot.pid))) or "idle"
                if IN_PHASE[fault.kind] not in asked:
                    raise Missed
            case Kind.SIGTERM:
                slot.signal(signal.SIGTERM)
                await self._gone(slot)
            case Kind.SIGSTOP:
                slot.signal(signal.SIGSTOP)
                await asyncio.sleep(LEASE_S + 1)
                slot.signal(signal.SIGCONT)
            case Kind.CUT:
                slot.proxy.cut()
            case Kind.BLACK_HOLE | Kind.REFUSED:
                is_silent = fault.kind is Kind.BLACK_HOLE
                slot.proxy.turn(Weather.BLACK_HOLE if is_silent else Weather.REFUSING)
                await asyncio.sleep(fault.seconds)
                slot.proxy.turn(Weather.FINE)
            case Kind.LOST_REPLY | Kind.HALF_REPLY:
                await self._lose_reply(fault, slot)
            case Kind.RESTART:
                await asyncio.to_thread(self.postgres.restart)
            case Kind.BACKEND_KILLED:
                await self.kill_backend()
        self.done[fault.kind, asked] += 1

    async def _lose_reply(self, fault: Fault, slot: Slot) -> None:
        before = slot.proxy.swallowed
        slot.proxy.halves_replies = fault.kind is Kind.HALF_REPLY
        slot.proxy.swallow_reply_to = fault.verb
        end = time.monotonic() + 5
        while slot.proxy.swallowed == before and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        slot.proxy.swallow_reply_to = None
        if slot.proxy.swallowed == before:
            raise Missed

    async def _gone(self, slot: Slot) -> None:
        if not await asyncio.to_thread(slot.wait, 60):
            raise RuntimeError("a worker does not end")

    def by_kind(self) -> dict[Kind, int]:
        """Faults so far, by kind."""
        counts: Counter[Kind] = Counter()
        for (kind, _), count in self.done.items():
            counts[kind] += count
        return dict(counts)
