#!/bin/bash
# Runs PostgreSQL as a streaming follower of the primary that PGHOST, PGUSER and PGPASSWORD name. Where there is no copy
# of the primary yet, it makes one; a copy broken off is begun anew. Arguments go to the server.
set -e

slot=follower_1

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$PGDATA" "$PGDATA.copy"
  mkdir -p "$(dirname "$PGDATA")"
  # The slot of an earlier copy would make the primary keep its log for nobody.
  psql --dbname postgres --set ON_ERROR_STOP=1 --quiet --command \
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot'"
  pg_basebackup --pgdata "$PGDATA.copy" --checkpoint fast --create-slot --slot "$slot" --write-recovery-conf
  mv "$PGDATA.copy" "$PGDATA"
fi

exec postgres "$@"
