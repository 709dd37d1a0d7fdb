"""When a person must read an answer before any model does: a small list of phrases, applied in code.

It finds what pupils write of themselves, not what they write about: phrases stand in the first person, and words that a
sentence quotes from somebody else do not count. It labels nobody: its one effect is that a teacher reads today.
"""

import re
from dataclasses import dataclass

from learning_worker.domain.quotes import sentences

GAP_WORDS = 4
MAX_PHRASES = 500
_QUOTED = re.compile(r"[„“\"»«‚]([^„“”\"»«‘]{1,2000})[“”\"«»‘]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class PhraseList:
    """Phrases ready to be looked for; `version` is the word after `version` in the list."""

    version: str
    patterns: tuple[re.Pattern[str], ...]

    def finds(self, text: str) -> bool:
        """Whether a sentence of the text says one of the phrases in the writer's own voice."""
        return any(
            pattern.search(line)
            for line in map(_own_words, (sentence.quote for sentence in sentences(text)))
            for pattern in self.patterns
        )


def phrase_list(source: str) -> PhraseList:
    """The list written in a text: one phrase per line, `#` starts a comment, `version NAME` names the edition.

    In a phrase, `*` at the end of a word stands for any ending, `...` for up to four words, `a|b` for either word.
    Raises ValueError with the number of a line that cannot be read.
    """
    version, patterns = "unnamed", []
    for nr, line in enumerate(source.splitlines(), 1):
        phrase = line.split("#", 1)[0].strip().lower()
        if phrase.startswith("version "):
            version = phrase.removeprefix("version ").strip()[:50]
        elif phrase:
            patterns.append(_pattern(phrase, nr))
    if len(patterns) > MAX_PHRASES:
        raise ValueError(f"more than {MAX_PHRASES} phrases")
    return PhraseList(version, tuple(patterns))


def _pattern(phrase: str, nr: int) -> re.Pattern[str]:
    parts: list[str] = []
    for word in phrase.split():
        if word == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}")
            continue
        if re.fullmatch(r"[\w'|]+\*?", word) is None:
            raise ValueError(f"line {nr} cannot be read")
        choices = "|".join(re.escape(choice) for choice in word.rstrip("*").replace("'", "").split("|"))
        parts.append(rf"(?:{choices}){'[^ ]*' if word.endswith('*') else ''} ")
    return re.compile("(?<![^ ])" + "".join(parts))


def _own_words(sentence: str) -> str:
    """The sentence as lower-case words with one space after each, without what it quotes from somebody else."""
    without = _QUOTED.sub(" ", sentence)
    # A sentence that is nothing but a quotation has nobody else who could have said it.
    kept = without if _WORD.search(without) else sentence
    return "".join(f"{re.sub('[' + chr(39) + '’]', '', word.lower())} " for word in _WORD.findall(kept))


DEFAULT_LIST = """
version 1
# German: harm to oneself
ich will|möchte|wollte nicht mehr leben
ich will|möchte|wollte ... sterben
ich will|möchte|wünschte ... tot sein
ich wäre ... lieber|gern|gerne tot
ich wünschte ich wäre ... tot
ich bringe mich ... um
ich bring mich ... um
ich will|werde|möchte|könnte mich ... umbringen
ich habe ... vor mich umzubringen
ich denke ... daran mich umzubringen
ich ritze mich
ich verletze mich ... selbst
ich habe mich ... geritzt
ich habe ... keinen grund mehr zu leben
mein leben hat keinen sinn mehr
ohne mich ... besser dran
# German: what is done to a child
mein|meine ... schlägt mich
mein|meine ... schlagen mich
er|sie schlägt mich
er hat mich ... geschlagen
zu hause werde ich ... geschlagen
er fasst mich ... an
er hat mich ... angefasst
mein ... fasst mich ... an
ich habe angst nach hause zu gehen
ich habe ... angst vor meinem|meiner vater|mutter|stiefvater|onkel|bruder|opa|freund
ich darf ... niemandem erzählen was
er hat gesagt ich darf es niemandem
# German: threats
ich bringe ihn|sie|euch|alle|dich ... um
ich werde ihn|sie|euch|alle|dich ... umbringen
ich bringe ... eine|ein|die|das waffe|messer|pistole mit
ich steche ihn|sie|euch|dich ... ab
# English: harm to oneself
i don't want to live
i do not want to live
i want|wanted to die
i wish i was|were dead
i want to be dead
i'm|im going to kill myself
i want|wanted|plan to kill myself
i will|might|could kill myself
i think about killing myself
i cut myself ... every|again|when|because|at
i have been cutting myself
i hurt myself on purpose
i have no reason to live
better off without me
my life has no point
# English: what is done to a child
my ... hits me
my ... beats me
my ... hit me
he|she hits|beats me
he|she touches|touched me
my ... touches|touched me
i'm|im afraid|scared to go home
i am afraid|scared to go home
i'm|im|am afraid|scared of my dad|father|mum|mom|mother|stepfather|stepdad|uncle|brother
he told|said ... not to tell anyone
# English: threats
i'm|im|am going to kill him|her|them|you|everyone
i will kill him|her|them|you|everyone
i'm|im|am bringing a gun|knife
i will bring a gun|knife
i'm|im|am going to shoot|stab
"""
DEFAULT_PHRASES = phrase_list(DEFAULT_LIST)
