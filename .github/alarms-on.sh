#!/usr/bin/env bash
# Prints the names of a stage's alarms that are on, sorted, one a line. Without `reconciliation-silent`, which is on after the
# first deployment of a stage until its first night.
set -euo pipefail
stage=${1:?Say which stage}
aws cloudwatch describe-alarms --alarm-name-prefix "event-destinations-$stage-" --state-value ALARM \
  --query 'MetricAlarms[].AlarmName' --output text | tr '\t' '\n' | sed '/^$/d; /-reconciliation-silent$/d' | sort
