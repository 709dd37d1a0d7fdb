"""When a person must read an answer before any model does: a small list of phrases, applied in code.

It finds what pupils write of themselves, not what they write about: phrases stand in the first person, and words that a
sentence quotes from somebody else do not count. It labels nobody: its one effect is that a teacher reads today.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from learning_worker.domain.quotes import sentences

GAP_WORDS = 4
MAX_PHRASES = 500
_QUOTED = re.compile(r"[„“\"»«‚]([^„“”\"»«‘]{1,2000})[“”\"«»‘]")
# Somebody in the text speaks, sings or threatens: what follows are not the writer's own words.
_REPORTED = re.compile(
    r"\b(?:sagt|ruft|schreit|droht|singt|says|sings|shouts|threatens|cries)\b.*", re.IGNORECASE | re.DOTALL
)
_FILLER_WORDS = """
    all alle am at auch daran dann das des doch du echt einfach ever every gar gern gerne heute immer jeden jetzt just
    lieber liebsten like manchmal me mich morgen more most nur oft often only really schon sehr selbst so sometimes still
    that the to tomorrow tonight vor wieder wirklich wohl zu
"""
_FILLERS = "|".join(_FILLER_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class PhraseList:
    """Phrases ready to be looked for; `version` is the word after `version` in the list."""

    version: str
    patterns: tuple[str, ...]

    def finds(self, text: str) -> bool:
        """Whether a sentence of the text says one of the phrases in the writer's own voice."""
        own = map(_own_words, (sentence.quote for sentence in sentences(text)))
        return self._any is not None and any(map(self._any.search, own))

    @cached_property
    def _any(self) -> re.Pattern[str] | None:
        """All phrases as one pattern, which takes a quarter of the time of a search for each; None without phrases."""
        return re.compile(f"(?<![^ ])(?:{'|'.join(self.patterns)})") if self.patterns else None


