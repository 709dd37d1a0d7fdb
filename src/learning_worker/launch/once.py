"""The three samples of `learning-worker demo --once`, with the tasks of the invented class they answer."""

from dataclasses import replace

from learning_worker.domain.submission import ConfirmText
from learning_worker.launch import samples
from learning_worker.launch.classroom import demo_classroom
from learning_worker.launch.oneshot import Request

_SAMPLES = ((samples.TYPED, "plants"), (samples.PHOTO, "plants"), (samples.PDF, "school"))
SAMPLE_NAMES = tuple(name for name, _ in _SAMPLES)


def sample_requests() -> list[Request]:
    """Typed text, photographed page, PDF; nobody is there to confirm a text, so nobody is asked."""
    tasks = {entry.key: entry for entry in demo_classroom().tasks}
    return [
        Request(
            files=(samples.read(name),),
            task=replace(tasks[key].task, confirm_text=ConfirmText.NEVER),
            title=tasks[key].title,
        )
        for name, key in _SAMPLES
    ]
