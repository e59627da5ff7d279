# Gives the database that is there already the password of the Secret, which may be another by now. A server that is to be made takes it itself.
set -eu
[ -s "$PGDATA/PG_VERSION" ] || exit 0
chmod 0700 "$PGDATA" # Kubernetes may have opened it to the group.
password=$(sed "s/'/''/g" "$POSTGRES_PASSWORD_FILE")
# No statement is repeated in the log, whatever goes wrong with it.
printf "ALTER ROLE \"%s\" PASSWORD '%s'\n" "$POSTGRES_USER" "$password" |
  postgres --single -D "$PGDATA" -c log_min_error_statement=panic postgres > /dev/null
