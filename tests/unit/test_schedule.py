"""Which phase is asked for next: slots, model affinity, and the share of bulk."""

from uuid import uuid4

from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import Lane, LeasedJob, Phase, Task
from learning_worker.worker.schedule import AT_A_TIME, Plan, Schedule, slots_asked_for

BOTH = {Phase.VISION: 1, Phase.FEEDBACK: 2}
TASK = Task("Why?", parse_criteria(["says why"]))


def a_job(phase: Phase = Phase.FEEDBACK, lane: Lane = Lane.INTERACTIVE) -> LeasedJob:
    return LeasedJob(uuid4(), uuid4(), uuid4(), phase, lane, 0, TASK)


def asked(schedule: Schedule, running=None, due=None) -> list[list[tuple[Phase, int]]]:
    """First what is asked for at once, then what is asked for only if that yields nothing."""
    choices: list[list[tuple[Phase, int]]] = []
    for want in schedule.choices(running or {}, due or {}):
        if want.is_second_choice or not choices:
            choices.append([])
        choices[-1].append((want.phase, want.slots))
    return choices


def took(schedule: Schedule, *jobs: LeasedJob, now: float = 0.0) -> None:
    """A look that brought these jobs."""
    schedule.leased(schedule.choices({}, {}), jobs, now)


def test_a_free_slot_is_refilled_whatever_the_others_do():
    schedule = Schedule(Plan(BOTH))

    assert asked(schedule) == [[(Phase.VISION, 1), (Phase.FEEDBACK, 2)]]
    assert asked(schedule, {Phase.VISION: 1, Phase.FEEDBACK: 1}) == [[(Phase.FEEDBACK, 1)]]
    assert asked(schedule, {Phase.VISION: 1, Phase.FEEDBACK: 2}) == []


def test_with_affinity_the_loaded_phase_goes_on_and_the_other_waits_for_its_end():
    schedule = Schedule(Plan(BOTH, affinity_s=60))
    took(schedule, a_job(Phase.FEEDBACK))

    assert asked(schedule, {Phase.FEEDBACK: 1}) == [[(Phase.FEEDBACK, 1)]]
    assert asked(schedule) == [[(Phase.FEEDBACK, 2)], [(Phase.VISION, 1)]]


def test_beyond_the_bound_the_loaded_phase_gets_no_more_and_the_other_comes_first():
    schedule = Schedule(Plan(BOTH, affinity_s=60))
    took(schedule, a_job(Phase.FEEDBACK))

    assert schedule.needs_due({Phase.FEEDBACK: 1}, now=59) is False
    assert schedule.needs_due({Phase.FEEDBACK: 1}, now=60) is True
    assert asked(schedule, {Phase.FEEDBACK: 1}, {Phase.VISION: 61}) == []
    assert asked(schedule, {}, {Phase.VISION: 61}) == [[(Phase.VISION, 1)], [(Phase.FEEDBACK, 2)]]
    assert asked(schedule, {Phase.FEEDBACK: 1}, {Phase.VISION: 59}) == [[(Phase.FEEDBACK, 1)]]


def test_how_long_others_waited_is_not_asked_after_a_look_at_everything_that_found_nothing():
    schedule = Schedule(Plan(BOTH, affinity_s=60))
    took(schedule, a_job(Phase.FEEDBACK))
    took(schedule, now=60)

    assert schedule.needs_due({}, now=61) is False
    # While one model works, the other one's jobs may come and wait.
    assert schedule.needs_due({Phase.FEEDBACK: 1}, now=61) is True
    took(schedule, a_job(Phase.FEEDBACK), now=62)
    assert schedule.needs_due({}, now=63) is True
    schedule.leased(schedule.choices({Phase.FEEDBACK: 1}, {}), [], now=64)
    assert schedule.needs_due({}, now=65) is True


def test_two_full_queues_take_turns_of_the_length_of_the_bound():
    """Switches per hour with both queues always full and waiting for long: one per bound, not one per job."""
    schedule = Schedule(Plan({Phase.VISION: 1, Phase.FEEDBACK: 1}, affinity_s=60))
    now, loaded, switches = 0.0, None, 0
    while now < 3600:
        due = {Phase.VISION: 9e9, Phase.FEEDBACK: 9e9} if schedule.needs_due({}, now) else {}
        wants = schedule.choices({}, due)
        phase = wants[0].phase
        schedule.leased(wants, [a_job(phase)], now)
        switches += phase is not loaded
        loaded = phase
        now += 5.0

    assert 58 <= switches <= 60


def test_bulk_gets_one_slot_in_five_and_no_more():
    schedule = Schedule(Plan({Phase.FEEDBACK: 1}))
    lanes = []
    for _ in range(50):
        (want,) = schedule.choices({}, {})
        lane = Lane.BULK if want.bulk_first else Lane.INTERACTIVE
        took(schedule, a_job(lane=lane))
        lanes.append(lane)

    assert lanes.count(Lane.BULK) == 10
    assert Lane.BULK not in lanes[:4]


def test_a_long_time_without_bulk_is_not_made_up_for():
    schedule = Schedule(Plan({Phase.FEEDBACK: 5}))
    took(schedule, *[a_job() for _ in range(100)])

    (want,) = schedule.choices({}, {})

    assert want.bulk_first == 1


def test_a_second_choice_counts_as_asked_for_only_where_the_first_brought_nothing():
    wants = Schedule(Plan(BOTH, affinity_s=60.0)).choices({}, {})
    assert [(want.phase, want.slots) for want in wants] == [(Phase.VISION, 1), (Phase.FEEDBACK, 2)]

    assert slots_asked_for(wants, [a_job(Phase.VISION)]) == 1
    assert slots_asked_for(wants, [a_job(Phase.FEEDBACK)]) == 3
    assert slots_asked_for(wants, []) == 3


def test_many_free_slots_are_filled_in_portions():
    schedule = Schedule(Plan({Phase.FEEDBACK: 120}))

    assert asked(schedule) == [[(Phase.FEEDBACK, AT_A_TIME)]]
    assert asked(schedule, {Phase.FEEDBACK: 100}) == [[(Phase.FEEDBACK, 20)]]
