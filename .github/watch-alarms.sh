#!/usr/bin/env bash
# Watches a stage's alarms for twenty minutes, as most need three periods of five, and fails with those that are on and are
# not in the file of those that were on before. A call that fails says nothing of the alarms: it is made again until it is
# answered, or the job's time is up.
set -euo pipefail
stage=${1:?Say which stage}
before=${2:?Say in which file the alarms are that were on before}
alarms_on="$(dirname "$0")/alarms-on.sh"
now=$(mktemp)
for minute in $(seq 20); do
  sleep 60
  until "$alarms_on" "$stage" > "$now"; do
    echo "::warning::The alarms could not be read in minute $minute"
    sleep 60
  done
  new=$(comm -13 "$before" "$now" | tr '\n' ' ')
  if [ -n "$new" ]; then
    echo "::error::On since the deployment, in minute $minute: $new"
    exit 1
  fi
done
