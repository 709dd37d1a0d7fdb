#!/bin/sh
# Install what only the system tests need: a browser, strace, a false clock, a linter for shell scripts, and Debian's PostgreSQL with
# plpgsql_check and npm, to hold our migrations against the Supabase CLI on a server that is not ours.
set -eu
missing=""
for program in chromium curl strace shellcheck npm; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"
[ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
[ -e /usr/lib/postgresql/15/lib/plpgsql_check.so ] || missing="$missing postgresql-15-plpgsql-check"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "test-system: please install:$missing (on Debian, as root: apt-get install$missing)" >&2
    exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
