#!/bin/sh
# Make every password once, at random, and write the connection strings that carry them. What is there already stays.
#   sh deploy/first-secrets.sh DIR
# One directory per reader, so that each process is given its own and nothing else:
#   DIR/db        passwords of the superuser and of the migrator, for PostgreSQL's first start
#   DIR/worker    learning_database_url
#   DIR/web       database_url, session_database_url
#   DIR/operator  operator_database_url
#   DIR/migrate   migration_database_url, and a copy of all the others: this step lets the logins in
# DB_HOST, DB_PORT and DB_NAME say where the database is (default db, 5432, learning).
set -eu
umask 077
directory=${1:?the directory for the secrets}
server="${DB_HOST:-db}:${DB_PORT:-5432}/${DB_NAME:-learning}"

# 32 random bytes in hexadecimal: nothing in it needs escaping in a URL.
password() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# keep FILE TEXT MODE: writes the file unless it is there; complete or not at all.
keep() {
    [ -s "$1" ] || {
        printf '%s' "$2" >"$1.new"
        chmod "$3" "$1.new"
        mv "$1.new" "$1"
    }
}

for reader in db worker web operator migrate; do mkdir -p "$directory/$reader"; done
# PostgreSQL runs as another user; nobody else is given this directory.
chmod 755 "$directory/db"
keep "$directory/db/postgres_password" "$(password)" 444
keep "$directory/db/migrator_password" "$(password)" 444

all="$directory/migrate"
keep "$all/migration_database_url" "postgresql://gustav_migrator:$(cat "$directory/db/migrator_password")@$server" 400
keep "$all/learning_database_url" "postgresql://gustav_worker:$(password)@$server" 400
keep "$all/database_url" "postgresql://gustav_web:$(password)@$server" 400
keep "$all/session_database_url" "postgresql://gustav_session_login:$(password)@$server" 400
keep "$all/operator_database_url" "postgresql://gustav_operator_login:$(password)@$server" 400
keep "$directory/worker/learning_database_url" "$(cat "$all/learning_database_url")" 400
keep "$directory/web/database_url" "$(cat "$all/database_url")" 400
keep "$directory/web/session_database_url" "$(cat "$all/session_database_url")" 400
keep "$directory/operator/operator_database_url" "$(cat "$all/operator_database_url")" 400
echo "secrets: complete"
