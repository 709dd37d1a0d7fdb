"""When a failed run is tried again: the whole policy on one page."""

from dataclasses import dataclass

from learning_worker.domain.errors import AnalysisError, TransientError

CAP_S = 900.0
JITTER_SHARE = 0.2


@dataclass(frozen=True)
class RetryPolicy:
    """Doubling waits with a cap. Per phase a submission gets 1 + max_retries runs."""

    max_retries: int = 3
    backoff_s: float = 10.0
    cap_s: float = CAP_S

    def wait_s(self, retry_count: int, error: AnalysisError, jitter: float) -> float | None:
        """Seconds until the next run, or None when this error closes the submission.

        retry_count: charged runs before the one that failed; 0 in the first run.
        jitter: -1..1, drawn by the caller; moves the wait by up to 20 % so that failed jobs do not return in step.
        A Retry-After of the other side is a lower bound; cap_s bounds everything.
        Raises ValueError for a jitter outside its range.
        """
        if not -1.0 <= jitter <= 1.0:
            raise ValueError("jitter is outside -1..1")
        if not isinstance(error, TransientError) or retry_count >= self.max_retries:
            return None
        wait_s = self._doubled_s(retry_count) * (1 + JITTER_SHARE * jitter)
        return min(self.cap_s, max(wait_s, error.retry_after_s or 0.0))

    def _doubled_s(self, retry_count: int) -> float:
        # The exponent is bounded before the power: a policy with a thousand retries must not overflow.
        return self.backoff_s * 2.0 ** min(max(retry_count, 0), 60)
