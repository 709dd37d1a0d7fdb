"""What the doctor says of models and of reading, in the form of `doctor_texts`."""

from typing import Final

AI_TEXTS: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "model_server_unused": (
        ("Not looked at: these settings ask no model server.", ""),
        ("Nicht geprüft: Diese Einstellungen fragen keinen Modellserver.", ""),
    ),
    "model_server_ok": (
        ("The model server answers, version {version}.", ""),
        ("Der Modellserver antwortet, Version {version}.", ""),
    ),
    "model_server_down": (
        (
            "The model server does not answer ({code}).",
            "Does it run (docker compose ps ollama, systemctl status ollama)? Does OLLAMA_BASE_URL name it?",
        ),
        (
            "Der Modellserver antwortet nicht ({code}).",
            "Läuft er (docker compose ps ollama, systemctl status ollama)? Nennt OLLAMA_BASE_URL ihn?",
        ),
    ),
    "model_missing": (
        ("The model server does not have {model}.", "docker compose exec ollama ollama pull {model}"),
        ("Der Modellserver hat {model} nicht.", "docker compose exec ollama ollama pull {model}"),
    ),
    "model_blind": (
        (
            "{model} takes no images: it cannot read pages.",
            "Name a vision model in AI_VISION_MODEL, or set LEARNING_VISION_ADAPTER=ocr.",
        ),
        (
            "{model} nimmt keine Bilder an: Es kann keine Seiten lesen.",
            "In AI_VISION_MODEL ein Modell mit Bildverständnis nennen oder LEARNING_VISION_ADAPTER=ocr setzen.",
        ),
    ),
    "model_sees": (("{model} takes images.", ""), ("{model} nimmt Bilder an.", "")),
    "model_keeps_form": (
        ("{model} keeps to the form of an answer; context {context} tokens.", ""),
        ("{model} hält sich an die Form einer Antwort; Kontext {context} Token.", ""),
    ),
    "model_ignores_form": (
        (
            "{model} does not keep to the form of an answer on this server; context {context} tokens.",
            "More criteria will wait for a person; take another model, or a newer model server.",
        ),
        (
            "{model} hält sich auf diesem Server nicht an die Form einer Antwort; Kontext {context} Token.",
            "Mehr Kriterien werden auf einen Menschen warten; ein anderes Modell nehmen oder einen neueren Modellserver.",
        ),
    ),
    "model_not_probed": (
        ("{model} could not be tried out ({code}).", "Ask again once the model server has time."),
        (
            "{model} ließ sich nicht ausprobieren ({code}).",
            "Noch einmal fragen, wenn der Modellserver Zeit hat.",
        ),
    ),
    "model_ready": (
        ("{model} is there; not in memory now.", ""),
        ("{model} ist da; gerade nicht im Speicher.", ""),
    ),
    "model_on_gpu": (
        ("{model} is there and runs on the GPU.", ""),
        ("{model} ist da und läuft auf der GPU.", ""),
    ),
    "model_on_cpu": (
        (
            "{model} runs on the CPU: minutes per answer.",
            "Without a card that is right, only slow; with one see docs/how-to/rocm.md.",
        ),
        (
            "{model} läuft auf der CPU: Minuten je Antwort.",
            "Ohne Grafikkarte ist das richtig, nur langsam; mit einer siehe docs/how-to/rocm.md.",
        ),
    ),
    "model_partly_on_cpu": (
        (
            "{percent} % of {model} do not fit on the card; the CPU does that part, slowly.",
            "Take a smaller model or fewer AI_CONTEXT_TOKENS; if another model fills the card, set "
            "WORKER_MODEL_AFFINITY_SECONDS.",
        ),
        (
            "{percent} % von {model} passen nicht auf die Karte; diesen Teil rechnet langsam die CPU.",
            "Ein kleineres Modell oder weniger AI_CONTEXT_TOKENS nehmen; füllt ein anderes Modell die Karte, "
            "WORKER_MODEL_AFFINITY_SECONDS setzen.",
        ),
    ),
    "reading_ok": (
        ("Opening files and recognising text start.", ""),
        ("Öffnen von Dateien und Texterkennung starten.", ""),
    ),
    "reading_unknown": (
        ("Not looked at: --quick starts no child process.", ""),
        ("Nicht geprüft: --quick startet keinen Kindprozess.", ""),
    ),
    "decoder_down": (
        (
            "The child that opens files does not start ({code}).",
            "Is 1 GiB of memory free? Does the container allow seccomp and clone? If so, install the package again.",
        ),
        (
            "Der Kindprozess, der Dateien öffnet, startet nicht ({code}).",
            "Ist 1 GiB Speicher frei? Erlaubt der Container seccomp und clone? Wenn ja, das Paket neu installieren.",
        ),
    ),
    "reader_down": (
        (
            "The child that recognises text does not start ({code}).",
            "Are 2 GiB of memory free? Install the package again if its models are missing.",
        ),
        (
            "Der Kindprozess für Texterkennung startet nicht ({code}).",
            "Sind 2 GiB Speicher frei? Paket neu installieren, falls seine Modelle fehlen.",
        ),
    ),
    "turner_down": (
        (
            "The child that sets pages upright does not start ({code}); the vision model gets them as they lie.",
            "Are 2 GiB of memory free? Install the package again if its models are missing.",
        ),
        (
            "Der Kindprozess, der Seiten aufrecht stellt, startet nicht ({code}); das Modell bekommt sie, wie sie liegen.",
            "Sind 2 GiB Speicher frei? Paket neu installieren, falls seine Modelle fehlen.",
        ),
    ),
}
