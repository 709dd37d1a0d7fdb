"""What is wrong with one setting's value, in words of ours: pydantic's own may quote the value."""

from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from learning_worker.domain.sentences import Sentence
from learning_worker.settings.rules import names

TEXT = Sentence("text", "Text")
_KINDS = {
    bool: Sentence("1 or 0", "1 oder 0"),
    Path: Sentence("a directory", "ein Verzeichnis"),
    SecretStr: Sentence("a PostgreSQL connection string", "eine PostgreSQL-Verbindungszeichenkette"),
}
# What our own validators say, in German; a test compares this list with what they raise.
GERMAN = {
    "must be a postgresql:// URL, with %25 for % in a password, or a key=value connection string": (
        "muss eine postgresql://-URL sein, mit %25 für % im Passwort, oder eine Verbindungszeichenkette key=value"
    ),
    "must be http://host:port, with no user, path or query and no number in place of a name": (
        "muss http://host:port sein, ohne Benutzer, Pfad und Abfrage und ohne Zahl anstelle eines Namens"
    ),
    "must be https://host:port/path, with no user and no query": (
        "muss https://host:port/pfad sein, ohne Benutzer und ohne Abfrage"
    ),
    "must begin with https:// unless the host is this machine or a name of one label": (
        "muss mit https:// beginnen, außer der Host ist dieser Rechner oder ein Name ohne Punkt"
    ),
    "must be exact host:port pairs separated by commas, such as ai.school.example:11434": (
        "muss aus genauen Paaren host:port bestehen, durch Kommas getrennt, wie ai.school.example:11434"
    ),
}


def refusal(name: str, field: FieldInfo | None, kind: str, message: str) -> Sentence:
    """One pydantic error as a sentence. `message` is used only for our own validators: pydantic's may quote input."""
    if kind == "value_error":
        rule = message.removeprefix("Value error, ")
        return Sentence(
            f"{name} is refused: it {rule}.", f"{name} wird abgelehnt: Es {GERMAN.get(rule, rule)}."
        )
    if field is None:
        return Sentence(f"{name} is refused.", f"{name} wird abgelehnt.")
    kinds = accepted(field)
    return Sentence(
        f"{name} has a value that is not allowed; allowed is {kinds.english}.",
        f"{name} hat einen Wert, der nicht erlaubt ist; erlaubt ist {kinds.german}.",
    )


def accepted(field: FieldInfo) -> Sentence:
    """What a setting accepts, in words, from the field itself."""
    if SecretStr in getattr(field.annotation, "__args__", ()) and not (field.description or "").startswith(
        "DSN"
    ):
        return TEXT
    kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return Sentence(names(kind), names(kind))
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if low is not None and high is not None:
        number = ("a whole number", "eine ganze Zahl") if int in kinds else ("a number", "eine Zahl")
        return Sentence(f"{number[0]} from {low:g} to {high:g}", f"{number[1]} von {low:g} bis {high:g}")
    return next((_KINDS[kind] for kind in kinds if kind in _KINDS), TEXT)
