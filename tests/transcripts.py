"""How far a reading is from what was written."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np

MARK = "[?]"


def plain(text: str) -> str:
    """The text without marks of doubt, on one line, composed."""
    return " ".join(unicodedata.normalize("NFC", text.replace(MARK, "")).split())


def character_errors(found: str, wanted: str) -> int:
    """Characters to insert, delete or replace (Levenshtein); line ends and marks of doubt do not count."""
    read, written = plain(found), plain(wanted)
    codes = np.array([ord(char) for char in written], np.int64)
    places = np.arange(len(codes) + 1)
    row = places.copy()
    for number, char in enumerate(read, 1):
        best = np.concatenate(([number], np.minimum(row[1:] + 1, row[:-1] + (codes != ord(char)))))
        # A run of insertions costs one each: the running minimum after taking the place out, then put back.
        row = np.minimum.accumulate(best - places) + places
    return int(row[-1])


def words(text: str) -> list[str]:
    """The words, without punctuation and marks."""
    return re.findall(r"[^\W_]+", plain(text))


def kept_and_repaired(found: str, mistakes: Mapping[str, str]) -> tuple[int, int]:
    """Of these misspelt words (wrong: right), how many were read as written, and how many came out right."""
    read = set(words(found))
    kept = sum(wrong in read for wrong in mistakes)
    return kept, sum(wrong not in read and right in read for wrong, right in mistakes.items())
