"""A sentence for a person, in both languages the program speaks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """What happened, what it means, what to do; the same in English and in German."""

    english: str
    german: str

    def said(self, language: str) -> str:
        """The sentence in `de`, or in English for any other language."""
        return self.german if language == "de" else self.english

    def __str__(self) -> str:
        return self.english
