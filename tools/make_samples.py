"""Write the sample answers that the demo hands in: `python tools/make_samples.py`.

Everything is invented. The same bytes come out on every run with the locked versions of Pillow and PDFium.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from paper import (  # type: ignore[import-not-found]  # noqa: E402 - lives beside the tests
    Typeset,
    encoded,
    pdf_of,
    photographed,
    printed,
)

SAMPLES = ROOT / "src" / "learning_worker" / "launch" / "samples"

PHOTO_DE = [
    "Warum Pflanzen Licht brauchen",
    "",
    "Wir haben in der Klasse 7b zwei Wochen lang einen Versuch mit Wasserpest",
    "gemacht. Ein Glas stand hell am Fenster, das zweite stand im dunklen Schrank.",
    "Beide Gläser hatten gleich viel Wasser und die gleiche Temperatur von 20 °C.",
    "",
    "Im hellen Glas habe ich viele kleine Gasbläschen gezählt, am Anfang 14 in einer",
    "Minute. Im dunklen Glas habe ich fast keine gesehen. Als wir den glimmenden",
    "Span in das Gas hielten, leuchtete er wieder auf. Das Gas war also Sauerstoff.",
    "",
    "Außerdem haben wir ein Blatt zur Hälfte mit Alufolie abgedeckt. Nach dem Test",
    "mit Iodlösung wurde nur die helle Hälfte blauschwarz. Nur dort war Stärke.",
    "",
    "Daraus schließe ich: Pflanzen brauchen Licht für die Fotosynthese. Mit der",
    "Energie aus dem Licht machen sie aus Wasser und Kohlenstoffdioxid Traubenzucker",
    "und Sauerstoff. Ohne Licht fehlt die Energie, deshalb entsteht im Dunkeln keine",
    "Stärke. Die Pflanze hätte dann bald nichts mehr, wovon sie wachsen könnte.",
]

ESSAY_EN = [
    "Should schools start later?",
    "",
    "In our class book, the main character Nora falls asleep in maths nearly every day.",
    "Her teacher thinks that she is lazy, but the reader knows that she gets up at half",
    "past five to catch the bus. I think many pupils are a bit like Nora, and in my opinion",
    "schools should start later.",
    "",
    "My first reason is sleep. Teenagers often cannot fall asleep early, even when they try.",
    "When school starts at a quarter to eight, I sleep only seven hours and I am tired until",
    "the first break. In the book Nora's marks get better after the school moves her maths",
    "lesson to ten o'clock, because she can finally concentrate.",
    "",
    "My second reason is safety. In winter it is dark when we walk to the bus stop. A later",
    "start would mean that most of us could go to school in daylight.",
    "",
    "Of course there is a problem: school would also end later, and some of us have sports",
    "or music in the afternoon. Parents who start work early would have to leave small",
    "children alone. I think an open room before lessons could solve this.",
    "",
    "All in all, I believe that starting at nine would help more pupils than it would harm.",
    "Nora did not need more homework. She needed one more hour of sleep.",
]

TYPED_DE = """\
Pflanzen brauchen Licht, weil sie sonst keine Fotosynthese machen können.

Beim Versuch stand eine Wasserpest im Licht und eine im Dunkeln. Die Pflanze im Licht hat Bläschen gebildet, die andere \
nicht. Ich habe in einer Minute 12 Bläschen gezählt. Das war Sauerstoff.

Die Blätter im Licht waren nach zwei Wochen grün, im Schrank waren sie gelb. Ich glaube, das liegt daran, dass die \
Pflanze ohne Licht keinen Zucker herstellen kann. Den Zucker braucht sie zum Wachsen.
"""


def main() -> None:
    """Write the three files into the package."""
    SAMPLES.mkdir(parents=True, exist_ok=True)
    typeset = Typeset(font="Times-Roman", size=13.5, leading=24.0, left=56.0)
    photo = photographed(printed(PHOTO_DE, dpi=170, typeset=typeset), seed=7, angle=2.1)
    (SAMPLES / "photo-de.jpg").write_bytes(encoded(photo, "JPEG", quality=62, optimize=True))
    (SAMPLES / "essay-en.pdf").write_bytes(pdf_of([ESSAY_EN]))
    (SAMPLES / "typed-de.txt").write_text(TYPED_DE, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
