"""Random histories of the queue against a small model: workers, a model server, a pupil, a teacher, an operator, the clock.

200 histories of 40 steps on average here; `--machine 2000x60` (make machine) for the long run. Each history uses answers of
its own and removes them at its end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from psycopg.types.json import Jsonb
from school import LIMITS, TEXT, School, report_v2, result_v2

SERVER = "http://ollama:11434"
# One number per step, whatever state it meets: among equals the database goes by the clock, so no history replays exactly.
CHANCE = st.integers(0, 2**32 - 1).map(Random)
MAX_RUNS, MAX_CRASHES = LIMITS["max_runs"], LIMITS["max_crashes"]


def when(holds: Callable[[Any], object]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A step that does nothing where it cannot be done. What is drawn must not depend on the state, for the same reason."""

    def guarded(step: Callable[..., None]) -> Callable[..., None]:
        @wraps(step)
        def do(self: Any, **drawn: Any) -> None:
            if holds(self):
                step(self, **drawn)

        return do

    return guarded


@dataclass
class Job:
    """What the model believes of one answer. job: None once it has left the queue."""

    phase: str
    status: str = "pending"
    error_code: str | None = None
    job: str | None = "queued"
    due: bool = True
    waits_for_pupil: bool = False  # was closed while it waited
    runs: int = 0
    crashes: int = 0
    key: Any = None
    worker: int | None = None
    outages: int = 0
    ended_at: int | None = None  # order in which leases ended; None: the lease is alive
    results: set[str] = field(default_factory=set)
    reports: int = 0

    @property
    def is_held(self) -> bool:
        return self.job == "leased" and self.ended_at is None

    @property
    def is_at_its_last_chance(self) -> bool:
        return 0 < self.crashes >= MAX_CRASHES - 1

    def to_queue(self, *, due: bool) -> None:
        self.job, self.key, self.ended_at, self.due = "queued", None, None, due

    def close(self, code: str) -> None:
        self.waits_for_pupil = self.status == "extracted"
        self.status, self.error_code, self.job, self.key, self.ended_at = "failed", code, "failed", None, None


@dataclass
class Server:
    """What the model believes of the model server's breaker. probe: the answer that tried it last."""

    state: str = "closed"
    failures: int = 0
    is_due: bool = False
    probe: Any = None

    def fails(self, submission_id, least_s) -> bool:
        """Whether it is out of use from now on."""
        opens = self.state != "closed" or self.failures >= 2 or least_s > 0
        self.failures += 1
        if opens:
            self.is_due = self.is_due and self.state == "open" and least_s == 0
            self.state = "open"
        self.probe = None if self.probe == submission_id else self.probe
        return opens


