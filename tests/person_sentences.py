"""Prints what the list that calls a person misses and where it gives a false alarm, on sentences written for that.

sentences/person_reads.jsonl holds them: `real` is what a pupil writes of himself or herself, `twin` nearly the same about
somebody else. The set `seen` (and its twins) was at hand when the list was written. The set `published` was not: these are
sentences that helplines and schools quote as warning signs on their pages, collected after edition 3 was finished. The
set `provoking` holds harmless sentences alone, written to make edition 4 give false alarms. The set `held_out` was written
for edition 5 without sight of its phrases, and measured once; edition 6 was written with it at hand. So it was with the set
`held_out_2`, for edition 6. The set `held_out_3` was written when edition 7 was finished, by the author of that edition, in
roundabout words, and measured once; edition 8 was written with it at hand. The set `held_out_4` was made when edition 8 was
finished: sentences reworded from what children wrote to helplines, measured once; edition 9 was written with it at hand. The
set `held_out_5` was made in the same way for edition 9. The harmless sentences of these three are no twins. Whoever
changes a phrase because of `held_out_5` needs a new set.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from learning_worker.domain.person_reads import DEFAULT_PHRASES, PhraseList

SETS = ("seen", "published", "provoking", "held_out", *(f"held_out_{nr}" for nr in range(2, 6)))
SENTENCES = Path(__file__).resolve().parent / "sentences" / "person_reads.jsonl"


@dataclass
class Found:
    """What a list makes of one set."""

    reals: int = 0
    twins: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)


def measured(phrases: PhraseList, name: str, language: str | None = None) -> Found:
    """Misses and false alarms in one set, of one language (de, en) or of both."""
    found = Found()
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["set"] != name or language not in (None, row["language"]):
            continue
        real, twin = row.get("real"), row.get("twin")
        if real is not None:
            found.reals += 1
            found.missed += [] if phrases.finds(real) else [real]
        if twin is not None:
            found.twins += 1
            found.alarms += [twin] if phrases.finds(twin) else []
    return found


def main() -> int:
    """Every set, in each language; the sentences themselves of both kinds of mistake."""
    lines = [f"list version {DEFAULT_PHRASES.version}, {len(DEFAULT_PHRASES.phrases)} phrases"]
    for name in SETS:
        for language in ("de", "en"):
            found = measured(DEFAULT_PHRASES, name, language)
            lines.append(
                f"{name} {language}: {len(found.missed)} of {found.reals} missed, "
                f"{len(found.alarms)} of {found.twins} false alarms"
            )
            lines += [f"  missed: {sentence}" for sentence in found.missed]
            lines += [f"  false alarm: {sentence}" for sentence in found.alarms]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
