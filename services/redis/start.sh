#!/bin/sh
# What depends on the environment comes by standard input, so that no list of processes shows the password.
set -eu
: "${REDIS_PASSWORD:?has to be set: nobody may use a Redis without a password}"
exec redis-server ./redis.conf - <<CONFIGURATION
requirepass $REDIS_PASSWORD
bind ${HOST:-* -::*}
port ${PORT:-6379}
dir ${RAILWAY_VOLUME_MOUNT_PATH:-/data}
CONFIGURATION
