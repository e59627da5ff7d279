#!/bin/sh
# Unpacks Debian packages into DIR, without what they depend on, from the mirror that this machine's apt already uses. Needs no
# root and leaves the system's apt alone: private state, one suite, packages verified by the archive's key.
# Usage: fetch-debian.sh DIR PACKAGE...  ->  DIR/usr/...
set -eu
mkdir -p "$1"
cd "$1"
shift
DIR=$(pwd)
SUITE=trixie
KEY=/usr/share/keyrings/debian-archive-keyring.gpg
if [ ! -r "$KEY" ] || ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "this machine has no apt with the Debian archive key" >&2
  exit 3
fi
MIRROR=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
  grep -E '/debian/?$' | sort -u | head -n 1)
if [ -z "$MIRROR" ]; then
  echo "apt on this machine knows no Debian mirror (run apt-get update once?)" >&2
  exit 3
fi
mkdir -p apt/state/lists/partial apt/cache/archives/partial
echo "deb [signed-by=$KEY] $MIRROR $SUITE main" >apt/sources.list
cat >apt/apt.conf <<CONF
Dir::State "$DIR/apt/state";
Dir::Cache "$DIR/apt/cache";
Dir::Etc::SourceList "$DIR/apt/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::status "/dev/null";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "$(id -un)";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
CONF
export APT_CONFIG="$DIR/apt/apt.conf"
apt-get -qq update
apt-get -qq download "$@"
for package in ./*.deb; do dpkg -x "$package" .; done
rm -rf apt ./*.deb
