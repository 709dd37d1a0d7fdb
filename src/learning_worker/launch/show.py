"""What the one-shot commands print: progress while they run, the result as text or JSON."""

import json
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from learning_worker.launch.oneshot import Analysis, Progress

# One sentence each: what happened and what to do.
SENTENCES = {
    "input_corrupt": "The file is empty or damaged; please save or photograph it again.",
    "input_unsupported": "This kind of file cannot be read, or it has a password; use text, JPEG, PNG, WebP or PDF.",
    "input_too_large": "The file is too large or has too many pages; hand in fewer or smaller pages.",
    "input_unreadable": "No text was found on the page; take a sharper, brighter photo or type the text.",
    "vision_failed": "The pages could not be read after several tries; the worker's log names the cause.",
    "feedback_failed": "No feedback could be made after several tries; the worker's log names the cause.",
    "worker_crashed": "The analysis kept crashing and was given up.",
    "cancelled": "The analysis was cancelled.",
}
STEPS = {
    "waiting": "waiting",
    "reading": "reading the pages",
    "checking": "checking against the criteria",
    "teacher_reads": "done",
    "done": "done",
    "failed": "failed",
}


def progress(names: Sequence[str]) -> Progress:
    """Steps on standard error: on a terminal only, so that a pipe stays plain."""
    console = Console(stderr=True)

    def tell(index: int, step: str) -> None:
        if console.is_terminal:
            console.print(f"[dim]{names[index]}: {STEPS.get(step, step)}[/dim]", highlight=False)

    return tell


def as_text(analysis: Analysis, out: TextIO) -> None:
    """The recognised text and the feedback, or the sentence of the error."""
    if analysis.error_code is not None:
        sentence = SENTENCES.get(analysis.error_code, "The analysis failed.")
        sys.stderr.write(f"{analysis.error_code}: {sentence}\n")
        return
    out.write(f"--- Text ---\n{(analysis.text_body or '').strip()}\n\n")
    out.write(f"--- Feedback ---\n{(analysis.feedback_md or '').strip()}\n")


def as_json(value: object, out: TextIO) -> None:
    """One JSON document, readable."""
    json.dump(value, out, ensure_ascii=False, indent=2)
    out.write("\n")
