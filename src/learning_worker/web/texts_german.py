"""The pages in German, speaking to pupils with "du" and to teachers with "Sie"."""

from learning_worker.web.texts import Texts

GERMAN = Texts(
    # Frame
    code="de",
    product="Lernwerkstatt",
    language_name="Deutsch",
    switch_to="English",
    switch_label="Switch to English",
    skip_to_content="Zum Inhalt springen",
    sign_out="Abmelden",
    sign_out_draft=(
        "Du hast einen Entwurf, der noch nicht abgegeben ist. Beim Abmelden wird er von diesem Gerät "
        "gelöscht. Trotzdem abmelden?"
    ),
    my_tasks="Meine Aufgaben",
    my_courses="Meine Kurse",
    back="Zurück",
    footer_local="Läuft auf dem Server der Schule. Nichts verlässt dieses Haus.",
    date_format="%d.%m.%Y, %H:%M Uhr",
    time_format="%H:%M Uhr",
    opening_quote="„",
    closing_quote="“",
    # Sign-in
    sign_in="Anmelden",
    sign_in_not_set_up=(
        "Für diese Schule ist noch keine Anmeldung eingerichtet. Bitte wende dich an die Schul-IT."
    ),
    demo_title="Demo: Wer möchtest du sein?",
    demo_intro=(
        "Alle Personen und Texte sind erfunden. Wähle jemanden aus und sieh dir an, was diese Person sieht."
    ),
    demo_pupils="Schülerinnen und Schüler",
    demo_teachers="Lehrkräfte",
    demo_operators="Betrieb",
    # Pupil: tasks
    no_tasks="Hier erscheinen deine Aufgaben, sobald deine Lehrkraft welche stellt.",
    not_handed_in="Noch nicht abgegeben",
    attempt="Versuch {nr}",
    deadline="Abgabe bis {when}",
    deadline_over="Die Abgabe war bis {when} möglich.",
    course_archived="Dieser Kurs ist abgeschlossen. Abgeben geht nicht mehr; deine Antworten sind noch da.",
    criteria="Worauf es ankommt",
    your_answer="Deine Antwort",
    your_attempts="Deine Versuche",
    new_attempt="Neuer Versuch",
    attempts_left="Noch {n} von {total} Versuchen",
    no_attempts_left="Du hast alle Versuche genutzt.",
    practice_note="Übungsaufgabe: Du bekommst die Rückmeldung sofort.",
    reviewed_note="Deine Lehrkraft liest die Rückmeldung, bevor du sie siehst.",
    type_text="Text schreiben",
    upload_files="Fotos oder Dateien",
    text_label="Dein Text",
    text_hint="Dein Entwurf bleibt auf diesem Gerät, bis du abgibst oder dich abmeldest.",
    draft_restored="Dein Entwurf von vorhin ist wieder da.",
    words="Wörter",
    files_label="Fotos (JPEG, PNG, WebP, HEIC), PDF oder Textdateien auswählen",
    files_hint=(
        "Höchstens {files} Dateien, jede bis {mb} MB. Die Reihenfolge hier ist die Reihenfolge der Seiten."
    ),
    camera_label="Foto machen",
    drop_here="oder Dateien hierher ziehen",
    page="Seite {nr}",
    move_up="Nach oben",
    move_down="Nach unten",
    rotate="Drehen",
    remove="Entfernen",
    too_big_here="Diese Datei ist zu groß.",
    hand_in="Abgeben",
    handing_in="Wird abgegeben …",
    # Pupil: submission
    receipt="Deine Antwort ist angekommen.",
    receipt_line="Versuch {nr}, abgegeben am {when}",
    submission="Abgabe",
    step_handed_in="Abgegeben",
    step_reading="Lesen",
    step_checking="Prüfen",
    step_done="Fertig",
    step_teacher="Lehrkraft liest",
    state_waiting="In der Warteschlange. Du kannst die Seite schließen; es geht auch ohne dich weiter.",
    state_reading="Deine Seiten werden gelesen.",
    state_checking="Dein Text wird anhand der Kriterien geprüft.",
    state_confirm="Bitte sieh nach, ob dein Text richtig gelesen wurde.",
    state_teacher_reads="Deine Lehrkraft liest das. Sobald sie etwas freigibt, steht es hier.",
    state_done="Deine Rückmeldung ist da.",
    state_failed="Das hat nicht geklappt.",
    retrying=(
        "Beim letzten Mal hat es nicht geklappt. Es wird von selbst noch einmal versucht; deine Antwort "
        "ist sicher."
    ),
    place_next="Du bist als Nächstes dran.",
    place_in_line="Platz {n} in der Reihe.",
    turn_in="Du bist {span} dran.",
    no_estimate="Wie lange es dauert, lässt sich noch nicht sagen.",
    span_soon="innerhalb einer Minute",
    span_minutes="in etwa {n} Minuten",
    span_minutes_to="in etwa {n} bis {late} Minuten",
    span_hours="in etwa {n} Stunden",
    span_hours_to="in etwa {n} bis {late} Stunden",
    short_waiting="Wartet",
    short_reading="Wird gelesen",
    short_checking="Wird geprüft",
    short_confirm="Text bestätigen",
    short_teacher_reads="Bei der Lehrkraft",
    short_done="Rückmeldung da",
    short_failed="Nicht geklappt",
    confirm_title="Ist das dein Text?",
    confirm_help=(
        "So wurde deine Handschrift gelesen. Verbessere nur, was falsch gelesen wurde, nicht deine Antwort. "
        "Wörter mit [?] waren schwer zu lesen: Prüfe sie und lösche das Zeichen."
    ),
    confirm_until="Ohne Bestätigung geht es am {when} mit diesem Text weiter.",
    confirm_button="Ja, das ist mein Text",
    enlarge="Größer",
    correct_mine="Falsch gelesen? Text verbessern",
    correct_mine_help=(
        "Verbessere nur, was falsch gelesen wurde, nicht deine Antwort. Deine Lehrkraft sieht beide "
        "Fassungen. Danach wird die Rückmeldung neu erstellt."
    ),
    corrected_mine="Dein Text ist gespeichert. Die Rückmeldung wird neu erstellt.",
    save_my_text="Meinen Text speichern",
    text_conflict="Der Text hat sich inzwischen geändert",
    text_conflict_help=(
        "Vielleicht in einem anderen Fenster. Das Eingegebene steht unten und ist noch nicht gespeichert. "
        "Mit dem vergleichen, was jetzt gespeichert ist, und noch einmal speichern."
    ),
    text_closed_help=(
        "Hier lässt er sich nicht mehr verbessern: Er wurde in einem anderen Fenster bestätigt, oder er "
        "liegt jetzt bei deiner Lehrkraft. Das Eingegebene steht unten, damit du es deiner Lehrkraft "
        "zeigen kannst."
    ),
    text_typed="Das hast du eingegeben (nicht gespeichert)",
    text_version="Fassung {nr}",
    version_read="wie gelesen",
    version_by_pupil="vom Kind verbessert",
    version_by_teacher="von einer Lehrkraft verbessert",
    was_corrected="Der Text wurde verbessert; frühere Fassungen sind aufbewahrt.",
    by_hand="Selbst bewerten",
    by_hand_help="Öffnet die Kriterien leer; keine KI arbeitet mehr an dieser Antwort.",
    take_back="Zurückziehen",
    take_back_help=(
        "Solange noch niemand deine Antwort geöffnet hat, kannst du sie zurückziehen. Sie wird dann ganz "
        "gelöscht."
    ),
    take_back_confirm="Antwort endgültig löschen",
    taken_back="Deine Antwort wurde zurückgezogen und gelöscht.",
    your_text="Dein Text",
    your_files="Deine Dateien",
    feedback="Rückmeldung",
    per_criterion="Zu den einzelnen Kriterien",
    explanation="Begründung",
    explanation_left_out=(
        "Die Begründung des Modells wurde weggelassen: Sie brach eine Regel für Rückmeldungen, etwa weil sie Punkte"
        " nannte."
    ),
    next_step="Nächster Schritt",
    quote_number="Stelle {nr}",
    quotes_in_text="Die Zahlen im Text gehören zu den Kriterien.",
    earlier_wording="Diese Stelle stammt aus einer früheren Fassung des Textes.",
    points="{score} von {top} Punkten",
    overall="Insgesamt {score} von {top}",
    assessed_of="{n} von {total} Kriterien eingeschätzt",
    write_again="Überarbeiten und neu abgeben",
    help_title="Hilfe und Fragen",
    help_text=(
        "Etwas ist unklar, du siehst das anders, oder dich beschäftigt etwas? Sprich deine Lehrkraft, die "
        "Schulsozialarbeit oder eine Person deines Vertrauens an."
    ),
    # Levels and states of a criterion
    level_0="noch nicht",
    level_1="teilweise",
    level_2="überwiegend",
    level_3="vollständig",
    letter_0="N",
    letter_1="T",
    letter_2="Ü",
    letter_3="V",
    letter_none="?",
    level_none="offen",
    not_assessed="Noch nicht eingeschätzt",
    your_teacher_looks="Deine Lehrkraft kann das ergänzen.",
    assessed="eingeschätzt",
    # Who made it
    made_by_stub="Demo-Ergebnis, keine KI",
    made_by_ai="KI-Entwurf",
    made_by_fallback="KI-Entwurf (einfaches Verfahren)",
    made_by_teacher="Lehrkraft",
    made_by_none="Keine automatische Einschätzung",
    checked_by_teacher="Von deiner Lehrkraft freigegeben",
    not_checked="Noch von niemandem gegengelesen",
    # Teacher
    no_courses="Hier erscheinen Ihre Kurse.",
    pupils="{n} Lernende",
    handed_in_of="{n} von {total} abgegeben",
    to_review="Offen",
    in_progress="In Arbeit",
    class_waiting="{n} Antworten dieser Klasse warten oder werden gerade geprüft.",
    class_waiting_one="Eine Antwort dieser Klasse wartet oder wird gerade geprüft.",
    class_done_at="Fertig etwa um {when}.",
    class_done_between="Fertig etwa um {when}, spätestens wohl um {late}.",
    no_class_estimate="Wann sie fertig sind, lässt sich noch nicht sagen: Dazu muss die Verarbeitung laufen und schon "
    "einige Antworten fertig haben.",
    released="Freigegeben",
    attention="Bitte ansehen",
    answers="Antworten",
    pupil="Name",
    state="Stand",
    levels="Stufen",
    legend="{n0} noch nicht, {n1} teilweise, {n2} überwiegend, {n3} vollständig, ? offen",
    person_reads="Bitte heute lesen",
    needs_review="Einschätzung offen",
    draft_ready="Entwurf bereit",
    failed="Fehlgeschlagen",
    missing_pupils="Noch nichts abgegeben",
    nobody_yet="Noch keine Antworten.",
    previous="Vorherige",
    next="Nächste",
    list="Liste",
    position="{n} von {total}",
    answer_text="Antwort",
    text_read_by="Aus Dateien gelesen; bitte mit dem Original vergleichen.",
    correct_text="Text verbessern",
    correct_text_help=(
        "Nur Lesefehler verbessern. Danach wird die Einschätzung neu erstellt; die bisherige bleibt erhalten."
    ),
    save_text="Text speichern und neu einschätzen",
    level="Stufe",
    reason_label="Warum offen",
    ai_original="Ursprünglich",
    original_feedback="Ursprüngliche Rückmeldung",
    feedback_for_pupil="Rückmeldung an die Schülerin, den Schüler",
    markdown_hint="Absätze, Listen, **fett** und *kursiv* sind möglich.",
    save="Speichern",
    release="Freigeben",
    release_next="Freigeben und weiter",
    saved="Gespeichert.",
    released_now="Freigegeben. Die Rückmeldung ist jetzt sichtbar.",
    text_saved="Text gespeichert. Die Einschätzung wird neu erstellt.",
    all_done="Alle Antworten sind durchgesehen.",
    released_at="Freigegeben am {when}",
    not_released="Noch nicht freigegeben",
    changed_not_released="Geändert, noch nicht freigegeben",
    no_report_yet="Die Einschätzung läuft noch. Sie können die Antwort schon lesen.",
    no_report_failed="Es gibt keine Einschätzung: {why}",
    no_ai="Für dieses Kind ist keine KI erlaubt. Bitte selbst einschätzen.",
    addresses_reader="Diese Stelle wendet sich an die Person, die die Antwort liest, statt an die Aufgabe.",
    addresses_help="Gepunktet unterstrichen: Stellen, die sich an die lesende Person wenden statt an die Aufgabe. Sie haben "
    "an der Einschätzung nichts geändert, und nur Sie sehen diesen Hinweis.",
    addresses_quote="Ein Zitat stammt aus einer Stelle, die sich an die lesende Person wendet.",
    made_how="Wie diese Einschätzung entstanden ist",
    made_model="Modell",
    made_program="Programm",
    made_text="Version {version} des Textes",
    made_cost="{calls} Fragen an das Modell, {tokens_in} Tokens gelesen, {tokens_out} geschrieben, {seconds} s",
    made_settings="Einstellungen",
    made_before="Übernommen aus Version {version}: gleicher Text, gleiche Aufgabe, gleiches Modell und Programm. Kein "
    "Modell wurde gefragt.",
    person_reads_note="Bitte lesen Sie diese Antwort heute. Es wurde bewusst keine KI-Rückmeldung erstellt.",
    observer_note="Sie hospitieren in diesem Kurs und können nichts ändern.",
    conflict_title="Jemand war schneller",
    conflict_help=(
        "Diese Antwort wurde inzwischen geändert. Ihre Eingaben stehen unten und sind noch nicht "
        "gespeichert. Vergleichen Sie sie mit dem jetzigen Stand und speichern Sie noch einmal."
    ),
    stored_now="Jetzt gespeichert",
    keys_help=(
        "Tasten: 1 bis 4 Stufe, J und K nächstes Kriterium, Alt+→ nächste, Alt+← vorherige Antwort, "
        "Strg+Enter speichern"
    ),
    download="Herunterladen",
    other_attempts="Versuche",
    task_text="Aufgabe",
    # Errors, as pages
    error="Fehler",
    to_start="Zur Startseite",
    error_401="Bitte melde dich an.",
    error_401_help="Deine Anmeldung ist abgelaufen, oder du warst noch nicht angemeldet.",
    error_403="Das geht mit diesem Konto nicht.",
    error_403_help=(
        "Vielleicht bist du mit einem anderen Konto angemeldet, oder das Formular war zu lange offen. Geh "
        "zurück, lade die Seite neu und versuche es noch einmal."
    ),
    error_404="Diese Seite gibt es nicht.",
    error_404_help="Vielleicht ist die Adresse unvollständig, oder die Antwort wurde zurückgezogen.",
    error_409="Das hat sich inzwischen geändert.",
    error_409_help="Lade die Seite neu und versuche es noch einmal.",
    error_413="Das ist zu groß.",
    error_413_help="Nimm weniger oder kleinere Dateien. Ein Foto pro Seite reicht.",
    error_422="Das können wir so nicht annehmen.",
    error_422_help="Prüfe deine Eingaben und versuche es noch einmal.",
    error_storage="Dateien können gerade nicht abgelegt werden",
    error_storage_help=(
        "Der Platz für Dateien ist voll oder nicht erreichbar; es wurde nichts abgegeben. Behalte dein Foto, sag "
        "deiner Lehrkraft Bescheid und versuch es in ein paar Minuten noch einmal. Getippten Text kannst du "
        "jederzeit abgeben."
    ),
    error_503="Gerade nicht erreichbar",
    error_503_help=(
        "Die Datenbank antwortet nicht. Warte kurz und versuche es noch einmal; dein Entwurf bleibt auf "
        "diesem Gerät. Doppelt abgeben schadet nicht."
    ),
    error_500="Da ist etwas schiefgegangen.",
    error_500_help="Es liegt nicht an dir. Bitte sag in der Schule Bescheid, wenn es wieder passiert.",
    # Why handing in was refused
    refused_empty="Schreib zuerst etwas oder wähle Dateien aus.",
    refused_text_too_long="Der Text ist zu lang: höchstens {n} Zeichen.",
    refused_characters=(
        "Im Text stehen Zeichen, die wir nicht speichern können. Füge ihn noch einmal als einfachen Text ein."
    ),
    refused_too_many_files="Das sind zu viele Dateien: höchstens {n}.",
    refused_not_allowed="Du kannst für diese Aufgabe nichts abgeben.",
    refused_key_reused=(
        "Mit diesem Formular hast du schon etwas anderes abgegeben. Dein Text steht unten; gib ihn noch "
        "einmal ab, wenn du einen neuen Versuch willst."
    ),
    refused_no_attempt_left="Du hast alle Versuche für diese Aufgabe genutzt. Sprich mit deiner Lehrkraft.",
    refused_deadline_passed="Die Abgabefrist ist vorbei. Sprich mit deiner Lehrkraft.",
    refused_not_possible_now="Das ist jetzt nicht mehr möglich.",
    # Final codes
    why_vision_failed=(
        "Wir konnten deine Seiten nicht lesen. Das liegt nicht an dir: Gib sie später noch einmal ab oder "
        "tippe den Text."
    ),
    why_feedback_failed=(
        "Die Rückmeldung ist diesmal nicht gelungen. Das liegt nicht an dir; deine Lehrkraft kann deinen "
        "Text lesen."
    ),
    why_input_corrupt=(
        "Die Datei ist beschädigt oder leer. Mach ein neues Foto oder exportiere das PDF noch einmal."
    ),
    why_input_unsupported=(
        "Diese Art von Datei können wir nicht lesen. Nimm ein Foto (JPEG, PNG, WebP, HEIC), ein PDF "
        "ohne Passwort oder eine Textdatei."
    ),
    why_input_too_large="Die Datei ist zu groß. Nimm weniger Seiten oder ein kleineres Foto.",
    why_input_unreadable=(
        "Auf dem Bild konnten wir nichts sicher lesen. Mach ein neues Foto bei gutem Licht von gerade "
        "oben, oder tippe den Text."
    ),
    why_photo_blurred=(
        "Ein Foto ist zu unscharf zum Lesen. Halte das Handy mit beiden Händen ruhig, tippe zum Scharfstellen auf die "
        "Seite und fotografiere neu, oder tippe den Text."
    ),
    why_photo_dark=(
        "Ein Foto ist zu dunkel zum Lesen. Fotografiere neu am Fenster oder unter einer Lampe, oder tippe den Text."
    ),
    why_photo_too_small=(
        "Ein Foto hat zu wenige Bildpunkte zum Lesen. Gib das Foto selbst ab, keine Vorschau davon, oder tippe den Text."
    ),
    why_page_blank=(
        "Die Seite ist leer. Hast du die richtige Seite fotografiert? Fotografiere neu oder tippe den Text."
    ),
    why_worker_crashed=(
        "Bei der Verarbeitung ist etwas schiefgegangen. Deine Antwort ist gespeichert, und deine "
        "Lehrkraft kann sie lesen."
    ),
    why_cancelled="Die Verarbeitung wurde von der Schule angehalten. Deine Antwort ist gespeichert.",
    # Reasons of an open criterion
    because_unknown="Kein Ergebnis",
    because_quote_not_found="Ein Beleg steht so nicht im Text",
    because_answer_invalid="Die Antwort des Modells war unbrauchbar",
    because_level_out_of_range="Die Antwort des Modells war unbrauchbar",
    because_text_unreadable="Der Text war nicht sicher lesbar",
    because_text_too_long="Der Text ist für das Modell zu lang",
    because_blank="Kein Text",
    because_nonsense="Kein zusammenhängender Text",
    because_off_topic="Kein Bezug zur Aufgabe",
    because_refused="Eine Person sollte das lesen",
    because_person_reads="Eine Person sollte das lesen",
    because_ai_not_allowed="Keine KI erlaubt",
    because_truncated="Die Antwort des Modells brach ab",
    because_timeout="Das Modell hat zu lange gebraucht",
    # Operator
    health="Zustand",
    healthy="Alles in Ordnung",
    degraded="Eingeschränkt",
)
