#!/bin/sh
# Installs the programs that the tests drive and that are missing here. Says and does nothing where all are
# there; runs again without harm.
set -eu

# A program that shows whether a Debian package is installed, and the package.
wanted='curl:curl telnet:telnet tmux:tmux expect:expect openssl:openssl ps:procps setpriv:util-linux promtool:prometheus chromium:chromium systemd-analyze:systemd'

missing=''
for pair in $wanted; do
  command -v "${pair%%:*}" > /dev/null || missing="$missing ${pair#*:}"
done
# There are several programs called nc; the tests use the options of OpenBSD's.
nc -h 2>&1 | grep -q OpenBSD || missing="$missing netcat-openbsd"
[ -n "$missing" ] || exit 0

fail() {
  echo "setup: $1" >&2
  echo "setup: the tests need these packages:$missing" >&2
  exit 1
}

command -v apt-get > /dev/null || fail 'there is no apt-get here; install them another way.'
as_root=''
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || fail 'installing takes root, and there is no sudo; run as root: apt-get install'
  as_root='sudo'
fi

echo "setup: installing$missing"
install() {
  # shellcheck disable=SC2086 # one word a package
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}
# The package lists are fetched only where those at hand will not do.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install > "$log" 2>&1 && exit 0
$as_root apt-get update -qq > "$log" 2>&1 && install > "$log" 2>&1 && exit 0
cat "$log" >&2
fail 'apt-get could not install them (its output is above).'
