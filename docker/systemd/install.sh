#!/bin/sh
# Installs Capstan as a service of systemd on this machine, from a checkout in which `npm ci` and `npm run build` have run; again for a
# newer version. Configuration and data are never overwritten.
set -eu

usage() {
  cat <<'TEXT'
usage: install.sh [--root <folder>] [--dry-run]
       install.sh --uninstall [--purge] [--root <folder>] [--dry-run]

  --root <folder>  install into the file system below this folder, such as an image's; nothing is started
  --dry-run        only say what would be done
  --uninstall      stop it and remove the program; configuration and data stay
  --purge          with --uninstall: remove configuration, data and the user as well
TEXT
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
root=
dry=
action=install
purge=
while [ $# -gt 0 ]; do
  case $1 in
    --root)
      [ $# -gt 1 ] || { usage >&2; exit 2; }
      root=${2%/}
      shift
      ;;
    --dry-run) dry=1 ;;
    --uninstall) action=uninstall ;;
    --purge) purge=1 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install.sh: unknown argument '$1'" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

fail() { echo "install.sh: $*" >&2; exit 1; }
run() {
  if [ -n "$dry" ]; then echo "would run: $*"; else "$@"; fi
}
# What touches the running system: not in a folder that is to become one.
live() { [ -n "$root" ] || run "$@"; }

[ -z "$purge" ] || [ "$action" = uninstall ] || fail "--purge belongs to --uninstall"
[ -n "$dry" ] || [ "$(id -u)" = 0 ] || fail "run it as root, or look at what it does with --dry-run"

program=$root/opt/capstan
unit=$root/etc/systemd/system/capstan.service
users=$root/usr/lib/sysusers.d/capstan.conf
config=$root/etc/capstan
data=$root/var/lib/capstan
cache=$root/var/cache/capstan

find_node() {
  for node in "$checkout/node_modules/.bin/node" node; do
    case $("$node" --version 2>/dev/null) in v2[4-9].*) echo "$node"; return ;; esac
  done
  fail "Node 24 is needed: run 'npm ci' in $checkout, which brings it, or put it on PATH"
}

install_program() {
  [ -d "$checkout/dist/services" ] || fail "$checkout/dist is not there: run 'npm ci' and 'npm run build' in $checkout"
  node=$(find_node)
  # Laid out beside the one that runs, and swapped in one move each: a failed build changes nothing.
  run "$node" "$checkout/tools/build/machine.ts" "$program.new"
  run mkdir -p "$program.new/docs"
  run cp "$checkout/docs/docker.md" "$program.new/docs/"
  run rm -rf "$program.old"
  [ ! -d "$program" ] || run mv "$program" "$program.old"
  run mv "$program.new" "$program"
  run rm -rf "$program.old"
}

install_service() {
  run mkdir -p "${unit%/*}" "${users%/*}" "$config"
  run cp "$here/capstan.service" "$unit"
  run cp "$here/capstan.sysusers" "$users"
  run chmod 0644 "$unit" "$users"
  if [ -n "$root" ]; then run systemd-sysusers --root="$root" capstan.conf; else run systemd-sysusers capstan.conf; fi
  [ -e "$config/config.yaml" ] || run cp "$checkout/config/paper.yaml" "$config/config.yaml"
  # Keys of brokers lie beside it.
  if [ -n "$root" ]; then group=$(sed -n 's/^capstan:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group" 2>/dev/null || true); else group=capstan; fi
  run chown -R "root:${group:-capstan}" "$config"
  run chmod 0750 "$config"
  live systemctl daemon-reload
  live systemctl enable capstan.service
  live systemctl restart capstan.service
}

uninstall() {
  live systemctl disable --now capstan.service
  run rm -rf "$unit" "$users" "$program" "$program.new" "$program.old" "$cache"
  live systemctl daemon-reload
  if [ -z "$purge" ]; then
    echo "Configuration and data are still in $config and $data; --uninstall --purge removes them."
    return
  fi
  run rm -rf "$config" "$data"
  if [ -n "$root" ]; then run userdel --root "$root" capstan; else run userdel capstan; fi
}

if [ "$action" = uninstall ]; then uninstall; exit 0; fi
install_program
install_service
[ -n "$root$dry" ] || echo "Capstan runs. Its configuration is $config/config.yaml, its dashboard http://127.0.0.1:8080, its log: journalctl -u capstan"
