#!/bin/bash
# The postgres image runs this once, when it makes the primary's cluster: Tandem's own role, which is no superuser, its
# database, and a role that may do nothing but replicate.
set -e

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set application="$DATABASE_PASSWORD" --set replication="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE tandem LOGIN PASSWORD :'application';
CREATE DATABASE tandem OWNER tandem;
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication';
SQL

# The image lets everybody in who has a password, but nobody replicate.
echo 'host replication replicator all scram-sha-256' >> "$PGDATA/pg_hba.conf"
