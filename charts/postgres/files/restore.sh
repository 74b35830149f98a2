# Puts a backup in the place of what the database has, whole or not at all: the one that
# BACKUP names, else the newest.
set -eu
file=${BACKUP:+/backups/$BACKUP}
: "${file:=$(ls /backups/*.dump | sort | tail -n 1)}"
echo "restoring $file"
pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error \
    --dbname="$PGDATABASE" "$file"
echo "restored $file"