class Machine(RuleBasedStateMachine):
    """`leases` holds every lease that was ever given: three of four calls come from a holder, the rest from anybody."""

    school: School
    operator: psycopg.Connection[Any]
    workers: tuple[psycopg.Connection[Any], ...]

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[Any, Job] = {}
        self.leases: list[dict[str, Any]] = []
        self.clock = 0
        self.server = Server()

    def a_lease(self, chance, phase=None):
        """Usually one that is held (in that phase), now and then any that ever was."""
        held = [
            lease for lease in self.leases if (job := self.model_of(lease)) and phase in (None, job.phase)
        ]
        pool = held if held and chance.randrange(4) else self.leases
        return chance.choice(pool)

    def teardown(self) -> None:
        self.school.owner.execute("delete from learning_endpoints")
        for submission_id in self.jobs:
            self.school.owner.execute("delete from learning_submissions where id = %s", [submission_id])

    def model_of(self, lease) -> Job | None:
        """The answer, if this lease is held."""
        found = self.jobs.get(lease["submission_id"])
        return found if found is not None and found.is_held and found.key == lease["lease_key"] else None

    def settle(self, lease, phase, verb, *arguments) -> Job | None:
        """Call a verb; it must be refused exactly when the model says that the lease is not held (in this phase)."""
        held = self.model_of(lease)
        if held is not None and phase in (None, held.phase):
            verb(lease, *arguments)
            return held
        with pytest.raises(psycopg.DatabaseError) as refused:
            verb(lease, *arguments)
        assert refused.value.sqlstate == "LW001"
        return None

    @initialize(phases=st.lists(st.sampled_from(["vision", "feedback"]), min_size=1, max_size=4))
    def a_class_hands_in(self, phases):
        for phase in phases:
            self.submit("pupil", phase)

    @rule(sub=st.sampled_from(["pupil", "mate"]), phase=st.sampled_from(["vision", "feedback"]))
    def submit(self, sub, phase):
        receipt = self.school.submit_files(sub) if phase == "vision" else self.school.submit(sub)
        self.jobs[receipt["submission_id"]] = Job(phase)

    @rule(chance=CHANCE)
    def the_first_worker_leases(self, chance):
        self.lease(0, chance)

    @rule(chance=CHANCE)
    def the_second_worker_leases(self, chance):
        self.lease(1, chance)

    def lease(self, worker, chance):
        wanted = sorted({job.phase for job in self.jobs.values() if job.job in ("queued", "leased")})
        phase = chance.choice(wanted or ["vision", "feedback"])
        # While the server is out of use nearly every look asks for it, or no history would get far with it.
        if self.server.state != "closed" or chance.random() < 0.5:
            leased = self._look(worker, phase, tries_server=chance.randrange(4) > 0)
        else:
            leased = self.school.lease(phase, worker=self.workers[worker], worker_id=f"w{worker}")
            expected = self._expected_lease(phase)
            assert (leased["submission_id"] in expected) if leased else expected == set()
        if leased is None:
            return
        job = self.jobs[leased["submission_id"]]
        job.crashes += job.job == "leased"
        job.runs += job.job == "queued"
        job.job, job.key, job.ended_at, job.status = "leased", leased["lease_key"], None, "pending"
        job.worker = worker
        assert (leased["retry_count"], leased["crash_count"]) == (max(job.runs - 1, 0), job.crashes)
        assert {result["criterion_id"] for result in leased["results_done"] or []} == job.results
        self.leases.append(leased)

    def _look(self, worker, phase, *, tries_server) -> dict[str, Any] | None:
        """One look for work; it must tell all that it closed."""
        open_before = {i for i, job in self.jobs.items() if job.job != "failed"}
        want = {"phase": phase, "slots": 1, "endpoint": SERVER if tries_server else None}
        rows = self.school.call(
            "learning_worker_lease_work",
            f"w{worker}",
            Jsonb([want]),
            30,
            Jsonb(LIMITS),
            connection=self.workers[worker],
        )
        leased = {row["submission_id"]: row for row in rows if row["closed_as"] is None}
        closed = {row["submission_id"] for row in rows if row["closed_as"] is not None}
        probe = self.jobs.get(self.server.probe)
        if not tries_server or self.server.state == "closed":
            expected = self._expected_lease(phase)
        elif not self.server.is_due or (probe is not None and probe.is_held):
            expected = set()
        else:
            expected = self._expected_probe(phase, closed)
            if leased:
                self.server.state, (self.server.probe,) = "half_open", leased
        assert closed == {i for i in open_before if self.jobs[i].job == "failed"}
        assert len(leased) == bool(expected)
        assert leased.keys() <= expected
        return next(iter(leased.values()), None)

    def _expected_probe(self, phase, closed) -> set:
        """Any due job and any whose lease ended, after closing those that are spent and were met on the way."""
        due = {
            i
            for i, job in self.jobs.items()
            if job.phase == phase and ((job.job == "queued" and job.due) or job.ended_at is not None)
        }
        spent = {
            i
            for i in due
            if (
                self.jobs[i].crashes + 1 >= MAX_CRASHES
                if self.jobs[i].ended_at
                else self.jobs[i].runs >= MAX_RUNS
            )
        }
        assert closed <= spent
        assert closed == spent or due - spent
        for i in closed:
            self.jobs[i].close("worker_crashed" if self.jobs[i].ended_at else f"{phase}_failed")
        return due - spent

    def _expected_lease(self, phase) -> set:
        """Who may be handed out now, after closing what is spent: the first ended lease, else any due job.

        Those that one more crash would end come between the two, while no other of them is at work.
        """
        last_chance = []
        for job in self._ended(phase):
            if self.jobs[job].crashes + 2 == MAX_CRASHES:
                last_chance.append(job)
            elif self.jobs[job].crashes + 1 < MAX_CRASHES:
                return {job}
            else:
                self.jobs[job].close("worker_crashed")
        is_one_at_work = any(job.is_held and job.is_at_its_last_chance for job in self.jobs.values())
        if last_chance and not is_one_at_work:
            return set(last_chance[:1])
        if not is_one_at_work and (found := self._first_not_spent(phase, at_its_last_chance=True)):
            return found
        return self._first_not_spent(phase, at_its_last_chance=False)

    def _first_not_spent(self, phase, *, at_its_last_chance) -> set:
        """Any due job of these, after closing those that are spent and were met on the way."""
        due = {
            i
            for i, job in self.jobs.items()
            if job.job == "queued"
            and job.due
            and job.phase == phase
            and job.is_at_its_last_chance == at_its_last_chance
        }
        spent = {i for i in due if self.jobs[i].runs >= MAX_RUNS}
        closed = {i for i in spent if self.school.submission(i)["analysis_status"] == "failed"}
        for i in closed:
            self.jobs[i].close(f"{phase}_failed")
        # A spent job may lie behind the one that was handed out; alone it must have been closed.
        assert closed == spent or due - spent
        return due - spent

    def _ended(self, phase) -> Iterator[Any]:
        ended = [i for i, job in self.jobs.items() if job.ended_at is not None and job.phase == phase]
        return iter(sorted(ended, key=lambda i: self.jobs[i].ended_at))

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def expire(self, chance):
        lease = self.a_lease(chance)
        if (job := self.model_of(lease)) is not None:
            self.clock += 1
            self.school.expire(lease, seconds=3600 - self.clock)
            job.ended_at = self.clock

    @rule()
    def time_passes(self):
        self.school.make_due()
        for job in self.jobs.values():
            job.due = job.due or job.job == "queued"

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def renew(self, chance):
        lease = self.a_lease(chance)

        def verb(lease):
            self.school.call("learning_worker_renew", lease["job_id"], lease["lease_key"], 30)

        self.settle(lease, None, verb)

    @rule(chance=CHANCE, confirm_s=st.sampled_from([None, None, 3600]))
    @when(lambda self: self.leases)
    def save_text(self, chance, confirm_s):
        lease = self.a_lease(chance, "vision")
        job = self.settle(lease, "vision", self.school.save_text, TEXT, confirm_s)
        if job is not None:
            job.to_queue(due=confirm_s is None)
            job.phase, job.runs, job.crashes, job.error_code = "feedback", 0, 0, None
            job.status = "pending" if confirm_s is None else "extracted"

    @rule(chance=CHANCE, criterion=st.sampled_from([0, 1]))
    @when(lambda self: self.leases)
    def save_criterion(self, chance, criterion):
        lease = self.a_lease(chance, "feedback")
        result = result_v2(criterion)

        def verb(lease):
            self.school.call(
                "learning_worker_save_criterion",
                lease["job_id"],
                lease["lease_key"],
                result["criterion_id"],
                Jsonb(result),
            )

        job = self.settle(lease, "feedback", verb)
        if job is not None:
            job.results.add(result["criterion_id"])

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def complete(self, chance):
        lease = self.a_lease(chance, "feedback")
        job = self.settle(lease, "feedback", self.school.complete)
        if job is not None:
            job.job, job.key, job.ended_at, job.status, job.error_code = None, None, None, "completed", None
            job.reports += 1

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def complete_with_a_false_quote(self, chance):
        lease = self.a_lease(chance, "feedback")
        if (job := self.model_of(lease)) is not None and job.phase == "feedback":
            report = report_v2()
            report["criteria_results"][0]["evidence"][0]["quote"] = "They never wrote this"
            with pytest.raises(psycopg.DatabaseError) as refused:
                self.school.complete(lease, report)
            assert refused.value.sqlstate == "LW002"

    @rule(chance=CHANCE, wait_s=st.sampled_from([0, 600]))
    @when(lambda self: self.leases)
    def nack(self, chance, wait_s):
        lease = self.a_lease(chance)
        job = self.settle(lease, None, self.school.nack, wait_s)
        if job is not None:
            job.to_queue(due=wait_s == 0)
            job.error_code = f"{job.phase}_retrying"

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def fail(self, chance):
        lease = self.a_lease(chance)
        job = self.settle(lease, None, self.school.fail, "input_corrupt")
        if job is not None:
            job.close("input_corrupt")

    @rule(chance=CHANCE, wait_s=st.sampled_from([0, 600]))
    @when(lambda self: self.leases)
    def release(self, chance, wait_s):
        lease = self.a_lease(chance)
        job = self.settle(lease, None, self.school.release, wait_s)
        if job is not None:
            job.to_queue(due=wait_s == 0)
            job.runs = max(job.runs - 1, 0)

    @rule(chance=CHANCE, least_s=st.sampled_from([0, 600]))
    @when(lambda self: self.leases)
    def the_model_server_fails(self, chance, least_s):
        lease, decided = self.a_lease(chance), []

        def verb(lease):
            # A minute, or a slow machine comes to the end of the wait within a history.
            wait = Jsonb({"base_s": 60, "least_s": least_s})
            arguments = (lease["job_id"], lease["lease_key"], SERVER, "model_busy", wait)
            decided.append(self.school.call("learning_worker_endpoint_failed", *arguments)[0])

        job = self.settle(lease, None, verb)
        if job is None:
            return
        job.outages += 1
        if decided == [{"learning_worker_endpoint_failed": "charge"}]:
            assert job.outages >= 3
            if self.server.probe == lease["submission_id"] and self.server.state == "half_open":
                self.server.state, self.server.probe, self.server.is_due = "open", None, True
            return
        opens = self.server.fails(lease["submission_id"], least_s)
        job.to_queue(due=opens and least_s == 0)
        job.runs, job.error_code = max(job.runs - 1, 0), f"{job.phase}_retrying"

    @rule(chance=CHANCE)
    @when(lambda self: self.server.state != "closed")
    def the_model_server_is_tried(self, chance):
        self.school.owner.execute("update learning_endpoints set retry_at = now()")
        self.server.is_due = True
        self.lease(0, chance)

    @rule()
    @when(lambda self: self.server.failures)
    def the_model_server_answers(self):
        self.school.call("learning_worker_endpoint_worked", SERVER)
        self.server = Server()

    @rule(chance=CHANCE, worker=st.sampled_from([0, 1]))
    def a_worker_gives_back_what_it_does_not_know_of(self, chance, worker):
        held = [job for job in self.jobs.values() if job.is_held and job.worker == worker]
        unheard = [job for job in held if chance.random() < 0.5]
        known = [job.key for job in held if job not in unheard]
        self.school.call("learning_worker_release_unheld", f"w{worker}", known)
        for job in unheard:
            job.to_queue(due=True)
            job.runs = max(job.runs - 1, 0)

    @rule(chance=CHANCE)
    @when(lambda self: self.leases)
    def ask_for_the_outcome(self, chance):
        lease = self.a_lease(chance)
        if lease["job_id"] is not None and self.model_of(lease) is not None:
            assert self.school.outcome(lease) == "held"

    @rule(chance=CHANCE, what=st.sampled_from(["retry", "retry", "retry", "cancel", "take back"]))
    @when(lambda self: self.jobs)
    def somebody_intervenes(self, chance, what):
        failed = [i for i, job in self.jobs.items() if job.job == "failed"]
        submission_id = chance.choice(failed if what == "retry" and failed else list(self.jobs))
        if what == "take back":
            sub = self.school.submission(submission_id)["student_sub"]
            self.school.as_person(sub, "learning_take_back", submission_id)
            del self.jobs[submission_id]
            return
        job, row = self.jobs[submission_id], self.school.job(submission_id)
        function = f"learning_queue_{what}"
        ids = [row["id"]] if row else []
        done = self.school.call(function, ids, connection=self.operator)
        assert len(done) == (job.job in {"cancel": ("queued", "leased"), "retry": ("failed",)}[what])
        if done and what == "cancel":
            job.close("cancelled")
        elif done:
            job.to_queue(due=not job.waits_for_pupil)
            job.status = "extracted" if job.waits_for_pupil else "pending"
            job.error_code, job.runs, job.crashes = None, 0, 0

    @invariant()
    def the_database_says_what_the_model_says(self):
        server = self.school.one("select state, failures_in_row from learning_endpoints")
        assert server in (None, {"state": self.server.state, "failures_in_row": self.server.failures})
        rows = self.school.owner.execute(
            """
            select s.id, s.analysis_status, s.error_code, s.settled_by, j.phase, j.status, j.run_count, j.retry_count,
                   j.crash_count, j.lease_key, (j.leased_until > now()) as alive, (j.visible_at <= now()) as visible,
                   (select count(*) from learning_reports r where r.submission_id = s.id) as reports,
                   (select count(*) from learning_criterion_results c where c.submission_id = s.id) as results
              from learning_submissions s
              left join learning_submission_jobs j on j.submission_id = s.id
            """
        ).fetchall()
        assert {row["id"] for row in rows} == set(self.jobs)
        for row in rows:
            self._compare(row, self.jobs[row["id"]])

    def _compare(self, row, job):
        assert (row["analysis_status"], row["error_code"]) == (job.status, job.error_code)
        assert (row["reports"], row["results"]) == (job.reports, len(job.results))
        assert row["status"] == job.job
        if job.job is None:
            assert row["settled_by"] is not None
            return
        assert (row["phase"], row["crash_count"], row["lease_key"]) == (job.phase, job.crashes, job.key)
        assert row["run_count"] == job.runs
        if job.job == "leased":
            assert row["alive"] is job.is_held
        if job.job == "queued":
            assert row["visible"] is job.due


@pytest.mark.slow
def test_random_histories_agree_with_the_model(school, operator, second_worker, request):
    histories, steps = map(int, request.config.getoption("--machine").split("x"))
    for connection in (school.owner, school.app, school.worker, operator, second_worker):
        connection.prepare_threshold = 2

    class Bound(Machine):
        pass

    Bound.school, Bound.operator, Bound.workers = school, operator, (school.worker, second_worker)
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=histories,
            # Hypothesis ends histories at random: on average half way.
            stateful_step_count=2 * steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            print_blob=False,
        ),
    )
