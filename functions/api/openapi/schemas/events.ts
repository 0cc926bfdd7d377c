import { DESTINATION_EVENT_PREFIX } from '../../../../shared/events/about-destination.ts';
import { SeveralSnapshots, SeveralThin, SnapshotContent, ThinContent } from '../../../../shared/events/event.ts';
import { PushedThinEvent, SnapshotEventResponse, ThinEventResponse } from '../../../../shared/events/response.ts';
import { MAX_TYPE_LENGTH, TYPE_PATTERN } from '../../../../shared/events/types.ts';
import { RetryRequest } from '../../../events/retry-event.ts';
import { v1ListOf, v2ListOf } from '../../lists/response.ts';
import type { SchemaDescription } from '../description.ts';
import { COMMON, V2_LIST, when } from './common.ts';

const eventType = { maxLength: MAX_TYPE_LENGTH, pattern: TYPE_PATTERN };

const thinFields = {
  ...COMMON,
  type: 'What happened; begins with `v1.` or `v2.`.',
  created: 'When the event came in.',
  context: 'The account in which it happened, if it is another than the one that reads.',
  related_object: 'What it is about.',
  'related_object.id': 'Its id.',
  'related_object.type': 'Its type.',
  'related_object.url': 'Its path in the platform’s API.',
  reason: 'Why it happened.',
  'reason.type': 'A request caused it.',
  'reason.request': 'The request.',
  'reason.request.id': 'Its Request-Id.',
  'reason.request.idempotency_key': 'Its Idempotency-Key.',
} as const;

const SNAPSHOT_EVENT = 'A thin twin’s: the id of the snapshot event that it was published with.';

const snapshotFields = {
  ...COMMON,
  account: 'The connected account in which it happened, if it is another than the one that reads.',
  context: 'As `account`.',
  api_version: 'The API version that `data` is rendered in.',
  created: 'When the event came in, in unix seconds.',
  data: 'What it is about.',
  'data.object': 'The object as it was when the event happened.',
  'data.previous_attributes': 'What its changed attributes were before; only of `*.updated` events.',
  pending_webhooks: 'How many webhook endpoints have not got it yet.',
  request: 'The API request that caused it.',
  'request.id': 'Its Request-Id; null if there was none.',
  'request.idempotency_key': 'Its Idempotency-Key.',
  type: 'What happened.',
} as const;

export const eventSchemas = {
  ThinEvent: {
    schema: ThinEventResponse,
    description: 'A thin event as it is fetched.',
    fields: {
      ...thinFields,
      snapshot_event: SNAPSHOT_EVENT,
      data: 'What the type says of it.',
      changes: 'How what it is about changed.',
      'changes.before': 'The changed attributes as they were.',
      'changes.after': 'The changed attributes as they are.',
    },
  },
  PushedThinEvent: {
    schema: PushedThinEvent,
    description: 'A thin event as it is delivered: `data` and `changes` are fetched.',
    fields: { ...thinFields, snapshot_event: SNAPSHOT_EVENT },
  },
  ThinEventList: { schema: v2ListOf(ThinEventResponse), description: 'A page of thin events.', fields: V2_LIST },
  SnapshotEvent: {
    schema: SnapshotEventResponse,
    description: 'A snapshot event, as it is fetched and as it is delivered.',
    fields: snapshotFields,
  },
  SnapshotEventList: {
    schema: v1ListOf(SnapshotEventResponse),
    description: 'A page of snapshot events.',
    fields: {
      object: COMMON.object,
      url: 'The path of the list.',
      has_more: 'Whether there is more in this direction.',
      data: 'The events of this page, newest first.',
    },
  },
  PublishThinEvent: {
    schema: ThinContent,
    description: 'A thin event to publish. At most 100 levels deep.',
    fields: {
      type: {
        description: thinFields.type,
        ...eventType,
        allOf: [{ pattern: '^v[12]\\.' }, { not: { pattern: `^${DESTINATION_EVENT_PREFIX.replaceAll('.', '\\.')}` } }],
      },
      related_object: thinFields.related_object,
      'related_object.id': thinFields['related_object.id'],
      'related_object.type': thinFields['related_object.type'],
      'related_object.url': thinFields['related_object.url'],
      data: 'What the type says of it; receivers fetch it.',
      changes: 'How what it is about changed; receivers fetch it.',
      'changes.before': 'The changed attributes as they were.',
      'changes.after': 'The changed attributes as they are.',
      reason: thinFields.reason,
      'reason.type': thinFields['reason.type'],
      'reason.request': thinFields['reason.request'],
      'reason.request.id': thinFields['reason.request.id'],
      'reason.request.idempotency_key': thinFields['reason.request.idempotency_key'],
    },
  },
  PublishSnapshotEvent: {
    schema: SnapshotContent,
    description: 'A snapshot event to publish. At most 100 levels deep.',
    fields: {
      type: { description: snapshotFields.type, ...eventType, not: { pattern: '^v[12]\\.' } },
      data: snapshotFields.data,
      'data.object': snapshotFields['data.object'],
      'data.previous_attributes': snapshotFields['data.previous_attributes'],
      api_version: 'The API version that `data` is written in; the newest without it.',
      request: snapshotFields.request,
      'request.id': snapshotFields['request.id'],
      'request.idempotency_key': snapshotFields['request.idempotency_key'],
      thin_event: 'Whether its thin twin, `v1.<type>`, is to be published with it.',
    },
    also: when('thin_event', true, { properties: { type: { maxLength: MAX_TYPE_LENGTH - 'v1.'.length } } }),
  },
  PublishThinEvents: {
    schema: SeveralThin,
    description: 'Several thin events to publish: all are taken or none.',
    fields: { events: 'One to ten.' },
  },
  PublishSnapshotEvents: {
    schema: SeveralSnapshots,
    description: 'Several snapshot events to publish: all are taken or none.',
    fields: { events: 'One to ten.' },
  },
  RetryEvent: {
    schema: RetryRequest,
    description: 'To which destination the event is sent again.',
    fields: {
      webhook_endpoint: 'The id of the event destination, of whatever type.',
      for_stripecli: 'Sent by Stripe’s CLI; without meaning here.',
      account: 'The connected account in which the event happened.',
    },
    also: { required: ['webhook_endpoint'] },
  },
} as const satisfies Record<string, SchemaDescription>;
