import { COUNTS, DURATIONS, GAUGES } from '../../shared/metrics.ts';
import { MONTHLY, PRICES } from './prices.ts';
import type { Template } from './templates.ts';

const SECONDS_OF_A_MONTH = 30 * 24 * 3600;
/** A mapping keeps five pollers at each queue, which ask for twenty seconds at a time. */
const POLLERS = 5;
const POLL_SECONDS = 20;
/** One dimension, so that each name is one metric. */
const METRICS = [COUNTS, GAUGES, DURATIONS].flatMap((names) => Object.keys(names)).length;
const TRACKER_ROUNDS = SECONDS_OF_A_MONTH / 60;

/** What is paid in a month in which nothing happens, and what none of the numbers has in it. */
export function monthly(template: Template): string {
  const polls = template.mappings.length * ((POLLERS * SECONDS_OF_A_MONTH) / POLL_SECONDS);
  const requests = PRICES['SQS requests'] + PRICES['SQS fair queues'];
  const lines = [
    [`${template.mappings.length} queues polled while they are empty`, polls * requests],
    [`${template.count('AWS::KMS::Key')} KMS keys`, template.count('AWS::KMS::Key') * MONTHLY.kmsKey],
    [
      `${template.count('AWS::SecretsManager::Secret')} secrets`,
      template.count('AWS::SecretsManager::Secret') * MONTHLY.secret,
    ],
    [
      `${template.count('AWS::CloudWatch::Alarm')} alarms over ${template.alarmMetrics} metrics`,
      template.alarmMetrics * MONTHLY.alarmMetric,
    ],
    [`${METRICS} custom metrics, if all are written`, METRICS * MONTHLY.customMetric],
    [
      `${template.count('AWS::CloudWatch::Dashboard')} dashboards`,
      template.count('AWS::CloudWatch::Dashboard') * MONTHLY.dashboard,
    ],
    [`the tracker's ${TRACKER_ROUNDS} rounds of one Region`, TRACKER_ROUNDS * roundDollars()],
  ] as const;
  const sum = lines.reduce((total, [, dollars]) => total + dollars, 0);
  return [
    'A month, whatever passes through:',
    ...lines.map(([what, dollars]) => `  ${what.padEnd(48)} $${dollars.toFixed(2).padStart(6)}`),
    `  ${'in all'.padEnd(48)} $${sum.toFixed(2).padStart(6)}`,
    '',
    'Not counted: the free tiers, data transfer between Regions, NAT and domain if deployed, traces (one request in a',
    "thousand, and wake-ups), the customer's side, cold starts (one invocation in thousands), recovery of the Registry to any",
    "point, DynamoDB's own KMS requests for the tables' keys, the execution logs of state machine and API, storage of logs,",
    "notifications of alarms, and Logs Insights' queries.",
    'PutPartnerEvents is taken to be free for the partner, as AWS names no price for it.',
  ].join('\n');
}

/** Two invocations of 100 ms at 512 MB, a FIFO message, and two reads. */
const roundDollars = (): number =>
  2 * (PRICES['Lambda requests'] + 0.05 * PRICES['Lambda GB-seconds']) +
  3 * (PRICES['SQS requests'] * 1.25) +
  2 * PRICES['DynamoDB reads'];
