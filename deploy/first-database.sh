#!/bin/sh
# PostgreSQL's first start: the login that migrates, and the database it owns. Everything else is the migrator's work.
# The image postgres:17 runs this once, as the superuser over its Unix socket; it may also be run by hand with psql's
# own variables (PGHOST, PGUSER ...). MIGRATOR_PASSWORD_FILE names the file with the password; `-`: standard input, for a
# user who may not open that file. DB_NAME is the database (default learning), as in first-secrets.sh.
# In a subshell: the image may read this file into its own shell, and the server must not inherit the password.
(
    set -eu
    MIGRATOR_PASSWORD=$(cat "${MIGRATOR_PASSWORD_FILE:?}")
    export MIGRATOR_PASSWORD DB_NAME="${DB_NAME:-learning}"
    # The password reaches neither the command line nor, should a statement fail, the server's log.
    psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
set log_min_error_statement = panic;
set log_statement = 'none';
\getenv password MIGRATOR_PASSWORD
\getenv name DB_NAME
create role gustav_migrator login createrole nosuperuser nocreatedb nobypassrls password :'password';
create database :"name" owner gustav_migrator;
-- What an error would repeat of an answer; the same list as in docs/explanation/row-security.md, which says why.
alter database :"name" set log_min_messages = log;
alter database :"name" set log_error_verbosity = terse;
alter database :"name" set log_min_error_statement = panic;
alter database :"name" set log_statement = 'none';
alter database :"name" set log_min_duration_statement = -1;
alter database :"name" set log_parameter_max_length = 0;
alter database :"name" set log_parameter_max_length_on_error = 0;
SQL
)
