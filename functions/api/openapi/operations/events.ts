import { ThinQuery } from '../../../events/list-events.ts';
import { SnapshotQuery } from '../../lists/v1-query.ts';
import type { OperationDescription } from '../description.ts';
import * as examples from '../examples.ts';
import { parametersOf, V1_CREATED, V1_PAGE, V2_CREATED, V2_PAGE } from '../parameters.ts';

const tag = 'Events';
const RETRIEVE =
  'For 30 days. A young id that is not written yet is a 404 with `Stripe-Should-Retry: true`, which Stripe’s SDKs retry.';
const PUBLISH =
  'Answered with success once the event is in the queue: from then on it is durable. With `{ "events": [...] }` up to ten at once, all or none; the answer is then a list.';
const thinEvent = { schema: 'ThinEvent', description: 'The event.', example: examples.thinEvent } as const;
const snapshotEvent = { schema: 'SnapshotEvent', description: 'The event.', example: examples.snapshotEvent } as const;

export const eventOperations = {
  publishThinEvent: {
    tag,
    summary: 'Publish a thin event',
    description: PUBLISH,
    body: { schema: ['PublishThinEvent', 'PublishThinEvents'], example: examples.publishThinEvent },
    answer: { ...thinEvent, schema: ['ThinEvent', 'ThinEventList'] },
    errors: ['event_too_large'],
  },
  listThinEvents: {
    tag,
    summary: 'List thin events, newest first',
    query: [
      ...V2_PAGE,
      ...parametersOf(ThinQuery, {
        ...V2_CREATED,
        object_id: 'Of events about the object with this id.',
        types: 'Exact types.',
      }),
    ],
    answer: { schema: 'ThinEventList', description: 'A page.', example: examples.v2Page(examples.thinEvent) },
    errors: ['not_found'],
  },
  retrieveThinEvent: {
    tag,
    summary: 'Retrieve a thin event',
    description: RETRIEVE,
    answer: thinEvent,
    errors: [],
  },
  publishSnapshotEvent: {
    tag,
    summary: 'Publish a snapshot event',
    description: PUBLISH,
    body: { schema: ['PublishSnapshotEvent', 'PublishSnapshotEvents'], example: examples.publishSnapshotEvent },
    answer: { ...snapshotEvent, schema: ['SnapshotEvent', 'SnapshotEventList'] },
    errors: ['event_too_large'],
  },
  listSnapshotEvents: {
    tag,
    summary: 'List snapshot events, newest first',
    query: parametersOf(SnapshotQuery, {
      ...V1_PAGE,
      ...V1_CREATED,
      type: 'A type, or a group of them such as `customer.*`.',
      types: 'Exact types; not together with `type`.',
      delivery_success: 'Whether every destination of the account has got the event.',
      object_id: 'Of events about the object with this id.',
    }),
    answer: { schema: 'SnapshotEventList', description: 'A page.', example: examples.v1Page(examples.snapshotEvent) },
    errors: ['resource_missing'],
  },
  retrieveSnapshotEvent: {
    tag,
    summary: 'Retrieve a snapshot event',
    description: RETRIEVE,
    answer: snapshotEvent,
    errors: [],
  },
  retryEvent: {
    tag,
    summary: 'Send an event again to a destination',
    description:
      'A manual attempt, now, to a destination that was subscribed when the event came; as `stripe events resend … --webhook-endpoint=ed_…` asks for it. Its failure changes nothing, its success ends the automatic retries.',
    body: { schema: 'RetryEvent', form: true, example: examples.retry },
    answer: snapshotEvent,
    errors: [],
  },
} as const satisfies Record<string, OperationDescription>;
