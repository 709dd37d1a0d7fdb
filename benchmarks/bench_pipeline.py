"""What the pipeline adds to the models: pick-up latency, makespan, switches of one model for the other, order, memory.

`python benchmarks/bench_pipeline.py` runs everything on a durable PostgreSQL of its own and prints one JSON line per figure.
"""

import argparse
import asyncio
import heapq
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from random import Random

import psycopg
from rig import (
    PUPILS,
    TEXT,
    OneModel,
    School,
    TimedFeedback,
    TimedVision,
    a_worker,
    durable_server,
    figure,
    slots,
)

from learning_worker.db.embedded import Server

Figure = Callable[[Server, float], Awaitable[None]]


async def pickup(server: Server, scale: float) -> None:
    """From the commit of the hand-in to the start of the model call, on an idle worker."""
    waits = []
    feedback = TimedFeedback()
    async with School(server, "pickup") as school, a_worker(school.dsns.worker, slots(2), feedback) as runner:
        for nr in range(int(200 * scale)):
            while not runner._is_idle:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.03)
            await school.hand_in(PUPILS[0], f"0 {nr} {TEXT}")
            committed = time.perf_counter()
            while len(feedback.spans) == nr:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
            waits.append((feedback.spans[-1][0] - committed) * 1000)
            await school.all_done()
    waits.sort()
    p99 = waits[int(0.99 * (len(waits) - 1))]
    figure("pick-up, ms", jobs=len(waits), p50=round(statistics.median(waits), 1), p99=round(p99, 1))


async def makespan(server: Server, scale: float) -> None:
    """Mixed model times on few slots, against greedy list scheduling of the same jobs in the order of their lease."""
    jobs, width, overs, overheads = int(200 * scale), 8, [], []
    async with School(server, "makespan") as school:
        for seed in range(3):
            times = Random(seed).choices([0.1, 0.2, 0.4, 0.8], k=jobs)
            for nr, model_s in enumerate(times):
                await school.hand_in(PUPILS[nr % len(PUPILS)], f"{model_s} {nr} {TEXT}")
            school.tidy()
            feedback = TimedFeedback()
            async with a_worker(school.dsns.worker, slots(width), feedback):
                await school.all_done()
            took = max(end for _, end, _ in feedback.spans) - feedback.spans[0][0]
            best = max(greedy([end - start for start, end, _ in feedback.spans], width))
            overs.append((took / best - 1) * 100)
            overheads.append((took - best) * width / jobs * 1000)
    figure(
        "makespan", jobs=jobs, slots=width, over_percent=round(statistics.median(overs), 2),
        runs=[round(over, 2) for over in overs], overhead_ms_per_submission=round(statistics.median(overheads), 2),
        overhead_percent_of_5_s=round(statistics.median(overheads) / 50, 3),
    )  # fmt: skip


def greedy(lengths: Sequence[float], width: int, ready: Sequence[float] = ()) -> list[float]:
    """When each job ends if it starts, in this order, on the machine that is free first, and not before it is ready."""
    free, ends = [0.0] * width, []
    for length, ready_at in zip_longest(lengths, ready, fillvalue=0.0):
        ends.append(max(heapq.heappop(free), ready_at) + length)
        heapq.heappush(free, ends[-1])
    return ends


async def both_phases(server: Server, scale: float) -> None:
    """The same for as many photographed as typed answers: what is read on few slots waits for those of the other phase."""
    jobs, vision_width, width, overs = int(200 * scale), 4, 8, []
    async with School(server, "both") as school:
        for seed in range(3):
            random = Random(seed)
            for nr, model_s in enumerate(random.choices([0.1, 0.2, 0.4, 0.8], k=jobs)):
                pupil = PUPILS[nr % len(PUPILS)]
                if nr % 2:
                    await school.hand_in(pupil, f"{model_s} typed-{nr} {TEXT}")
                else:
                    await school.hand_in_file(pupil, f"page-{nr}")
            school.tidy()
            feedback, vision = TimedFeedback(), TimedVision(0.2, f"0.3 {{}} {TEXT}")
            async with a_worker(school.dsns.worker, slots(width, vision=vision_width), feedback, vision):
                await school.all_done()
            began = min(feedback.spans[0][0], vision.spans[0][0])
            read = greedy([end - start for start, end, _ in vision.spans], vision_width)
            ready = {name: end for (_, _, name), end in zip(vision.spans, read, strict=True)}
            best = greedy(
                [end - start for start, end, _ in feedback.spans],
                width,
                [ready.get(name, 0.0) for _, _, name in feedback.spans],
            )
            took = max(end for _, end, _ in feedback.spans) - began
            overs.append((took / max(best) - 1) * 100)
    figure(
        "makespan, half of the jobs photographed", jobs=jobs, vision_slots=vision_width, feedback_slots=width,
        over_percent=round(statistics.median(overs), 2), runs=[round(over, 2) for over in overs],
    )  # fmt: skip


