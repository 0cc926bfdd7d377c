import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** One line of JSON each; no payloads, no secrets. The service's name comes from POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

const metrics = new Metrics({ namespace: 'EventDestinations' });

/** What the reconciliation found: said also when it is nothing, because an alarm waits for it. */
export function publishFindings(findings: number): void {
  metrics.addMetric('reconciliation_findings', MetricUnit.Count, findings);
  metrics.publishStoredMetrics();
}

/**
 * Counts of what happened to events in this invocation, in one line (EMF). No dimension by destination, account or event:
 * each combination would be a metric that is paid for.
 */
export function publishCounts(counts: Readonly<Record<string, number>>): void {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  for (const [name, count] of present) metrics.addMetric(name, MetricUnit.Count, count);
  if (present.length > 0) metrics.publishStoredMetrics();
}
