#!/bin/sh
# Builds a Debian package from dist/parley, which has all of it inside: dist/parley_VERSION_ARCH.deb.
#   npm run build && systemd/deb.sh
# Takes dpkg-deb, and nothing that only root may do.
set -eu
umask 022
cd "$(dirname "$0")/.."

program=${1:-dist/parley}
[ -x "$program" ] || {
  echo "deb.sh: there is no $program. First: npm run build" >&2
  exit 1
}
version=$("$program" version | cut -d ' ' -f 2)
arch=$(dpkg --print-architecture)
# As Debian's own tools are told who packages.
maintainer="${DEBFULLNAME:-parley contributors} <${DEBEMAIL:-parley@localhost}>"
# The newest symbols that the program asks of the C library.
libc=$(grep -aoE 'GLIBC_2\.[0-9]+' "$program" | sort -uV | tail -n 1 | sed 's/^GLIBC_//')
# A version may say that it comes before another: 1.0.0-rc.1 is 1.0.0~rc.1.
debian=$(printf '%s' "$version" | sed 's/-/~/')-1

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
"$program" install --root "$stage" --prefix /usr > /dev/null
# dpkg keeps a list of its own.
rm -r "$stage/usr/share/parley"

doc=$stage/usr/share/doc/parley
{
  echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
  echo 'Upstream-Name: parley'
  echo
  echo 'Files: *'
  echo "Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE)"
  echo 'License: MIT'
  # The text of the licence after its title and its copyright line, as deb822 has paragraphs.
  sed '1,/^Copyright/d' LICENSE | sed -e 1d -e 's/^$/./' -e 's/^/ /'
} > "$doc/copyright"
# The time of the last change, so that the same source makes the same package.
time=${SOURCE_DATE_EPOCH:-$(stat -c %Y package.json)}
{
  echo "parley ($debian) unstable; urgency=medium"
  echo
  echo '  * See the history of the repository.'
  echo
  echo " -- $maintainer  $(LC_ALL=C date -u -R -d "@$time")"
} | gzip -9n > "$doc/changelog.Debian.gz"
gzip -9n "$stage/usr/share/man/man1/parley.1"
mkdir -p "$stage/usr/share/lintian/overrides"
cat > "$stage/usr/share/lintian/overrides/parley" << 'END'
# The program is Bun with parley behind it: stripped, it would lose parley.
parley: unstripped-binary-or-object [usr/bin/parley]
parley: embedded-library * [usr/bin/parley]
parley: hardening-no-pie [usr/bin/parley]
parley: hardening-no-relro [usr/bin/parley]
END

mkdir "$stage/DEBIAN"
cat > "$stage/DEBIAN/control" << END
Package: parley
Version: $debian
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$stage" | cut -f 1)
Depends: libc6 (>= $libc)
Pre-Depends: init-system-helpers (>= 1.54~)
Suggests: netcat-openbsd
Section: net
Priority: optional
Description: chat daemon in one file
 Whoever can reach its port can talk, with nc, telnet, a script or a browser,
 in rooms that remember what was said. No runtime and no database server.
END
echo /etc/parley/parley.toml > "$stage/DEBIAN/conffiles"
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$stage/DEBIAN/md5sums"

cat > "$stage/DEBIAN/postinst" << 'END'
#!/bin/sh
set -e

# Whether the program that runs is the one that was replaced.
is_old() {
  case "$(readlink "/proc/$(systemctl show -P MainPID parley.service)/exe")" in
    *'(deleted)') return 0 ;;
    *) return 1 ;;
  esac
}

# A reload has the new program go on with the connections there are; where it cannot, a restart.
change_over() {
  systemctl --system reload parley.service > /dev/null || true
  tries=0
  while is_old && [ "$tries" -lt 20 ]; do
    sleep 0.5
    tries=$((tries + 1))
  done
  if is_old; then deb-systemd-invoke restart parley.service > /dev/null || true; fi
}

if [ "$1" = configure ] || [ "$1" = abort-upgrade ] || [ "$1" = abort-deconfigure ] || [ "$1" = abort-remove ]; then
  deb-systemd-helper unmask parley.service > /dev/null || true
  if deb-systemd-helper --quiet was-enabled parley.service; then
    deb-systemd-helper enable parley.service > /dev/null || true
  else
    deb-systemd-helper update-state parley.service > /dev/null || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload > /dev/null || true
    if [ -n "$2" ] && systemctl --quiet is-active parley.service; then
      change_over
    else
      deb-systemd-invoke start parley.service > /dev/null || true
    fi
  fi
fi
END
cat > "$stage/DEBIAN/prerm" << 'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then
  deb-systemd-invoke stop parley.socket parley-tls.socket parley.service > /dev/null || true
fi
END
cat > "$stage/DEBIAN/postrm" << 'END'
#!/bin/sh
set -e
if [ "$1" = remove ]; then
  if [ -d /run/systemd/system ]; then systemctl --system daemon-reload > /dev/null || true; fi
  if [ -d /var/lib/parley ] || [ -d /var/lib/private/parley ]; then
    echo 'parley: what was said stays in /var/lib/parley' >&2
  fi
fi
if [ "$1" = purge ] && command -v deb-systemd-helper > /dev/null; then
  deb-systemd-helper purge parley.service > /dev/null || true
  deb-systemd-helper unmask parley.service > /dev/null || true
fi
END
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/prerm" "$stage/DEBIAN/postrm"

package=$(dirname "$program")/parley_${debian}_$arch.deb
dpkg-deb --root-owner-group --build "$stage" "$package" > /dev/null
echo "$package"
