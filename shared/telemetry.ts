import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type Count, type Duration, type Gauge, NAMESPACE } from './metrics.ts';

/** One line of JSON each; no payloads, no secrets. The service's name comes from POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** Powertools' one dimension, `service`, is the stage: what two functions count is one metric. */
const metrics = new Metrics({ namespace: NAMESPACE, serviceName: process.env.METRICS_SERVICE ?? 'event-destinations' });

type Counts = Readonly<Partial<Record<Count, number>>>;
type Durations = Readonly<Partial<Record<Duration, readonly number[]>>>;

/** Counts of what happened to events in this invocation, and how long it took, in one line (EMF). */
export function publishCounts(counts: Counts, durations: Durations = {}): void {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  for (const [name, count] of present) metrics.addMetric(name, MetricUnit.Count, count);
  for (const [name, values] of Object.entries(durations))
    for (const value of values) metrics.addMetric(name, MetricUnit.Milliseconds, value);
  publish();
}

/** What is said also when it is nothing, because an alarm waits for it, or because it is a state. */
export function publishAlways(values: Readonly<Partial<Record<Count | Gauge, number>>>): void {
  for (const [name, value] of Object.entries(values)) metrics.addMetric(name, MetricUnit.Count, value);
  publish();
}

/** Powertools warns of an empty line. */
function publish(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
