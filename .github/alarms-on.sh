#!/usr/bin/env bash
# Prints the names of a stage's alarms that are on, sorted, one a line.
set -euo pipefail
stage=${1:?Say which stage}
aws cloudwatch describe-alarms --alarm-name-prefix "event-destinations-$stage-" --state-value ALARM \
  --query 'MetricAlarms[].AlarmName' --output text | tr '\t' '\n' | sort
