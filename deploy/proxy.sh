#!/bin/sh
# Start the TLS proxy, unless this is a demo: its sign-in asks for no password and belongs on loopback only.
set -eu
# How long browsers insist on a certificate that they know: not at all with one of an authority of our own, since they would
# then let nobody past their warning. 0 also takes back what was said before.
case "${PROXY_TLS:-internal}" in
internal) HSTS_SECONDS=0 ;;
*) HSTS_SECONDS=31536000 ;;
esac
export HSTS_SECONDS
case "${GUSTAV_ENV:-demo}" in
test | stage | prod) exec caddy run --config /etc/caddy/Caddyfile --adapter caddyfile ;;
esac
echo "proxy: refused: with GUSTAV_ENV=demo or dev anybody who reaches the page is let in; set GUSTAV_ENV=prod" >&2
exit 78
