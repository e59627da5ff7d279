# Dumps the database into /backups, sees that the dump can be read, and removes all but the newest BACKUPS_KEPT.
set -eu
umask 077
name="/backups/capstan-$(date -u +%Y%m%dT%H%M%SZ).dump"
trap 'rm -f "$name.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file="$name.part" --dbname="$DATABASE_URL"
pg_restore --list "$name.part" > /dev/null
mv "$name.part" "$name"
echo "wrote $name: $(wc -c < "$name") bytes"
ls -1 /backups/capstan-*.dump | sort -r | tail -n "+$((BACKUPS_KEPT + 1))" | while read -r old; do
  rm -f "$old"
  echo "removed $old"
done
