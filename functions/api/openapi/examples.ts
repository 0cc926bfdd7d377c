/** One customer's story, told by every example. */
const ED = 'ed_test_01M7YRRT80NJV7GN7EHF0W928N';
const EVT = 'evt_test_01M7YRTNT84CN3DH0KR9SPS3ZN';
const THIN = 'evt_test_01M7YRV1B2C3D4E5F6G7H8J9KM';
const CREATED = '2026-11-21T10:00:00.000Z';

export const eventDestination = {
  id: ED,
  object: 'v2.core.event_destination',
  amazon_eventbridge: {
    aws_account_id: '123456789012',
    aws_event_source_arn: `arn:aws:events:us-east-1::event-source/aws.partner/example.com/${ED}`,
    aws_event_source_status: 'pending',
  },
  created: CREATED,
  description: '',
  enabled_events: ['customer.created', 'invoice.paid'],
  event_payload: 'snapshot',
  events_from: ['@self'],
  livemode: false,
  metadata: { team: 'orders' },
  name: 'Orders',
  snapshot_api_version: null,
  status: 'enabled',
  status_details: null,
  type: 'amazon_eventbridge',
  updated: CREATED,
};

export const eventSource = {
  object: 'v2.core.event_destination.event_source',
  event_destination: ED,
  livemode: false,
  name: `aws.partner/example.com/${ED}`,
  arn: eventDestination.amazon_eventbridge.aws_event_source_arn,
  aws_account_id: '123456789012',
  aws_region: 'us-east-1',
  status: 'active',
  last_known_status: 'active',
  since: '2026-11-21T10:07:00.000Z',
  expires_at: null,
  last_checked: '2026-11-21T10:12:00.000Z',
  last_confirmed_active: '2026-11-21T10:12:00.000Z',
  returning: null,
  history: [
    { status: 'active', at: '2026-11-21T10:07:00.000Z', cause: 'associated' },
    { status: 'pending', at: '2026-11-21T10:00:00.300Z', cause: 'created' },
    { status: 'creating', at: CREATED, cause: 'requested' },
  ],
};

const { amazon_eventbridge, ...common } = eventDestination;
export const webhookEndpoint = {
  ...common,
  type: 'webhook_endpoint',
  webhook_endpoint: { signing_secret: 'whsec_1fj2ue0CIuJ8ZzMZAcvRKbTTcAUVHpgC', url: null },
};
export const rollSigningSecret = { expire_current_in: 3600, include: ['webhook_endpoint.signing_secret'] };

export const createEventDestination = {
  name: 'Orders',
  type: 'amazon_eventbridge',
  event_payload: 'snapshot',
  enabled_events: ['customer.created', 'invoice.paid'],
  amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' },
  metadata: { team: 'orders' },
};

export const snapshotEvent = {
  id: EVT,
  object: 'event',
  api_version: '2025-08-27.basil',
  created: 1_795_255_261,
  data: { object: { id: 'cus_123', object: 'customer' } },
  livemode: false,
  pending_webhooks: 0,
  request: { id: 'req_1', idempotency_key: null },
  type: 'customer.created',
};

export const publishSnapshotEvent = {
  type: 'customer.created',
  data: { object: { id: 'cus_123', object: 'customer' } },
  api_version: '2025-08-27.basil',
  request: { id: 'req_1', idempotency_key: null },
};

export const pushedThinEvent = {
  id: THIN,
  object: 'v2.core.event',
  type: 'v2.orders.order.shipped',
  livemode: false,
  created: CREATED,
  related_object: { id: 'order_1', type: 'order', url: '/v2/orders/order_1' },
};

export const thinEvent = {
  ...pushedThinEvent,
  context: null,
  reason: null,
  snapshot_event: null,
  data: { carrier: 'ups' },
  changes: null,
};

export const publishThinEvent = {
  type: 'v2.orders.order.shipped',
  related_object: { id: 'order_1', type: 'order', url: '/v2/orders/order_1' },
  data: { carrier: 'ups' },
};

export const ping = {
  ...thinEvent,
  type: 'v2.core.event_destination.ping',
  related_object: { id: ED, type: 'v2.core.event_destination', url: `/v2/core/event_destinations/${ED}` },
  reason: { type: 'request', request: { id: 'req_1', idempotency_key: null } },
  data: null,
};

export const delivery = {
  object: 'v2.core.event_delivery',
  event: EVT,
  event_destination: ED,
  event_type: 'customer.created',
  livemode: false,
  status: 'pending',
  reason: null,
  held_by: null,
  next_attempt: '2026-11-21T10:01:31.000Z',
  resendable_until: { api: '2026-12-21T10:01:01.000Z', dashboard: '2026-12-06T10:01:01.000Z' },
  attempts: [
    {
      number: 1,
      manual: false,
      created: '2026-11-21T10:01:01.000Z',
      outcome: 'failed',
      aws_error_code: 'InvalidArgument',
      failure_reason: null,
      http_status: null,
      message: 'The event source is not valid.',
      duration_ms: 12,
    },
  ],
};

const failedEvents = { gte: '2026-11-20T00:00:00.000Z', lt: '2026-11-21T10:00:00.000Z' };

export const createEventResend = { event_destination: ED, event_created: { gte: failedEvents.gte } };
export const eventResend = {
  id: 'resend_test_01M7YRWJ5T2V9C7H3DGQ8XK4NB',
  object: 'v2.core.event_resend',
  created: CREATED,
  event_created: failedEvents,
  event_destination: ED,
  livemode: false,
  progress: { matched: 600, sent: 600, through: '2026-11-20T17:41:03.512Z' },
  status: 'in_progress',
  status_details: null,
  statuses: ['failed', 'canceled', 'skipped'],
  updated: '2026-11-21T10:00:02.000Z',
};

export const v2Page = (item: unknown) => ({ data: [item], next_page_url: null, previous_page_url: null });
export const v1Page = (item: unknown) => ({ object: 'list', url: '/v1/events', has_more: false, data: [item] });
export const deleted = { id: ED, object: 'v2.core.event_destination' };
export const retry = { webhook_endpoint: ED };
export const update = { description: 'What the shop sells', enabled_events: ['*'], metadata: { team: null } };
export const triggerTestEvent = { type: 'customer.created', overrides: { email: 'jenny@example.com' } };
export const testEventType = {
  object: 'v2.test_helpers.event_type',
  type: 'customer.created',
  event_payload: 'snapshot',
};

const SOURCE = `aws.partner/example.com/${ED}`;
export const setup = {
  object: 'v2.core.event_destination.setup',
  event_destination: ED,
  livemode: false,
  delivery: 'partner_event_source',
  event_source_name: SOURCE,
  aws_event_source_status: 'pending',
  steps: [
    {
      id: 'associate_event_source',
      status: 'to_do',
      title: 'Associate the partner event source with an event bus',
      description: 'Until then its events are held.',
      aws_cli: [`aws events create-event-bus --region us-east-1 --name ${SOURCE} --event-source-name ${SOURCE}`],
    },
  ],
  console_url: 'https://us-east-1.console.aws.amazon.com/events/home?region=us-east-1#/partners',
  cdk: "import { App, Stack } from 'aws-cdk-lib';\n…",
  cloudformation: { json: '{ "Resources": … }', yaml: 'Resources: …' },
};
export const confirmation = { object: 'v2.core.event_destination.echo', event_destination: ED };
