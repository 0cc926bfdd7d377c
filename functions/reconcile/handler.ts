import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../shared/aws/env.ts';
import { ReconciliationMessage } from '../../shared/reconciliation/message.ts';
import { planReconciliation, reconcile } from '../../shared/reconciliation/reconcile.ts';
import { takeStock } from '../../shared/reconciliation/stock.ts';
import { publishAlways } from '../../shared/telemetry.ts';
import { queueHandler } from '../queue-handler.ts';

const parts = queueHandler(env('RECONCILIATIONS_QUEUE_URL'), async (messages) => {
  let findings = 0;
  for (const { body } of messages) findings += await reconcile(ReconciliationMessage.parse(JSON.parse(body)));
  // Nothing found is said, too: an alarm waits for it.
  publishAlways({ reconciliation_findings: findings });
  return [];
});

/** Once a day the schedule has the parts of a round planned; each comes back here as a message. */
export async function handler(event: ScheduledEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if ('Records' in event) return parts(event);
  await planReconciliation();
  publishAlways({ reconciliation_rounds: 1, ...(await takeStock()) });
  return undefined;
}
