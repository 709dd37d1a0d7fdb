#!/bin/sh
# Start the TLS proxy, unless this is a demo: its sign-in asks for no password and belongs on loopback only.
set -eu
case "${GUSTAV_ENV:-demo}" in
test | stage | prod) exec caddy run --config /etc/caddy/Caddyfile --adapter caddyfile ;;
esac
echo "proxy: refused: with GUSTAV_ENV=demo or dev anybody who reaches the page is let in; set GUSTAV_ENV=prod" >&2
exit 78
