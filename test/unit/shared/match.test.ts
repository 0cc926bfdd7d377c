import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../shared/destinations/destination.ts';
import { isSubscribed } from '../../../shared/destinations/match.ts';
import { destinationEventType, relatedDestination } from '../../../shared/events/about-destination.ts';
import type { Event } from '../../../shared/events/event.ts';
import { pingContent } from '../../../shared/events/ping.ts';
import { payloadOf } from '../../../shared/events/types.ts';

const destination = (changes: Partial<Destination> = {}): Destination =>
  ({
    account: 'acct_a',
    livemode: true,
    lifecycle: 'ready',
    status: 'enabled',
    enabled_events: ['customer.created'],
    event_payload: 'snapshot',
    events_from: ['self'],
    created: 100_000,
    ...changes,
  }) as Destination;

const event = (type: string, changes: Partial<Event> = {}): Event =>
  ({
    account: 'acct_a',
    livemode: true,
    created: 200_000,
    payload: payloadOf(type),
    content: { type },
    ...changes,
  }) as Event;

const ping = (id: string, changes: Partial<Event> = {}): Event => {
  const content = pingContent(id, { id: 'req_1', idempotency_key: null });
  return { ...event(content.type), content, ...changes } as Event;
};

const aboutDestination = (id: string): Event => {
  const content = { type: destinationEventType('disabled'), related_object: relatedDestination(id) };
  return { ...event(content.type), payload: 'thin', content } as Event;
};

describe('a destination is subscribed', () => {
  it.each([
    ['to the types that it names', destination(), event('customer.created'), true],
    ['to no other type', destination(), event('customer.updated'), false],
    ['to every type by *', destination({ enabled_events: ['*'] }), event('customer.updated'), true],
    [
      'by * to no type that needs explicit selection',
      destination({ enabled_events: ['*'] }),
      event('issuing_authorization.request'),
      false,
    ],
    [
      'by * to no event of the other payload style',
      destination({ enabled_events: ['*'] }),
      event('v1.customer.created'),
      false,
    ],
    [
      'to thin types when it is thin',
      destination({ event_payload: 'thin', enabled_events: ['v2.a.b'] }),
      event('v2.a.b'),
      true,
    ],
    ['to no event of the other mode', destination(), event('customer.created', { livemode: false }), false],
    ['to no event that is older than itself', destination(), event('customer.created', { created: 99_999 }), false],
    ['to its own account by self alone', destination(), event('customer.created', { account: 'acct_b' }), false],
    [
      'to connected accounts by other_accounts',
      destination({ events_from: ['other_accounts'] }),
      event('customer.created', { account: 'acct_b' }),
      true,
    ],
    [
      'by other_accounts to no event of its own',
      destination({ events_from: ['other_accounts'] }),
      event('customer.created'),
      false,
    ],
    [
      'while it is disabled: the delivery is recorded as skipped',
      destination({ status: 'disabled' }),
      event('customer.created'),
      true,
    ],
    ['to its own ping, whatever it asks for', destination({ id: 'ed_1' }), ping('ed_1'), true],
    ['to no other destination’s ping', destination({ id: 'ed_2' }), ping('ed_1'), false],
    [
      'by * to no other destination’s ping',
      destination({ id: 'ed_2', event_payload: 'thin', enabled_events: ['*'] }),
      ping('ed_1'),
      false,
    ],
    ['to no ping by another account', destination({ id: 'ed_1' }), ping('ed_1', { account: 'acct_b' }), false],
    ['to no ping of the other mode', destination({ id: 'ed_1' }), ping('ed_1', { livemode: false }), false],
    [
      'to what is told of other destinations of its account',
      destination({ id: 'ed_2', event_payload: 'thin', enabled_events: ['*'] }),
      aboutDestination('ed_1'),
      true,
    ],
    [
      'to nothing that is told of itself',
      destination({ id: 'ed_1', event_payload: 'thin', enabled_events: ['*'] }),
      aboutDestination('ed_1'),
      false,
    ],
    ['to nothing while it is being created', destination({ lifecycle: 'creating' }), event('customer.created'), false],
    ['to nothing while it is being deleted', destination({ lifecycle: 'deleting' }), event('customer.created'), false],
  ] as const)('%s', (_name, to, of, expected) => {
    expect(isSubscribed(to, of)).toBe(expected);
  });
});
