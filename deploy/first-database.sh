#!/bin/sh
# PostgreSQL's first start: the login that migrates, and the database it owns. Everything else is the migrator's work.
# The image postgres:17 runs this once, as the superuser over its Unix socket; it may also be run by hand with psql's
# own variables (PGHOST, PGUSER ...). MIGRATOR_PASSWORD_FILE names the file with the password.
set -eu
: "${MIGRATOR_PASSWORD_FILE:?}"
# The password reaches neither the command line nor, should a statement fail, the server's log.
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
set log_min_error_statement = panic;
set log_statement = 'none';
\set password `cat "$MIGRATOR_PASSWORD_FILE"`
create role gustav_migrator login createrole nosuperuser nocreatedb nobypassrls password :'password';
create database learning owner gustav_migrator;
SQL
