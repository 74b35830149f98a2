# Puts the backup into the bucket, then removes the oldest there.
set -eu
aws s3 cp --no-progress /backups/*.dump "$STORE/"
aws s3 ls "$STORE/" | while read -r _ _ _ name; do
    case $name in *.dump) echo "$name" ;; esac
done | sort -r | tail -n "+$((KEEP + 1))" | while read -r name; do
    aws s3 rm "$STORE/$name"
done
