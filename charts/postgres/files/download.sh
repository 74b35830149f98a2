# Fetches a backup from the bucket: the one that BACKUP names, else the newest.
set -eu
listed=$(aws s3 ls "$STORE/")
newest=$(echo "$listed" | while read -r _ _ _ name; do
    case $name in *.dump) echo "$name" ;; esac
done | sort | tail -n 1)
name=${BACKUP:-$newest}
aws s3 cp --no-progress "$STORE/${name:?there is no backup in $STORE}" /backups/
