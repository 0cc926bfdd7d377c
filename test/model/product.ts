/**
 * The product, loaded once the borders are taken away: the functions that are run, and of its pure functions those by
 * which the properties say what a record means.
 */
export const REGION = 'us-east-1';

Object.assign(process.env, {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'model',
  AWS_SECRET_ACCESS_KEY: 'model',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  REGISTRY_TABLE: 'registry',
  LEDGER_TABLE: 'ledger',
  PARTNER_NAME: 'aws.partner/example.com',
  SERVICE_ACCOUNT_ID: '000000000000',
  DESTINATION_REGIONS: REGION,
  EVENTBRIDGE_DELIVERY: 'partner',
  OBJECT_INDEX: 'off',
  MAX_EVENT_BYTES: '262144',
  RETENTION_DAYS: '30',
  EVENTS_QUEUE_URL: 'events',
  DELIVERIES_EVENTBRIDGE_QUEUE_URL: 'deliveries',
  RELEASES_QUEUE_URL: 'releases',
  SOURCE_CHECKS_QUEUE_URL: 'source-checks',
  RETRY_STATE_MACHINE_ARN: 'retry',
});

export async function loadProduct() {
  const [
    deliver,
    dispatch,
    release,
    track,
    accounts,
    changes,
    createRequest,
    lifecycle,
    stores,
    deliveries,
    admissions,
    standings,
    health,
    message,
    deliveryStores,
    operatorSwitch,
    resendSteps,
    resendStores,
    ids,
    held,
  ] = await Promise.all([
    import('../../functions/deliver-eventbridge/handler.ts'),
    import('../../functions/dispatch/handler.ts'),
    import('../../functions/release/handler.ts'),
    import('../../functions/track-sources/handler.ts'),
    import('../../shared/accounts/account.ts'),
    import('../../shared/destinations/changes.ts'),
    import('../../shared/destinations/create-request.ts'),
    import('../../shared/destinations/lifecycle.ts'),
    import('../../shared/destinations/store.ts'),
    import('../../shared/deliveries/delivery.ts'),
    import('../../shared/deliveries/admission.ts'),
    import('../../shared/destinations/destination.ts'),
    import('../../shared/health/store.ts'),
    import('../../shared/deliveries/message.ts'),
    import('../../shared/deliveries/store.ts'),
    import('../../shared/health/operator-switch.ts'),
    import('../../shared/resends/steps.ts'),
    import('../../shared/resends/store.ts'),
    import('../../shared/ids.ts'),
    import('../../shared/deliveries/held.ts'),
  ]);
  return {
    deliver: deliver.handler,
    dispatch: dispatch.handler,
    release: release.handler,
    track: track.handler,
    ...accounts,
    ...changes,
    ...createRequest,
    ...lifecycle,
    ...stores,
    ...deliveries,
    ...admissions,
    ...standings,
    ...health,
    ...message,
    ...deliveryStores,
    ...operatorSwitch,
    ...resendSteps,
    ...resendStores,
    ...ids,
    heldFromItem: held.fromItem,
  };
}

export type Product = Awaited<ReturnType<typeof loadProduct>>;

/** Of a message by its place in its batch. */
export const messageIdOf = (index: number): string => `message-${index}`;
export const receiptOf = (index: number): string => `receipt-${index}`;

/** An SQS record as the functions look into it. */
export const record = (body: string, receives: number, index = 0) => ({
  messageId: messageIdOf(index),
  receiptHandle: receiptOf(index),
  body,
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(Date.now()),
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: REGION,
});
