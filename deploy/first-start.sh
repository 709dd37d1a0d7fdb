#!/bin/sh
# Bring the database up to date and let the logins in; the demo gets its invented class. Doing it again changes nothing.
# Runs before web and worker, with LEARNING_SECRETS_DIR naming the directory `migrate` of first-secrets.sh.
set -eu
learning-worker migrate
learning-worker logins
if [ "${GUSTAV_ENV:-}" = demo ]; then
    learning-worker fill-demo
fi
