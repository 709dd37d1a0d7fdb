import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.errors import ErrorCode, Fault, InputError, PermanentError, TransientError
from learning_worker.domain.retry import RetryPolicy

BUSY = TransientError(Fault.MODEL_BUSY)


def test_waits_double_until_the_runs_are_spent():
    policy = RetryPolicy()

    assert [policy.wait_s(spent, BUSY, 0.0) for spent in range(5)] == [10.0, 20.0, 40.0, None, None]


def test_jitter_moves_a_wait_by_a_fifth():
    policy = RetryPolicy()

    assert policy.wait_s(1, BUSY, 1.0) == pytest.approx(24.0)
    assert policy.wait_s(1, BUSY, -1.0) == pytest.approx(16.0)


@pytest.mark.parametrize("error", [PermanentError(Fault.MODEL_MISSING), InputError(ErrorCode.INPUT_CORRUPT)])
def test_an_error_that_would_come_again_closes_the_submission_at_once(error):
    assert RetryPolicy().wait_s(0, error, 0.0) is None


def test_retry_after_is_a_lower_bound():
    policy = RetryPolicy()

    assert policy.wait_s(0, TransientError(Fault.MODEL_BUSY, retry_after_s=60.0), 0.0) == 60.0
    assert policy.wait_s(2, TransientError(Fault.MODEL_BUSY, retry_after_s=5.0), 0.0) == 40.0


def test_retry_after_is_not_shortened_by_jitter():
    assert RetryPolicy().wait_s(0, TransientError(Fault.MODEL_BUSY, retry_after_s=60.0), -1.0) == 60.0


@pytest.mark.parametrize("retry_after_s", [-5.0, 0.0, float("nan")])
def test_a_senseless_retry_after_is_ignored(retry_after_s):
    assert RetryPolicy().wait_s(0, TransientError(Fault.MODEL_BUSY, retry_after_s=retry_after_s), 0.0) == 10.0


@given(st.integers(0, 5000), st.floats(-1, 1), st.one_of(st.none(), st.floats(0, 1e9), st.just(float("inf"))))
def test_no_wait_is_longer_than_a_quarter_of_an_hour(retry_count, jitter, retry_after_s):
    policy = RetryPolicy(max_retries=10_000)

    wait_s = policy.wait_s(retry_count, TransientError(Fault.TIMEOUT, retry_after_s=retry_after_s), jitter)

    assert wait_s is not None
    assert 0 < wait_s <= 900


def test_no_retries_means_one_run():
    assert RetryPolicy(max_retries=0).wait_s(0, BUSY, 0.0) is None


def test_a_jitter_outside_its_range_is_a_programming_error():
    with pytest.raises(ValueError, match="jitter"):
        RetryPolicy().wait_s(0, BUSY, 1.5)