async def switches(server: Server, scale: float) -> None:
    """Photographed answers on a card that holds one model, each loaded in 0.5 s: staying with a model, and taking turns."""
    jobs = int(40 * scale)
    async with School(server, "switches") as school:
        for name, affinity_s in (("naive", 0.0), ("affinity", 3.0)):
            for nr in range(jobs):
                await school.hand_in_file(PUPILS[nr % len(PUPILS)], f"page-{nr}")
            card = OneModel(switch_s=0.5)
            feedback, vision = TimedFeedback(card), TimedVision(0.05, f"0.1 {{}} {TEXT}", card)
            started = time.perf_counter()
            async with a_worker(
                school.dsns.worker, slots(2, vision=1, affinity_s=affinity_s), feedback, vision
            ):
                await school.all_done()
            took_s = round(time.perf_counter() - started, 1)
            figure("model switches", order=name, jobs=jobs, switches=card.switches, seconds=took_s)


async def overtaking(server: Server, scale: float) -> None:
    """How many answers of a class that handed in 500 photographs are begun before one pupil's, in each phase.

    Reading is twice as fast as assessing, so that hundreds of the class are read and wait when he comes.
    """
    read_first, assessed_first = [], []
    async with School(server, "overtaking") as school:
        alone = await school.new_class("9c", ["alone"])
        for nr in range(int(500 * scale)):
            await school.hand_in_file(PUPILS[nr % len(PUPILS)], f"crowd-{nr}")
        vision, feedback = TimedVision(0.05, f"0.1 {{}} {TEXT}"), TimedFeedback()
        async with a_worker(school.dsns.worker, slots(2, vision=2), feedback, vision):
            for nr in range(5):
                await asyncio.sleep(1.5)
                read = len(vision.spans)
                await school.hand_in_file("alone", f"alone-{nr}", alone)
                read_first.append(await place(vision.spans, f"alone-{nr}") - read)
                # His page is being read: what is begun until it can be assessed takes nothing from him.
                while vision.spans[read + read_first[-1]][1] == vision.spans[read + read_first[-1]][0]:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                assessed = len(feedback.spans)
                assessed_first.append(await place(feedback.spans, f"alone-{nr}") - assessed)
    figure(
        "one pupil against 500 files of another class", slots=2, read_before_his=read_first,
        assessed_before_his=assessed_first,
    )  # fmt: skip


async def place(spans: Sequence[tuple[float, float, str]], name: str) -> int:
    """The number of calls begun before that of this name, once it has begun."""
    while not (found := [nr for nr, (_, _, who) in enumerate(spans) if who == name]):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    return found[0]


async def shares(server: Server, scale: float) -> None:
    """Jain's index of what 30 pupils of one class were given when half of their ten answers each are assessed."""
    each = int(10 * scale) or 1
    async with School(server, "shares") as school:
        for order in ("in random order", "one pupil after the other"):
            pupils = [pupil for pupil in PUPILS for _ in range(each)]
            if order == "in random order":
                Random(5).shuffle(pupils)
            for pupil in pupils:
                await school.hand_in(pupil, f"0.005 {pupil} {TEXT}")
            feedback = TimedFeedback()
            async with a_worker(school.dsns.worker, slots(2), feedback):
                await school.all_done()
            half = Counter(who for _, _, who in sorted(feedback.spans)[: len(pupils) // 2])
            given = [half[pupil] for pupil in PUPILS]
            jain = sum(given) ** 2 / (len(given) * sum(count**2 for count in given))
            figure("Jain's index, 30 pupils", order=order, answers_each=each, index=round(jain, 3))


async def memory(server: Server, scale: float) -> None:
    """Resident memory of a worker process over 20,000 jobs, and of the product's own while it idles."""
    async with School(server, "memory") as school:
        command = [
            sys.executable,
            str(Path(__file__).with_name("noop_worker.py")),
            school.dsns.worker,
            "100",
            "noop",
        ]
        worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        sizes = []
        for _ in range(4):
            await school.hand_in_many(int(5000 * scale))
            await school.all_done()
            sizes.append(rss_mib(worker.pid))
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        figure(
            "memory of a worker, MiB", after_jobs=[int(5000 * scale) * nr for nr in (1, 2, 3, 4)], rss=sizes
        )
        figure("memory of an idle worker, MiB", rss=await idle_rss_mib(school))


async def idle_rss_mib(school: School) -> float:
    """The product's process with its defaults, once it has said that it is idle."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LEARNING_DATABASE_URL": school.dsns.worker,
        "WORKER_METRICS_PORT": "0",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("learning-worker")), "worker"]
    worker = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    with psycopg.connect(school.owner_dsn, autocommit=True) as connection:
        while not connection.execute("select from public.learning_workers where idle").fetchall():
            if worker.poll() is not None:
                raise SystemExit("the worker ended at once")
            await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    size = rss_mib(worker.pid)
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    return size


def rss_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


FIGURES: dict[str, Figure] = {
    "pickup": pickup, "makespan": makespan, "both_phases": both_phases, "switches": switches,
    "overtaking": overtaking, "shares": shares, "memory": memory,
}  # fmt: skip


def main(scale: float, only: list[str] | None) -> None:
    """Every figure, or those that were asked for."""
    with durable_server() as server:
        for name in only or FIGURES:
            asyncio.run(FIGURES[name](server, scale))  # type: ignore[arg-type]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the jobs, to try it out")
    parser.add_argument("--only", action="append", choices=list(FIGURES))
    arguments = parser.parse_args()
    main(arguments.scale, arguments.only)
