"""What the doctor says: per code a finding and its cure, in English and German. Values are counts, roles and model names."""

from typing import Final

from learning_worker.launch.doctor_ai_texts import AI_TEXTS

# code -> ((finding, cure) in English, (finding, cure) in German); an empty cure: nothing to do
TEXTS: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "python_ok": (("Python {version}", ""), ("Python {version}", "")),
    "settings_ok": (("The settings hold together.", ""), ("Die Einstellungen passen zusammen.", "")),
    "settings_refused": (
        (
            "{problem}",
            "Change it in .env or the service's environment; docs/reference/settings.md lists all.",
        ),
        (
            "{problem}",
            "In .env oder der Umgebung des Dienstes ändern; docs/reference/settings.md nennt alle.",
        ),
    ),
    "call_longer_than_phase": (
        (
            "AI_CALL_TIMEOUT is longer than {name}: one call may eat the whole phase.",
            "Make AI_CALL_TIMEOUT shorter, or {name} longer.",
        ),
        (
            "AI_CALL_TIMEOUT ist länger als {name}: Ein Aufruf kann die ganze Phase verbrauchen.",
            "AI_CALL_TIMEOUT verkürzen oder {name} verlängern.",
        ),
    ),
    "ports_equal": (
        ("{names} are the same port: {port}.", "Give each a port of its own, or 0 to a metrics port."),
        ("{names} sind derselbe Port: {port}.", "Jedem einen eigenen Port geben, oder einem Metrik-Port 0."),
    ),
    "models_unused": (
        (
            "Models are named, but these settings ask none.",
            "Set AI_BACKEND=local to use them, or remove the names.",
        ),
        (
            "Modelle sind genannt, aber diese Einstellungen fragen keines.",
            "AI_BACKEND=local setzen, um sie zu nutzen, oder die Namen entfernen.",
        ),
    ),
    "worker_login_unknown": (
        (
            "The worker's login was not looked at: LEARNING_DATABASE_URL is not set here.",
            "Run doctor where the worker runs; without that setting a worker would use DATABASE_URL.",
        ),
        (
            "Der Login des Workers ist nicht geprüft: LEARNING_DATABASE_URL ist hier nicht gesetzt.",
            "doctor dort ausführen, wo der Worker läuft; ohne diese Einstellung nähme ein Worker DATABASE_URL.",
        ),
    ),
    "demo_beyond_loopback": (
        (
            "The demo listens beyond loopback; its sign-in stays closed there.",
            "Leave WEB_HOST at 127.0.0.1, or set WEB_LOCAL_GATEWAYS in a container.",
        ),
        (
            "Die Demo lauscht über diesen Rechner hinaus; ihre Anmeldung bleibt dort zu.",
            "WEB_HOST bei 127.0.0.1 lassen, im Container WEB_LOCAL_GATEWAYS setzen.",
        ),
    ),
    "nothing_leaves": (
        ("Nothing of the pupils leaves this machine.", ""),
        ("Nichts von den Kindern verlässt diesen Rechner.", ""),
    ),
    "texts_leave": (
        ("Pupils' texts and pages go to the model server {server}, and nowhere else.", ""),
        ("Texte und Seiten der Kinder gehen an den Modellserver {server}, sonst nirgendwohin.", ""),
    ),
    "files_leave": (
        ("Pupils' files are kept by {server}.", ""),
        ("Dateien der Kinder liegen bei {server}.", ""),
    ),
    "database_embedded": (
        ("No DSN is set: the program starts a private database.", ""),
        ("Kein DSN ist gesetzt: Das Programm startet eine eigene Datenbank.", ""),
    ),
    "database_ok": (
        ("{use}: PostgreSQL {version}, login {login}, {functions} functions callable.", ""),
        ("{use}: PostgreSQL {version}, Login {login}, {functions} Funktionen aufrufbar.", ""),
    ),
    "database_not_named": (
        (
            "LEARNING_DATABASE_URL and DATABASE_URL are not set.",
            "Set the DSNs of docs/how-to/operate.md, or LEARNING_SECRETS_DIR; or GUSTAV_ENV=demo to look around.",
        ),
        (
            "LEARNING_DATABASE_URL und DATABASE_URL sind nicht gesetzt.",
            "Die DSNs aus docs/how-to/operate.de.md oder LEARNING_SECRETS_DIR setzen; zum Ansehen GUSTAV_ENV=demo.",
        ),
    ),
    "database_unreachable": (
        (
            "{use}: no connection.",
            "Does PostgreSQL run? Does the DSN name its host, port, database, login and password? Try it with psql.",
        ),
        (
            "{use}: keine Verbindung.",
            "Läuft PostgreSQL? Nennt der DSN Host, Port, Datenbank, Login und Passwort richtig? Mit psql probieren.",
        ),
    ),
    "database_old": (
        ("{use}: PostgreSQL {version} is too old.", "Use PostgreSQL 15 or newer."),
        ("{use}: PostgreSQL {version} ist zu alt.", "PostgreSQL 15 oder neuer verwenden."),
    ),
    "login_unsafe": (
        (
            "{use}: the login {login} may see every row or make roles.",
            "Use a login of its own: docs/how-to/operate.md, Credentials.",
        ),
        (
            "{use}: Der Login {login} sieht jede Zeile oder kann Rollen anlegen.",
            "Einen eigenen Login verwenden: docs/how-to/operate.de.md, Zugänge.",
        ),
    ),
    "login_member_of_worker": (
        (
            "{use}: the login {login} is a member of gustav_worker and sees no rows.",
            "revoke gustav_worker from {login};",
        ),
        (
            "{use}: Der Login {login} ist Mitglied von gustav_worker und sieht keine Zeilen.",
            "revoke gustav_worker from {login};",
        ),
    ),
    "login_outside_group": (
        (
            "{use}: the login {login} does not inherit {group}.",
            "grant {group} to {login}; alter role {login} inherit;",
        ),
        (
            "{use}: Der Login {login} erbt {group} nicht.",
            "grant {group} to {login}; alter role {login} inherit;",
        ),
    ),
    "functions_missing": (
        (
            "{use}: not there or not callable: {names}.",
            "Run `learning-worker migrate`; is this the login that is meant for {use}?",
        ),
        (
            "{use}: fehlt oder ist nicht aufrufbar: {names}.",
            "`learning-worker migrate` ausführen; ist dieser Login für {use} gedacht?",
        ),
    ),
    "clock_skewed": (
        (
            "{use}: the database's clock and this machine's differ by {seconds} s.",
            "Let both follow a time server (timedatectl set-ntp true).",
        ),
        (
            "{use}: Die Uhren von Datenbank und Rechner weichen um {seconds} s ab.",
            "Beide einem Zeitserver folgen lassen (timedatectl set-ntp true).",
        ),
    ),
    "migrations_ok": (
        ("All {count} migrations are applied.", ""),
        ("Alle {count} Migrationen sind angewandt.", ""),
    ),
    "migrations_pending": (
        (
            "{count} migrations wait, the first is {first}.",
            "Run `learning-worker migrate`, then restart worker and web.",
        ),
        (
            "{count} Migrationen stehen aus, die erste ist {first}.",
            "`learning-worker migrate` ausführen, dann Worker und Web neu starten.",
        ),
    ),
    "migrations_refused": (
        ("{problem}", "Mend that first; nothing was changed."),
        ("{problem}", "Zuerst beheben; es wurde nichts geändert."),
    ),
    "migrations_unknown": (
        (
            "Not looked at: MIGRATION_DATABASE_URL is not set here.",
            "Run doctor where `learning-worker migrate` runs.",
        ),
        (
            "Nicht geprüft: MIGRATION_DATABASE_URL ist hier nicht gesetzt.",
            "doctor dort ausführen, wo auch `learning-worker migrate` läuft.",
        ),
    ),
    "storage_ok": (
        ("Files can be kept; {free_mib} MiB are free.", ""),
        ("Dateien können abgelegt werden; {free_mib} MiB sind frei.", ""),
    ),
    "storage_unknown": (
        (
            "Not looked at: LEARNING_DATA_DIR is not there yet, and root would make it for itself.",
            "Start the services first, then run doctor again.",
        ),
        (
            "Nicht geprüft: LEARNING_DATA_DIR gibt es noch nicht, und root würde es für sich anlegen.",
            "Zuerst die Dienste starten, dann doctor noch einmal ausführen.",
        ),
    ),
    "storage_not_writable": (
        (
            "The directory of LEARNING_DATA_DIR cannot be written.",
            "Give it to the user of the service, mount it writable, or name another one.",
        ),
        (
            "Das Verzeichnis LEARNING_DATA_DIR ist nicht beschreibbar.",
            "Es dem Benutzer des Dienstes geben, schreibbar einhängen oder ein anderes nennen.",
        ),
    ),
    "storage_full": (
        ("The disk of LEARNING_DATA_DIR is full.", "Make room; what pupils hand in is refused until then."),
        (
            "Die Platte von LEARNING_DATA_DIR ist voll.",
            "Platz schaffen; bis dahin werden Abgaben abgewiesen.",
        ),
    ),
    "storage_unavailable": (
        (
            "The directory of LEARNING_DATA_DIR cannot be used.",
            "Is there a file in its place, or a disk that fails? Look at the system's log.",
        ),
        (
            "Das Verzeichnis LEARNING_DATA_DIR ist nicht zu gebrauchen.",
            "Liegt eine Datei an seiner Stelle, ist die Platte defekt? Ins Protokoll des Systems sehen.",
        ),
    ),
    "bucket_ok": (
        ("The bucket answers: a file was written, read and deleted.", ""),
        ("Der Bucket antwortet: Eine Datei wurde geschrieben, gelesen und gelöscht.", ""),
    ),
    "bucket_full": (
        ("The bucket's server is full.", "Make room there; what pupils hand in is refused until then."),
        ("Der Server des Buckets ist voll.", "Dort Platz schaffen; bis dahin werden Abgaben abgewiesen."),
    ),
    "bucket_not_writable": (
        (
            "The bucket's server refuses the key.",
            "Compare STORAGE_ACCESS_KEY_ID, STORAGE_SECRET_ACCESS_KEY and STORAGE_REGION; "
            "the key must read, write, list and delete.",
        ),
        (
            "Der Server des Buckets lehnt den Schlüssel ab.",
            "STORAGE_ACCESS_KEY_ID, STORAGE_SECRET_ACCESS_KEY und STORAGE_REGION vergleichen; der Schlüssel muss lesen, "
            "schreiben, auflisten und löschen dürfen.",
        ),
    ),
    "bucket_unavailable": (
        (
            "The bucket cannot be reached, or there is none of this name.",
            "Is the server of STORAGE_ENDPOINT up, its certificate known here, and STORAGE_BUCKET made?",
        ),
        (
            "Der Bucket ist nicht erreichbar, oder es gibt keinen mit diesem Namen.",
            "Läuft der Server von STORAGE_ENDPOINT, ist sein Zertifikat hier bekannt, ist STORAGE_BUCKET angelegt?",
        ),
    ),
    "storage_low": (
        ("Only {free_mib} MiB are free for files.", "Make room, or move LEARNING_DATA_DIR to a larger disk."),
        (
            "Nur {free_mib} MiB sind für Dateien frei.",
            "Platz schaffen oder LEARNING_DATA_DIR auf eine größere Platte legen.",
        ),
    ),
    **AI_TEXTS,
    "port_free": (("{name} {port} is free.", ""), ("{name} {port} ist frei.", "")),
    "port_ours": (
        ("{name} {port} is in use by this program.", ""),
        ("{name} {port} wird von diesem Programm benutzt.", ""),
    ),
    "port_taken": (
        (
            "{name} {port} is in use by another program.",
            "Stop that one (ss -ltnp names it), or set another {name}.",
        ),
        (
            "{name} {port} wird von einem anderen Programm benutzt.",
            "Dieses beenden (ss -ltnp nennt es) oder {name} ändern.",
        ),
    ),
}
SUMMARY: Final = {
    "ok": ("Everything that was looked at is well.", "Alles Geprüfte ist in Ordnung."),
    "warning": ("It runs; something could be better.", "Es läuft; etwas könnte besser sein."),
    "failed": ("Something must be mended.", "Etwas muss behoben werden."),
}
CURE: Final = ("do", "tun")
