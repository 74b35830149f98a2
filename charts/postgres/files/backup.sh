# Writes a backup beside, names it when it is whole, and removes the oldest.
set -eu
file=/backups/$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.part"' EXIT
pg_dump --format=custom --file="$file.part"
mv "$file.part" "$file"
ls -l "$file"
ls /backups/*.dump | sort -r | tail -n "+$((KEEP + 1))" | xargs -r rm -v --