def phrase_list(source: str) -> PhraseList:
    """The list written in a text: one phrase per line, `#` starts a comment, `version NAME` names the edition.

    In a phrase, `*` at the end of a word stands for any ending, `...` for up to four words without a comma, `~` for up to
    four words that add nothing (just, really, manchmal, einfach), `a|b` for either word.
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


def _pattern(phrase: str, nr: int) -> str:
    parts: list[str] = []
    for word in phrase.split():
        if word == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}(?:, )?")
            continue
        if word == "~":
            parts.append(rf"(?:(?:{_FILLERS}) ){{0,{GAP_WORDS}}}")
            continue
        if re.fullmatch(r"[\w'|]+\*?", word) is None:
            raise ValueError(f"line {nr} cannot be read")
        choices = "|".join(re.escape(choice) for choice in word.rstrip("*").replace("'", "").split("|"))
        parts.append(rf"(?:{choices}){'[^ ]*' if word.endswith('*') else ''} (?:, )?")
    return "".join(parts)


def _own_words(sentence: str) -> str:
    """The sentence as lower-case words and commas, a space after each, without what somebody else says in it."""
    without = _QUOTED.sub(" ", sentence)
    # A sentence that is nothing but a quotation has nobody else who could have said it.
    kept = _REPORTED.sub(" ", without) if _WORD.search(without) else sentence
    found = _TOKEN.findall(kept.lower().replace("’", "").replace("'", ""))
    return "".join("%s " % ("," if word in ",;:" else word) for word in found)


_TOKEN = re.compile(r"[^\W_]+|[,;:]")


DEFAULT_LIST = """
version 2
# German: harm to oneself
ich will|möchte|mag|wollte nicht mehr leben
will|möchte|mag ich nicht mehr leben
ich will|möchte|wollte ~ sterben
will|möchte|wollte ich ~ sterben
ich will|möchte|wollte ~ tot sein
will|möchte|wollte|würde ich ~ tot sein
ich wäre ~ tot
wäre ich ~ tot
ich will|möchte|würde ~ verschwinden
will|möchte|würde ich ~ verschwinden
ich bringe|bring mich ... um
bringe|bring ich mich ... um
mich ~ umbringen
mich ~ umzubringen
ich will|werde|möchte|könnte mir ... das leben nehmen
mir das leben zu nehmen
wie ich es ~ beende
ich ~ allem ein ende machen|setzen
ich ritze mich
ritze ich mich
ich verletze mich ~ selbst
ich schneide mich ... arm|arme|armen|bein|beine|haut
schneide ich mich ... arm|arme|armen|bein|beine|haut
ich habe mich ~ geritzt
mich wieder|oft|gestern|selbst geritzt
keinen grund mehr zu leben
mein leben hat ~ keinen sinn
ohne mich ~ besser dran
niemand|keiner würde mich vermissen
mich würde ~ niemand|keiner vermissen
# German: what is done to a child
vater|mutter|papa|mama|stiefvater|stiefmutter schlägt|haut|verprügelt|tritt mich
bruder|onkel|opa|eltern|freund schlägt|haut|verprügelt|schlagen|tritt mich
schlägt|haut|verprügelt|tritt mich ... vater|mutter|papa|mama|stiefvater|onkel
schlagen|verprügeln mich ... eltern
er|sie schlägt|verprügelt mich
er|sie hat|haben mich ~ geschlagen|verprügelt|missbraucht|vergewaltigt
hat mich ~ missbraucht|vergewaltigt
zu hause|daheim werde ich ~ geschlagen|verprügelt
ich werde zu hause|daheim ~ geschlagen|verprügelt
werde|wurde ich zu hause ~ geschlagen|verprügelt
fasst mich ... an
er hat mich ... angefasst
trainer|lehrer|onkel|opa|stiefvater|vater|papa küsst mich
habe|hab ... angst ~ nach hause zu gehen
angst vor meinem vater|stiefvater|onkel|bruder|opa|freund|papa
angst vor meiner mutter|stiefmutter|mama
ich darf ... niemandem ~ erzählen|sagen was
darf das ~ niemandem erzählen|sagen
# German: threats
ich bringe|bring ihn|sie|euch|alle|dich ... um
bringe|bring ich ihn|sie|euch|alle|dich ... um
ich werde|will ihn|sie|euch|alle|dich ~ umbringen|töten|abstechen|erschießen
ich bringe|bring ~ morgen ... waffe|messer|pistole mit
ich bringe|nehme ... waffe|messer|pistole mit ... schule
morgen bringe|bring|nehme ich ... waffe|messer|pistole mit
ich knalle|steche ihn|sie|euch|dich|alle ... ab
knalle|steche ich ihn|sie|euch|dich|alle ... ab
# English: harm to oneself
i don't|dont want to live|exist
i do not want to live|exist
i don't|dont want to be alive|here
i do not want to be alive
i ~ want|wanted to die
i ~ wish i was|were dead
i ~ want to be dead
want|wanted to end it all
want|wanted to end my life
kill|killing myself
harm|harming|hurting myself
i hurt myself on purpose
i ~ cut myself ~ every|again|when|because|at
have|i've been cutting myself
cut|cutting my arm|arms|wrist|wrists|leg|legs|skin
no reason to live ~ any|anymore|more
i have no reason to live
better off without me
my life has no point
nobody|noone would|will miss me
no one would|will miss me
# English: what is done to a child
father|dad|mother|mum|mom|stepfather|stepdad|stepmother hits|beats|hit|beat|punches|kicks|slaps me
stepmum|stepmom|brother|uncle|grandpa|parents|boyfriend hits|beats|hit|beat|punches|kicks|slaps me
he|she hits|beats|punches|kicks|slaps me
he|she touches|touched me
father|dad|stepfather|stepdad|uncle|brother|boyfriend|coach|teacher ~ touches|touched|kisses|kissed me
comes into|in my room at night
came into|in my room at night
im|am ~ afraid|scared to go home
am|i'm|im afraid|scared|terrified of my dad|father|mum|mom|mother|stepfather|stepdad|uncle|brother
he|she|they told|said ~ not to tell anyone
raped|abused me
# English: threats
i'm|im|am going to kill|shoot|stab|hurt him|her|them|you|everyone|everybody|somebody|someone
i'm|im|am gonna kill|shoot|stab|hurt him|her|them|you|everyone|everybody|somebody|someone
i will kill|shoot|stab him|her|them|you|everyone|everybody
i'll kill|shoot|stab him|her|them|you|everyone|everybody
i want to kill|shoot|stab him|her|them|you|everyone|everybody
i'm|im|am bringing a gun|knife ~ tomorrow
i'm|im|am bringing|taking ... gun|knife to school
i will bring ... gun|knife ~ tomorrow
i will bring ... gun|knife to school
"""
DEFAULT_PHRASES = phrase_list(DEFAULT_LIST)
