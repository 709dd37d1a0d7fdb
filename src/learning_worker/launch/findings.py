"""What the doctor says: findings with a code, and their sentences in two languages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from learning_worker.domain.sentences import Sentence
from learning_worker.launch.doctor_texts import CURE, SUMMARY, TEXTS


class Status(StrEnum):
    """How a finding counts; `skipped`: nobody looked, and it says so."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `values` fill the sentences of `code`."""

    check: str
    status: Status
    code: str
    values: tuple[tuple[str, object], ...] = ()

    def sentences(self, language: str) -> tuple[str, str]:
        """What was found, and what to do about it (empty: nothing)."""
        found, cure = TEXTS[self.code][language == "de"]
        values = {
            name: value.said(language) if isinstance(value, Sentence) else value
            for name, value in self.values
        }
        return found.format(**values), cure.format(**values)


def finding(check: str, status: Status, wording: str, /, **values: object) -> Finding:
    """A finding whose sentences are filled with `values`."""
    return Finding(check, status, wording, tuple(values.items()))


def overall(findings: Sequence[Finding]) -> Status:
    """The worst of all; what was skipped does not count."""
    for status in (Status.FAILED, Status.WARNING):
        if any(one.status is status for one in findings):
            return status
    return Status.OK


def as_json(findings: Sequence[Finding], language: str) -> dict[str, object]:
    """The findings for a machine, with the sentences for a person."""
    rows = []
    for one in findings:
        found, cure = one.sentences(language)
        rows.append(
            {
                "check": one.check,
                "status": one.status.value,
                "code": one.code,
                "finding": found,
                "cure": cure,
            }
        )
    return {"status": overall(findings).value, "findings": rows}


def as_lines(findings: Sequence[Finding], language: str) -> Iterator[str]:
    """The same, to read."""
    is_german = language == "de"
    for one in findings:
        found, cure = one.sentences(language)
        yield f"{one.status.value:<8} {one.check}: {found}"
        if cure:
            yield f"{'':<8} -> {CURE[is_german]}: {cure}"
    yield SUMMARY[overall(findings).value][is_german]
